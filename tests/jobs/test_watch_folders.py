"""Watched folders: a file is taken when it has stopped growing, once, and put away with what became of it."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from crm360.commerce.models import Order
from crm360.flows import connecting
from crm360.identity.models import Contact
from crm360.imports.models import Run
from crm360.inbox.models import Poll
from crm360.jobs import watch_folders
from crm360.jobs.importing import Importer
from crm360.kernel import clock, dialects

RECEIPTS = "receipt_no;date;name;unit_price;card_no\nP1;02.03.2026;Kawa;12,50;0001234567\nP2;02.03.2026;Herbata;8,00;\n"
LONG = RECEIPTS + "".join(f"{n * n};02.03.2026;Kawa {n * 7919 % 10007};12,50;\n" for n in range(3000))
CUSTOMERS = "Nr karty;Imię;Nazwisko;E-mail\n0001234567;Ewa;Lis;ewa@example.com\n0001234568;Jan;Lis;jan@example.com\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "watched" / "till").mkdir(parents=True)
    return tmp_path / "watched"


@pytest.fixture
def folder(root: Path) -> Path:
    return root / "till"


@pytest.fixture
def watch(app: Any, session: Any, root: Path, tmp_path: Path) -> Callable[..., int]:
    """`watch()`: one look, whatever the clock says."""
    limits = replace(app.config["SETTINGS"], import_root=root, instance_dir=tmp_path)

    def look() -> int:
        past = clock.now() - timedelta(hours=1)
        session.execute(update(Poll).values(due_at=past))
        session.commit()
        dialects.set_may_write(True)
        return watch_folders.run(limits=limits, now=clock.now())

    return look


@pytest.fixture
def connect(session: Any) -> Callable[..., None]:
    def make(**told: str) -> None:
        connecting.connect(
            channel="folder", name="till", told={"path": "till", "kind": "receipts", "pattern": "*", **told},
            defaults={"currency": "PLN", "region": "PL"}, seal=str, now=clock.now(),
        )  # fmt: skip
        session.commit()

    return make


def orders(session: Any) -> int:
    return int(session.scalar(select(func.count()).select_from(Order)))


def state(session: Any) -> Poll:
    session.expire_all()
    return session.scalars(select(Poll)).one()


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_file_is_taken_when_it_has_stopped_growing(session: Any, folder: Path, watch: Any, connect: Any) -> None:
    connect()
    file = folder / "noc.csv"
    file.write_text(RECEIPTS)
    assert watch() == 0
    with file.open("a") as stream:
        stream.write("P3;02.03.2026;Woda;3,00;\n")
    assert watch() == 0, "it grew between the looks"
    assert (orders(session), watch(), orders(session)) == (0, 1, 3)
    assert names(folder) == {"done/noc.csv"}
    assert (watch(), orders(session), state(session).last_error) == (0, 3, "")


def test_the_next_nights_export_of_the_same_name_is_taken_too(
    session: Any, folder: Path, watch: Any, connect: Any
) -> None:
    connect()
    for night in range(3):
        (folder / "noc.csv").write_text(RECEIPTS.replace("P1", f"N{night}"))
        watch()
        watch()
    assert orders(session) == 4
    assert names(folder) == {"done/noc.csv", "done/noc (2).csv", "done/noc (3).csv"}


def test_customers_come_by_an_import_of_their_own_and_the_file_waits_for_its_end(
    session: Any, folder: Path, watch: Any, connect: Any, tmp_path: Path
) -> None:
    connect(kind="contacts")
    (folder / "karty.csv").write_text(CUSTOMERS, encoding="utf-8")
    watch()
    watch()
    assert names(folder) == {"karty.csv"}
    watch()
    assert session.scalar(select(func.count()).select_from(Run)) == 1, "taken once, however often one looks"
    importer = Importer(tmp_path)
    while importer.some():
        pass
    assert watch() == 1
    assert names(folder) == {"done/karty.csv"}
    assert session.scalar(select(func.count()).select_from(Contact)) == 2


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"nothing;of;use\n1;2;3\n", "no column for"),
        ("b.csv", b"   \n\n", "empty"),
        ("c.csv.gz", gzip.compress(LONG.encode())[:-2000], "damaged"),
        ("d.xlsx", b"PK no spreadsheet", "spreadsheet"),
    ],
)
def test_what_cannot_be_imported_goes_to_failed_with_the_reason_beside(
    session: Any, folder: Path, watch: Any, connect: Any, name: str, content: bytes, words: str
) -> None:
    connect()
    (folder / name).write_bytes(content)
    (folder / "gut.csv").write_text(RECEIPTS)
    watch()
    assert watch() == 2
    assert names(folder) >= {f"failed/{name}", f"failed/{name}.reason.txt", "done/gut.csv"}
    assert words in (folder / "failed" / f"{name}.reason.txt").read_text()
    assert orders(session) >= 2


def test_rows_left_out_lie_beside_the_file_that_is_done(folder: Path, watch: Any, connect: Any) -> None:
    connect()
    (folder / "noc.csv").write_text(RECEIPTS + "P9;not a date;Woda;3,00;\n")
    watch()
    watch()
    assert names(folder) == {"done/noc.csv", "done/noc.csv.errors.csv"}
    assert "not a date" in (folder / "done" / "noc.csv.errors.csv").read_text()


def test_what_is_no_export_is_left_alone(folder: Path, root: Path, watch: Any, connect: Any) -> None:
    connect(pattern="*.csv")
    outside = root.parent / "outside.csv"
    outside.write_text(RECEIPTS)
    (folder / "link.csv").symlink_to(outside)
    for name in (".hidden.csv", "noc.csv.part", "noc.csv.filepart", "notes.txt", "noc.csv.errors.csv"):
        (folder / name).write_text(RECEIPTS)
    (folder / "empty.csv").touch()
    before = names(folder)
    assert [watch() for _ in range(3)] == [0, 0, 0]
    assert names(folder) == before


@pytest.mark.parametrize("path", ["..", "../outside", "/etc", ".", "", "till/../..", "missing", "link"])
def test_nothing_outside_the_root_is_watched(session: Any, root: Path, watch: Any, connect: Any, path: str) -> None:
    (root.parent / "outside").mkdir()
    (root / "link").symlink_to(root.parent / "outside")
    connect(path="till")
    from crm360.inbox import operations as inbox

    inbox.set_source_settings(name="till", settings={"path": path})
    watch()
    assert "IMPORT_ROOT" in state(session).last_error or "no folder" in state(session).last_error


def test_a_file_that_cannot_be_moved_is_not_imported_again(
    session: Any, folder: Path, watch: Any, connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect()
    (folder / "noc.csv").write_text(RECEIPTS)
    watch()
    with monkeypatch.context() as broken:
        broken.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(PermissionError("read-only")))
        watch()
    assert state(session).last_error.startswith("PermissionError")
    assert (orders(session), names(folder)) == (2, {"noc.csv"})
    read: list[Any] = []
    monkeypatch.setattr(watch_folders.import_receipts, "receipts", lambda **_: read)
    assert watch() == 1
    assert names(folder) == {"done/noc.csv"}


def test_a_folder_held_by_another_worker_is_left_to_it(session: Any, folder: Path, watch: Any, connect: Any) -> None:
    connect()
    (folder / "noc.csv").write_text(RECEIPTS)
    watch()
    session.execute(update(Poll).values(claimed_until=clock.now() + timedelta(minutes=5)))
    session.commit()
    assert (watch(), orders(session)) == (0, 0)
    assert os.listdir(folder) == ["noc.csv"]

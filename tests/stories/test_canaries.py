"""Two people with canaries in every column, file, payload and queue: a copy holds one's, an erasure leaves none of them."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask
from sqlalchemy import text

from crm360.app import create_app
from crm360.consents import ledger
from crm360.consents.ledger import signer_of as signer
from crm360.flows import erasing
from crm360.jobs import make_packages, work_cases
from crm360.kernel import notes
from crm360.kernel.db import db
from crm360.privacy import handling, packaging
from tests import processes
from tests.stories import planted
from tests.stories.planted import Planted

NOW = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)


@pytest.fixture
def house(instance: processes.Instance) -> Iterator[Flask]:
    """An application of its own database, with nothing rolled back."""
    app = create_app(instance.settings())
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_a_copy_holds_all_of_one_person_and_an_erasure_leaves_nothing(
    house: Flask, instance: processes.Instance
) -> None:
    session, limits = db.session, house.config["SETTINGS"]
    anna, piotr = (planted.plant(session, number, instance.folder, NOW) for number in (1, 2))
    assert len(anna.told) + len(anna.untold) >= 200
    ledger.checkpoint(signer=signer(limits.public_url, limits.ledger_key), now=NOW)
    session.commit()

    files = unpacked(package_of(anna, limits))
    every = b"\n".join(files.values())
    assert [place for place, canary in anna.told.items() if canary.encode() not in every] == []
    assert [place for place, canary in [*piotr.told.items(), *piotr.untold.items()] if canary.encode() in every] == []
    document = json.loads(files["data.json"])
    assert jsonschema_rs.validator_for(json.loads(files["data.schema.json"])).is_valid(document)
    assert files["report.pdf"].startswith(b"%PDF")
    assert document["controller"] == limits.controller_name
    assert {name.split("/")[1] for name in files if name.startswith("receipts/")} == {"iso-27560", "kantara-1.1"}
    signed = json.loads(notes.opened(files["manifest.json.note"].decode(), files["manifest.pub"].decode().strip()))
    digests = {
        name: hashlib.sha256(body).hexdigest() for name, body in files.items() if not name.startswith("manifest.")
    }
    assert {name: each["sha256"] for name, each in signed["files"].items()} == digests

    case = case_of(anna, "erasure")
    erasing.begin(case=case, by="Charlie", now=NOW)
    session.commit()
    assert work_cases.run(limits=limits, now=NOW) == len(erasing.STEPS)
    assert case.status == "done", [(step.name, step.failure) for step in handling.steps_of(case.id)]
    session.commit()
    assert left(anna.secret, house, instance.folder) == []
    assert piotr_is_whole(piotr, house, instance.folder) == []
    assert ledger.faults(verifier=signer(limits.public_url, limits.ledger_key).verifier) == []
    assert case.certificate["erased"]["commerce"]["commerce_order"] == planted.TIMES + 1


def case_of(person: Planted, right: str) -> Any:
    case = handling.open_by_staff(
        right=right, contact_id=person.contact_id, via="letter", received_on=NOW, number=f"{right}{person.number}",
        by="Charlie", country="PL", now=NOW,
    )  # fmt: skip
    handling.verify(case=case, method="code", level=1, by="Charlie", now=NOW)
    return case


def package_of(person: Planted, limits: Any) -> Path:
    case = case_of(person, "access")
    handling.grant(case=case, by="Charlie", now=NOW)
    packaging.ask(case=case, portable_only=False, locale="pl", by="Charlie", now=NOW)
    db.session.commit()
    assert make_packages.run(limits=limits, now=NOW) == 1
    (package,) = handling.packages_of(case.id)
    return make_packages.packages_folder(limits) / package.stored


def unpacked(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def left(canaries: Iterable[str], house: Flask, folder: Path) -> list[str]:
    """Canaries of which a byte search of the database's files, and of every file of the instance, finds something."""
    bodies = list(stored(house, folder))
    return [f"{canary} in {name}" for canary in canaries for name, body in bodies if canary.encode() in body]


def piotr_is_whole(piotr: Planted, house: Flask, folder: Path) -> list[str]:
    every = b"\n".join(body for _, body in stored(house, folder))
    return [place for place, canary in [*piotr.told.items(), *piotr.untold.items()] if canary.encode() not in every]


def stored(house: Flask, folder: Path) -> Iterator[tuple[str, bytes]]:
    for file in folder.rglob("*"):
        if file.is_file():
            yield str(file), file.read_bytes()
    if db.engine.dialect.name == "postgresql":
        db.session.commit()
        db.session.execute(text("CHECKPOINT"))
        paths = "SELECT relname, pg_read_binary_file(pg_relation_filepath(oid)) FROM pg_class WHERE relkind IN ('r', 'i', 't') AND relname !~ '^pg_(?!toast)'"
        for name, body in db.session.execute(text(paths)):
            yield name, bytes(body)
        db.session.rollback()

"""`flask identity dedupe` and `train` on files, without a database."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from crm360.cli.dedupe import dedupe, train

ROWS = [
    ("first_name", "last_name", "email", "phone"),
    ("Anna", "Kowalska", "anna.kowalska@wp.pl", "601 234 567"),
    ("Ania", "Kowalska", "anna.kowalska@wp.pl", "+48601234567"),
    ("Jan", "Nowak", "jan.nowak@o2.pl", "602999888"),
    ("Piotr", "Zieliński", "", "603111222"),
    ("Piotrek", "Zielinski", "", "603111222"),
    *((f"Osoba{letter}", f"Inna{letter * 3}", f"{letter * 3}x{letter}y@example.com", f"60{at}555{at}1{at}") for at, letter in enumerate("bcdfghj", 1)),
]  # fmt: skip


@pytest.fixture
def people(tmp_path: Path) -> Path:
    return table(tmp_path / "people.csv", ROWS)


def table(file: Path, rows: list[tuple[str, ...]]) -> Path:
    with file.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(rows)
    return file


def lines(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def run() -> Callable[..., Result]:
    from click.testing import CliRunner

    def invoke(command: Any, *arguments: object, code: int = 0) -> Result:
        result = CliRunner().invoke(command, [str(one) for one in arguments])
        assert result.exit_code == code, f"{result.output}\n{result.exception!r}"
        return result

    return invoke


def test_every_row_gets_one_profile(run: Callable[..., Result], people: Path, tmp_path: Path) -> None:
    out, pairs = tmp_path / "out.csv", tmp_path / "pairs.csv"
    run(dedupe, people, "--out", out, "--pairs", pairs)
    found = {row["record_id"]: row["profile_id"] for row in lines(out)}
    assert list(found) == [str(at) for at in range(1, len(ROWS))]
    assert found["1"] == found["2"] != found["3"]
    joined = {(row["left_id"], row["right_id"]) for row in lines(pairs) if row["decision"] == "join"}
    assert ("1", "2") in joined
    assert all(0 <= float(row["probability"]) <= 1 for row in lines(pairs))


def test_record_ids_are_kept_and_parquet_is_read(run: Callable[..., Result], tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    columns = {name: [row[at] or None for row in ROWS[1:]] for at, name in enumerate(ROWS[0])}
    columns["record_id"] = [f"r{at}" for at in range(len(ROWS) - 1)]
    parquet.write_table(pyarrow.table(columns), tmp_path / "people.parquet")
    run(dedupe, tmp_path / "people.parquet", "--out", tmp_path / "out.csv")
    assert [row["record_id"] for row in lines(tmp_path / "out.csv")] == columns["record_id"]


def test_a_trained_model_serves_again(run: Callable[..., Result], people: Path, tmp_path: Path) -> None:
    model, one, other = tmp_path / "model.json", tmp_path / "one.csv", tmp_path / "other.csv"
    run(train, people, "--out", model)
    assert json.loads(model.read_text())["about"]["rows"] == len(ROWS) - 1
    run(dedupe, people, "--out", one, "--model", model)
    run(dedupe, people, "--out", other)
    assert one.read_text() == other.read_text()


def test_two_files_are_linked(run: Callable[..., Result], people: Path, tmp_path: Path) -> None:
    other = table(tmp_path / "till.csv", [ROWS[0], ("Ania", "Kowalska", "anna.kowalska@wp.pl", "601234567")])
    run(dedupe, "--link-only", people, other, "--out", tmp_path / "out.csv")
    found = {row["record_id"]: row["profile_id"] for row in lines(tmp_path / "out.csv")}
    assert found["till:1"] == found["people:1"]
    assert len(found) == len(ROWS)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--map", "nothing=email"], "names no column"),
        (["--map", "email=nothing"], "names no field"),
        (["--map", "first_name=record_id", "--map", "last_name="], None),
    ],
)
def test_mapping(
    run: Callable[..., Result], people: Path, tmp_path: Path, arguments: list[str], complaint: str | None
) -> None:
    result = run(dedupe, people, "--out", tmp_path / "out.csv", *arguments, code=1 if complaint else 0)
    assert (complaint or "profiles") in result.output


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "header"),
        ("email\n", "no rows"),
        ("email,email\na@b.pl,c@d.pl\n", "different name"),
        ("email,phone\na@b.pl\n", "Row 2"),
        ("colour\nred\n", "--map"),
        ("record_id,email\n1,a@b.pl\n1,c@d.pl\n", "every row once"),
    ],
)
def test_a_file_that_is_no_table_is_refused(
    run: Callable[..., Result], tmp_path: Path, content: str, complaint: str
) -> None:
    file, out = tmp_path / "bad.csv", tmp_path / "out.csv"
    file.write_text(content)
    assert complaint in run(dedupe, file, "--out", out, code=1).output
    assert not out.exists()

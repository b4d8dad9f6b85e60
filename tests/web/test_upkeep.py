"""The administrator's pages about the installation: jobs and storage."""

from __future__ import annotations

import ast
import errno
from collections.abc import Callable, Iterator
from contextvars import copy_context
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from crm360.accounts import audit
from crm360.doctor.findings import Finding
from crm360.jobs import run_asked
from crm360.jobs.job import perform
from crm360.jobs.schedule import JOBS
from crm360.kernel import clock, heartbeat
from crm360.kernel.db import db
from crm360.upkeep import runs
from crm360.web import finding_words, formats, job_words, storage
from tests.house import sources

Visit = Callable[[str], Any]
HARMLESS = "sign the ledger"


@pytest.fixture(autouse=True)
def place(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An instance folder of this test, with what the worker wrote of two jobs."""
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], instance_dir=tmp_path))
    return tmp_path


def ran(place: Path, name: str, **how: Any) -> None:
    job = next(each for each in JOBS if each.name == name)
    given = {"at": clock.now() - timedelta(minutes=3), "seconds": 0.4} | how
    runs.note(place, name=name, every=job.every, by_hand=job.by_hand, **given)


def test_before_the_worker_ran_the_page_says_how_to_start_it(visit_as: Visit) -> None:
    page = visit_as("admin").page("/admin/jobs")
    assert "The worker was never seen here." in page.text
    assert "Nothing has run yet" in page.text


def test_jobs_with_how_they_went_the_failing_first(visit_as: Visit, place: Path) -> None:
    heartbeat.beat(place, now=clock.now())
    ran(place, HARMLESS, changed=1)
    ran(place, "watch folders", error=OSError(errno.ENOSPC, "No space left on device"))
    client = visit_as("admin")
    page = client.page("/admin/jobs")
    assert "The worker is at work." in page.text
    assert "Watched folders: The disk is full." in page.text
    assert page.text.index("Imports files once") < page.text.index("Signs what was added")
    assert "1 thing done" in page.text
    assert "3 minutes ago" in page.text
    assert "Jobs1" in client.page("/").text, "a failing job is seen on every page"


def test_what_the_worker_does_when_asked(app: Flask, visit_as: Visit, place: Path) -> None:
    ran(place, HARMLESS)
    client = visit_as("admin")
    assert client.submit("/admin/jobs", action="sign-the-ledger").status_code == 303
    assert "asked for" in client.page("/admin/jobs").text
    assert [entry.details for entry in audit.latest_entries() if entry.action == "job.asked"] == [{"job": HARMLESS}]
    before = runs.find(place, HARMLESS)
    asking = next(job for job in JOBS if job.name == "do what is asked")
    assert copy_context().run(perform, asking, limits=app.config["SETTINGS"]) == 1
    after = runs.find(place, HARMLESS)
    assert before is not None
    assert after is not None
    assert after.at > before.at
    assert not run_asked.something_waits()


def test_what_is_not_harmless_is_not_offered_and_not_taken(visit_as: Visit, place: Path) -> None:
    ran(place, "keep retention rules")
    client = visit_as("admin")
    page = client.page("/admin/jobs")
    assert "/runs" not in page.html
    token = {"csrf_token": page.form(action="/sign-out").values["csrf_token"]}
    assert client.post("/admin/jobs/keep-retention-rules/runs", data=token).status_code == 409
    assert client.post("/admin/jobs/nothing/runs", data=token).status_code == 404
    assert runs.asked(place) == []


def test_every_job_has_words() -> None:
    assert {job.name for job in JOBS} - set(job_words.JOBS) == set()
    assert {job.name for job in JOBS if job.by_hand} & {"keep retention rules", "work on cases", "back up"} == set()


def test_room_of_database_files_and_queues(visit_as: Visit, place: Path) -> None:
    (place / "imports").mkdir()
    (place / "imports/list.csv").write_bytes(b"x" * 4200)
    page = visit_as("admin").page("/admin/storage")
    # Which tables are the largest is chance here: PostgreSQL keeps room for what other tests rolled back.
    assert len([name for name in db.metadata.tables if f"<code>{name}</code>" in page.html]) == storage.TABLES
    for words in (
        "files of imports that can still be taken back",
        "Letters due",
        "in quarantine",
        "Disk",
    ):
        assert words in page.text, words
    assert "4.2\N{NO-BREAK SPACE}kB" in page.text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", ["sales", "marketing", "privacy"])
def test_only_administrators_come_in(visit_as: Visit, role: str) -> None:
    client = visit_as(role)
    for address in ("/admin/jobs", "/admin/storage"):
        assert client.get(address).status_code == 403


def found_sentences() -> set[str]:
    """Every sentence the doctor can say, 7 in its holes, as they are written in the code."""
    return {
        sentence
        for module in sources.ours()
        if module.path.startswith("crm360/doctor/")
        for function in sources.functions(module)
        for sentence in said_in(function)
        if sentence
    }


def said_in(function: ast.AST) -> Iterator[str]:
    """What a function gives to Finding; a sentence goes on from what the variable `told` holds."""
    nodes = list(ast.walk(function))
    begun = [each for node in nodes if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "told" for each in written(node.value)]  # fmt: skip
    for call in nodes:
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Finding":
            for each in (each for argument in call.args[1:] for each in written(argument)):
                yield from ([each.replace("TOLD", one, 1) for one in begun] if each.startswith("TOLD") else [each])


def written(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.Name):
        yield "TOLD" if node.id == "told" else ""
    elif isinstance(node, ast.IfExp):
        yield from written(node.body)
        yield from written(node.orelse)
    elif isinstance(node, ast.JoinedStr):
        yield "".join(hole(part) for part in node.values)


def hole(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    counts = getattr(part, "value", None)
    if isinstance(counts, ast.Call) and getattr(counts.func, "id", "") == "counted":
        return f"7 {ast.literal_eval(counts.args[1])}s"
    return "TOLD" if getattr(getattr(part, "value", None), "id", "") == "told" else "7"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_the_doctor_finds_is_read_in_polish(app: Flask) -> None:
    said = {each.replace("set7", "set.") for each in found_sentences()}
    assert len(said) > 40
    with app.test_request_context(), force_locale("pl"):
        untold = [each for each in sorted(said) if finding_words.shown([Finding("ok", each, each)], (each.partition(":")[0],))[0].advice == each]  # fmt: skip
    assert untold == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_sizes_and_spans(app: Flask) -> None:
    with app.test_request_context(), force_locale("en"):
        assert [formats.size(count) for count in (0, 999, 4200, 35_000_000, 1_230_000_000)] == ["0\xa0B", "999\xa0B", "4.2\xa0kB", "35\xa0MB", "1.2\xa0GB"]  # fmt: skip
        assert [formats.took(seconds) for seconds in (0.001, 0.021, 3.44, 130)] == [
            "<\xa00.01\xa0s",
            "0.02\xa0s",
            "3.4\xa0s",
            "2\xa0min",
        ]

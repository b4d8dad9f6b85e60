"""A log says where and of what kind a failure was, and repeats nothing of what it was about."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
import structlog
from flask import Flask
from sqlalchemy.exc import DBAPIError

from crm360.inbox import operations as inbox
from crm360.inbox.models import Source
from crm360.kernel import faults, logs

CANARY = "anna.kowalska@example.com"


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What is logged, down to debug, as JSON."""
    logs.configure("debug", "json")
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    logs.configure("info", "text")


def test_a_failure_is_told_by_kind_and_place(lines) -> None:
    try:
        int(CANARY)
    except ValueError as error:
        structlog.get_logger("crm360.here").error("broke", request_id="r1", exc_info=error)
    (line,) = lines()
    assert (line["event"], line["level"], line["logger"], line["request_id"]) == ("broke", "error", "crm360.here", "r1")
    assert "tests/kernel/test_logs.py" in line["exception"]
    assert line["exception"].endswith("\nValueError")
    assert CANARY not in json.dumps(line)


def test_a_library_is_told_the_same_way(lines) -> None:
    try:
        raise KeyError(CANARY) from OSError(28, "No space left on device", CANARY)
    except KeyError:
        logging.getLogger("some.library").exception("broke")
    (line,) = lines()
    assert line["exception"].splitlines()[0] == "OSError [No space left on device]"
    assert line["exception"].splitlines()[-1] == "KeyError"
    assert CANARY not in json.dumps(line)


def test_a_library_tells_no_details_whatever_the_level(lines, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("urllib3", "imapclient.imaplib", "sqlalchemy.engine", "werkzeug"):
        logging.getLogger(name).info("GET /people?email=%s", CANARY)
    talkative = logging.getLogger("some.talkative.library")
    monkeypatch.setattr(talkative, "level", logging.DEBUG)  # as werkzeug sets its own when its server answers
    talkative.info("GET /people?email=%s", CANARY)
    structlog.get_logger("crm360.here").debug("seen", count=3)
    assert [line["event"] for line in lines()] == ["seen"]


def test_a_group_of_failures_is_told_one_by_one() -> None:
    group = ExceptionGroup(CANARY, [ValueError(CANARY), TypeError(CANARY)])
    told = faults.as_text((type(group), group, None))
    assert told.splitlines() == ["ExceptionGroup", "  | ValueError", "  | TypeError"]


def test_a_failure_that_is_its_own_cause_ends() -> None:
    first, second = ValueError(), TypeError()
    first.__cause__, second.__cause__ = second, first
    assert faults.as_text((ValueError, first, None)).splitlines() == ["TypeError", "ValueError"]


def test_text_is_the_other_form(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "text")
    structlog.get_logger("crm360.here").info("job done", changed=3)
    line = capsys.readouterr().err
    assert line.rstrip().endswith("level='info' logger='crm360.here' event='job done' changed=3")


def refuse_a_twin(session: Any, now: datetime) -> None:
    source = inbox.ensure_source(name=CANARY, channel="tracking", now=now)
    twin = {each.name: getattr(source, each.name) for each in Source.__table__.columns if each.name != "id"}
    session.execute(Source.__table__.insert().values(**twin))


def refuse_a_gap(session: Any, now: datetime) -> None:
    source = inbox.ensure_source(name="web", channel="tracking", now=now)
    kept = {each.name: getattr(source, each.name) for each in Source.__table__.columns if each.name != "id"}
    session.execute(Source.__table__.insert().values(**kept | {"name": CANARY, "channel": None}))


@pytest.mark.parametrize("refuse", [refuse_a_twin, refuse_a_gap])
def test_the_database_repeats_no_row(session, now, lines, refuse) -> None:
    try:
        refuse(session, now)
    except DBAPIError as error:
        structlog.get_logger("crm360.here").error("refused", exc_info=error)
    (line,) = lines()
    assert CANARY not in json.dumps(line)
    assert "IntegrityError [" in line["exception"]


@pytest.mark.parametrize("path", ["/breaks", "/api/v1/breaks", "/v1/breaks"])
def test_a_broken_page_is_named_not_addressed(app: Flask, lines, path: str) -> None:
    other = Flask("other")  # the application of the tests has answered, and takes no more routes
    other.__class__ = type(app)

    def breaks(who: str) -> str:
        raise ValueError(who)

    other.add_url_rule(f"{path}/<who>", "breaks", breaks)
    assert other.test_client().get(f"{path}/{CANARY}").status_code == 500
    (line,) = lines()
    assert (line["event"], line["page"], line["method"]) == ("visit failed", "breaks", "GET")
    assert CANARY not in json.dumps(line)

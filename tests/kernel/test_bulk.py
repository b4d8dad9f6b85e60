"""Rows written in one go, on both databases."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crm360.inbox.models import Source
from crm360.kernel import bulk
from crm360.kernel.db import table_of

SOURCES = table_of(Source)


def row(name: str, now: datetime, **other: Any) -> dict[str, Any]:
    return {"name": name, "channel": "tracking", "created_at": now, **other}


def stored(session: Any) -> dict[str, tuple[Any, ...]]:
    found = select(Source.name, Source.channel, Source.settings, Source.secret, Source.created_at)
    return {each.name: tuple(each[1:]) for each in session.execute(found)}


def test_values_are_told_as_the_model_says_and_defaults_fill_in(session, now):
    rows = [row("ą", now, settings={"a": ["ż", None, 1.5]}), row("b", now, settings={})]
    bulk.insert_rows(session, SOURCES, rows)
    assert stored(session) == {
        "ą": ("tracking", {"a": ["ż", None, 1.5]}, "", now),
        "b": ("tracking", {}, "", now),
    }


def test_no_default_is_shared_between_rows(session, now):
    bulk.insert_rows(session, SOURCES, [row("a", now), row("b", now)])
    assert [each[1] for each in stored(session).values()] == [{}, {}]


@pytest.mark.parametrize(("on_conflict", "channel"), [("keep", "tracking"), ("overwrite", "chatwoot")])
def test_a_known_key(session, now, on_conflict, channel):
    bulk.insert_rows(session, SOURCES, [row("a", now)])
    rows = [row("a", now) | {"channel": "chatwoot"}, row("b", now)]
    bulk.insert_rows(session, SOURCES, rows, on_conflict=on_conflict, keys=["name"])
    assert {name: each[0] for name, each in stored(session).items()} == {"a": channel, "b": "tracking"}


def test_a_known_key_is_refused_unless_something_else_is_said(session, now):
    bulk.insert_rows(session, SOURCES, [row("a", now)])
    with pytest.raises(IntegrityError), session.begin_nested():
        bulk.insert_rows(session, SOURCES, [row("a", now)])


def test_what_the_session_has_not_written_yet_comes_first(session, now):
    session.add(Source(**row("a", now)))
    bulk.insert_rows(session, SOURCES, [row("a", now)], on_conflict="keep", keys=["name"])
    assert set(stored(session)) == {"a"}


def test_columns_with_what_is_the_same_in_every_row(session, now):
    same = {
        "channel": "o'brien'); -- ż",
        "settings": {"a": ["'", None]},
        "secret": "",
        "credentials": {},
        "created_at": now,
    }
    bulk.insert_columns(session, SOURCES, {"id": [901, 902], "name": ["ą'", "b"]}, same)
    assert stored(session) == dict.fromkeys(("ą'", "b"), (same["channel"], same["settings"], "", now))

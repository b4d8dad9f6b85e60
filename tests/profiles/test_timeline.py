from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select

from crm360.kernel.errors import Invalid
from crm360.profiles import timeline
from crm360.profiles.models import TimelineEntry
from crm360.profiles.timeline import Entry
from tests.profiles import people


@pytest.fixture
def anna(session: Any, now: datetime) -> tuple[int, int, int]:
    """A profile and its two contacts."""
    profile_id = people.profile(now)
    return profile_id, people.contact(profile_id, now), people.contact(profile_id, now, source="pos")


def test_a_page_holds_the_newest_of_all_contacts_and_the_cursor_goes_on(anna: Any, now: datetime) -> None:
    profile_id, shop, store = anna
    stranger = people.contact(people.profile(now), now)
    entries = [Entry((shop, store)[i % 2], "page.viewed", now - timedelta(minutes=i // 3), f"p{i}") for i in range(25)]
    timeline.note(entries=[*entries, Entry(stranger, "page.viewed", now, "not hers")], now=now)
    seen, cursor = [], None
    while True:
        page = timeline.page(profile_id=profile_id, before=cursor, limit=10)
        seen += page.entries
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == 25
    assert len({e.id for e in seen}) == 25
    assert [(e.occurred_at, e.id) for e in seen] == sorted(((e.occurred_at, e.id) for e in seen), reverse=True)
    assert {e.source for e in seen} == {"shop", "pos"}


def test_a_page_that_ends_exactly_has_no_cursor(anna: Any, now: datetime) -> None:
    timeline.note(entries=[Entry(anna[1], "page.viewed", now)] * 3, now=now)
    assert timeline.page(profile_id=anna[0], limit=3).next_cursor is None


def test_the_same_subject_again_overwrites_also_within_one_call(anna: Any, session: Any, now: datetime) -> None:
    profile_id, shop, store = anna
    first = Entry(shop, "order.placed", now, "order 1", {"total": 1}, "order:1")
    second = Entry(store, "order.cancelled", now - timedelta(days=1), "order 1 off", {"total": 2}, "order:1", 7)
    timeline.note(entries=[first], now=now)
    for _ in range(2):
        timeline.note(entries=[first, second], now=now)
    (only,) = timeline.page(profile_id=profile_id).entries
    assert session.scalar(select(func.count()).select_from(TimelineEntry)) == 1
    assert (only.contact_id, only.kind, only.title, only.payload_id) == (store, "order.cancelled", "order 1 off", 7)
    assert only.properties == {"total": 2}
    assert only.occurred_at == now - timedelta(days=1)


def test_filters_by_group_kind_and_time(anna: Any, now: datetime) -> None:
    profile_id, shop, _ = anna
    kinds = ["order.placed", "orders.placed", "order.returned", "message.in", "message.out", "page.viewed"]
    timeline.note(entries=[Entry(shop, kind, now - timedelta(days=i)) for i, kind in enumerate(kinds)], now=now)

    def shown(**asked: Any) -> list[str]:
        return [entry.kind for entry in timeline.page(profile_id=profile_id, **asked).entries]

    assert shown(groups=["order"]) == ["order.placed", "order.returned"]
    assert shown(groups=["order"], kinds=["message.out"]) == ["order.placed", "order.returned", "message.out"]
    assert shown(since=now - timedelta(days=3), until=now) == kinds[1:4]
    assert shown(groups=["or%"]) == []
    assert timeline.counts(profile_id) == {"order": 2, "orders": 1, "message": 2, "page": 1}


def test_a_page_takes_one_statement(anna: Any, db: Any, now: datetime) -> None:
    timeline.note(entries=[Entry(anna[1], "page.viewed", now)] * 200, now=now)
    statements: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    engine = db.engine.engine
    event.listen(engine, "before_cursor_execute", count)
    try:
        timeline.page(profile_id=anna[0], groups=["page"], before=None)
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert len(statements) == 1


def test_a_contact_merged_in_says_where_from(session: Any, now: datetime) -> None:
    old, new = people.profile(now), people.profile(now)
    moved = people.contact(old, now)
    from crm360.identity.models import Contact

    session.get(Contact, moved).profile_id = new
    session.flush()
    timeline.note(entries=[Entry(moved, "page.viewed", now)], now=now)
    assert [entry.home_profile_id for entry in timeline.page(profile_id=new).entries] == [old]
    assert timeline.page(profile_id=old).entries == []


def test_nonsense_for_a_cursor_is_bad_input(anna: Any) -> None:
    with pytest.raises(Invalid):
        timeline.page(profile_id=anna[0], before="zzz")


def test_nothing_to_note_is_nothing_noted(session: Any, now: datetime) -> None:
    timeline.note(entries=[], now=now)
    assert session.scalar(select(func.count()).select_from(TimelineEntry)) == 0

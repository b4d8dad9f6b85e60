from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from crm360.identity.models import Contact
from crm360.kernel.errors import Invalid, NotFound
from crm360.profiles import operations, queries, search, timeline
from crm360.profiles.models import SearchTerm
from tests.profiles import people


def test_the_golden_record_keeps_where_each_value_is_from(session: Any, now: datetime) -> None:
    profile_id = people.profile(now)
    till = people.contact(
        profile_id, now - timedelta(days=9), source="pos", given_name="ANNA", family_name="Kowalska", city="Kraków"
    )
    shop = people.contact(
        profile_id,
        now,
        given_name="A.",
        family_name="Nowak",
        known=(("email", "Anna.K@firma.pl"), ("phone", "602 123 456"), ("email", "brak@brak.pl")),
    )
    operations.refresh(profile_ids=[profile_id], now=now)
    record = queries.golden([profile_id])[profile_id]
    assert record.display_name == "ANNA Nowak"
    assert record.city == "Kraków"
    assert record.fields["family_name"] == {
        "value": "Nowak",
        "source": "shop",
        "contact_id": shop,
        "at": now.isoformat(),
        "rule": "fullest_name",
        "others": [
            {"value": "Kowalska", "source": "pos", "contact_id": till, "at": (now - timedelta(days=9)).isoformat()}
        ],
    }
    assert record.fields["email"]["value"] == "Anna.K@firma.pl"
    assert record.fields["email"]["others"] == []
    assert record.fields["phone"]["value"] == "+48602123456"


def test_a_full_name_alone_is_taken_apart(session: Any, now: datetime) -> None:
    profile_id = people.customer(now, full_name="Kowalska, Anna")
    record = queries.golden([profile_id])[profile_id]
    assert record.display_name == "Anna Kowalska"
    assert "full_name" not in record.fields


def test_a_profile_that_lost_its_contacts_loses_its_record(session: Any, now: datetime) -> None:
    old = people.customer(now, given_name="Anna")
    new = people.customer(now, family_name="Kowalska")
    for contact in session.scalars(select(Contact).where(Contact.profile_id == old)):
        contact.profile_id = new
    session.flush()
    operations.refresh(profile_ids=[old, new, 10**9], now=now)
    session.expire_all()
    assert set(queries.golden([old, new])) == {new}
    assert queries.golden([new])[new].display_name == "Anna Kowalska"
    assert [hit.profile_id for hit in search.find(query="anna kowalska")] == [new]


def test_refresh_reads_by_the_batch_and_writes_nothing_new_the_second_time(db: Any, now: datetime) -> None:
    ids = []
    for place in range(40):
        ids.append(people.profile(now))
        people.contact(ids[-1], now, given_name=f"Anna{place}", known=(("email", f"a{place}@x.pl"),))
    operations.refresh(profile_ids=ids, now=now)
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    engine = db.engine.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        operations.refresh(profile_ids=ids, now=now)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert [s.split()[0] for s in statements] == ["SELECT", "SELECT", "SELECT", "SELECT", "INSERT", "SELECT"]


def test_terms_follow_the_contact_and_keep_what_other_rooms_added(session: Any, now: datetime) -> None:
    profile_id = people.customer(now, given_name="Anna", family_name="Kowalska")
    contact = session.scalars(select(Contact).where(Contact.profile_id == profile_id)).one()
    search.add_terms(terms=[(contact.id, "order", "#4711")])
    contact.fields = {"family_name": {"value": "Nowak", "at": now.isoformat()}}
    session.flush()
    operations.refresh(profile_ids=[profile_id], now=now)
    terms = set(session.scalars(select(SearchTerm.term).where(SearchTerm.contact_id == contact.id)))
    assert terms == {"nowak", "4711", "1174"}


def test_notes_are_written_changed_and_removed_with_their_line(session: Any, now: datetime) -> None:
    profile_id = people.customer(now, given_name="Anna")
    note = operations.add_note(profile_id=profile_id, body="  Call back\r\non Friday ", by="Ola", now=now)
    later = operations.add_note(profile_id=profile_id, body="Second", by="Jan", now=now + timedelta(hours=1))
    assert [each.body for each in queries.notes(profile_id)] == ["Second", "Call back\non Friday"]
    operations.change_note(note_id=note.id, body="Call on Monday", now=now + timedelta(hours=2))
    lines = timeline.page(profile_id=profile_id, groups=["note"]).entries
    assert [(line.title, line.occurred_at) for line in lines] == [
        ("Second", now + timedelta(hours=1)),
        ("Call on Monday", now),
    ]
    operations.remove_note(note_id=later.id)
    assert [each.body for each in queries.notes(profile_id)] == ["Call on Monday"]
    assert timeline.counts(profile_id) == {"note": 1}


@pytest.mark.parametrize("body", ["", " \r\n\t", "x" * 20_001])
def test_a_note_must_say_something_and_end(body: str, session: Any, now: datetime) -> None:
    profile_id = people.customer(now, given_name="Anna")
    with pytest.raises(Invalid) as refused:
        operations.add_note(profile_id=profile_id, body=body, by="Ola", now=now)
    assert "body" in refused.value.errors
    assert queries.notes(profile_id) == []


def test_nobody_has_no_notes_or_tags(session: Any, now: datetime) -> None:
    with pytest.raises(NotFound):
        operations.add_note(profile_id=10**9, body="hello", by="Ola", now=now)
    with pytest.raises(NotFound):
        operations.set_tag(profile_id=10**9, name="VIP", by="Ola", now=now)
    with pytest.raises(NotFound):
        operations.remove_note(note_id=10**9)


def test_a_tag_is_set_once_whatever_its_spelling(session: Any, now: datetime) -> None:
    anna, jan = people.customer(now, given_name="Anna"), people.customer(now, given_name="Jan")
    operations.set_tag(profile_id=anna, name="  Stały  Klient ", by="Ola", now=now)
    operations.set_tag(profile_id=anna, name="STAŁY KLIENT", by="Ola", now=now)
    operations.set_tag(profile_id=jan, name="stały klient", by="Ola", now=now)
    operations.set_tag(profile_id=jan, name="VIP", by="Ola", now=now)
    assert [tag.name for tag in queries.tags(anna)] == ["Stały Klient"]
    assert [tag.name for tag in queries.tags(jan)] == ["Stały Klient", "VIP"]
    assert queries.tag_names() == ["Stały Klient", "VIP"]
    assert queries.tag_names(beginning="stal") == queries.tag_names(beginning="KLI") == ["Stały Klient"]
    assert queries.tag_names(beginning="lient") == []
    assert timeline.counts(anna) == {"tag": 1}


def test_the_line_of_a_tag_outlives_the_tag(session: Any, now: datetime) -> None:
    anna, jan = people.customer(now, given_name="Anna"), people.customer(now, given_name="Jan")
    operations.set_tag(profile_id=anna, name="VIP", by="Ola", now=now)
    operations.remove_tag(profile_id=anna, name="VIP", by="Ola", now=now)
    operations.set_tag(profile_id=jan, name="Designer", by="Ola", now=now)
    assert (timeline.counts(anna), timeline.counts(jan)) == ({"tag": 2}, {"tag": 1})


def test_a_tag_is_taken_off_every_contact(session: Any, now: datetime) -> None:
    anna = people.customer(now, given_name="Anna")
    operations.set_tag(profile_id=anna, name="VIP", by="Ola", now=now)
    other = people.profile(now)
    second = people.contact(other, now)
    operations.set_tag(profile_id=other, name="vip", by="Jan", now=now)
    session.get(Contact, second).profile_id = anna
    session.flush()
    assert [tag.set_by for tag in queries.tags(anna)] == ["Ola"]
    assert operations.remove_tag(profile_id=anna, name="Vip", by="Ola", now=now)
    assert queries.tags(anna) == []
    assert not operations.remove_tag(profile_id=anna, name="Vip", by="Ola", now=now)


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_tag_needs_a_name_of_some_length(name: str, session: Any, now: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        operations.set_tag(profile_id=people.customer(now, given_name="Anna"), name=name, by="Ola", now=now)
    assert "name" in refused.value.errors

"""Legal holds need two people, and win over retention; breaches have a clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from crm360.consents.models import Suppression
from crm360.facts import ContactRef, ContactSeen, Identifier
from crm360.flows import burying, erased_files, erasing, retaining
from crm360.flows.erasing import Places
from crm360.identity.models import Contact, ContactIdentifier, Profile
from crm360.imports import operations as imports
from crm360.inbox.models import Payload, Source
from crm360.outbox.models import Letter
from crm360.privacy import tombstones
from crm360.privacy.models import Tombstone
from crm360.profiles.models import TimelineEntry
from crm360.safeguards import breaches, holds, retention
from crm360.safeguards.models import RetentionRun
from crm360.webhooks import operations as webhooks
from crm360.webhooks.models import Event

ANNA, BEN = holds.By(1, "Anna"), holds.By(2, "Ben")
LONG = timedelta(days=1300)


@pytest.fixture
def people(session: Any, now: datetime) -> list[int]:
    """Three customers of long ago: one in dispute, one quiet, one who bought last week."""
    old = now - LONG
    profiles = session.scalars(insert(Profile).returning(Profile.id, sort_by_parameter_order=True), [{"created_at": old}] * 3).all()  # fmt: skip
    rows = [
        {"source": "shop", "external_id": f"customer:{number}", "profile_id": profile, "home_profile_id": profile,
         "first_seen_at": old, "last_seen_at": now, "created_at": old}
        for number, profile in enumerate(profiles)
    ]  # fmt: skip
    contacts = list(session.scalars(insert(Contact).returning(Contact.id, sort_by_parameter_order=True), rows))
    session.execute(insert(ContactIdentifier), [
        {"contact_id": contact, "kind": "email", "value": f"c{contact}@example.com", "normal": f"c{contact}@example.com",
         "first_seen_at": old, "last_seen_at": old} for contact in contacts
    ])  # fmt: skip
    source = session.scalar(insert(Source).values(name="shop", channel="shopify", created_at=old).returning(Source.id))
    payloads = list(session.scalars(insert(Payload).returning(Payload.id, sort_by_parameter_order=True), [
        {"source_id": source, "channel": "shopify", "dedup_key": str(number), "received_at": old, "body": b"{}",
         "state": "processed"} for number in range(3)
    ]))  # fmt: skip
    entries = [
        {"contact_id": contact, "kind": kind, "occurred_at": at, "recorded_at": at, "payload_id": payload}
        for contact, payload in zip(contacts, payloads, strict=True)
        for kind, at in (("page.viewed", old), ("email.opened", now - timedelta(days=2)))
    ]
    entries.append({"contact_id": contacts[2], "kind": "order.placed", "occurred_at": now - timedelta(days=7), "recorded_at": now, "payload_id": None})  # fmt: skip
    session.execute(insert(TimelineEntry), entries)
    session.execute(insert(Letter), [
        {"dedup_key": f"l{contact}", "subject_of": "campaign:1", "contact_id": contact, "to_address": "a@example.com",
         "purpose": "marketing", "subject": "Hello", "text": "Hello", "message_id": f"l{contact}@example.com", "state": "sent",
         "created_at": old, "due_at": old, "settled_at": old} for contact in contacts
    ])  # fmt: skip
    return contacts


def hold(contact_id: int, now: datetime) -> int:
    return holds.ask(contact_ids=[contact_id], ground="Claim 7 C 12/26", review_on=now.date() + timedelta(days=90), by=ANNA, now=now).id  # fmt: skip


def test_a_hold_needs_two_people_and_ends_by_a_reason(people: list[int], now: datetime) -> None:
    number = hold(people[0], now)
    with pytest.raises(holds.OwnHold):
        holds.approve(hold_id=number, by=ANNA, now=now)
    assert (holds.held(people), holds.waiting(on=now.date())) == ({}, (1, 0))
    holds.approve(hold_id=number, by=BEN, now=now)
    assert [each.id for each in holds.held(people)[people[0]]] == [number]
    with pytest.raises(holds.HoldSettled):
        holds.approve(hold_id=number, by=BEN, now=now)
    assert holds.waiting(on=now.date() + timedelta(days=90)) == (0, 1)
    holds.prolong(hold_id=number, review_on=now.date() + timedelta(days=120), now=now)
    assert holds.waiting(on=now.date() + timedelta(days=90)) == (0, 0)
    with pytest.raises(holds.UnusableHold):
        holds.release(hold_id=number, reason=" ", by=BEN, now=now)
    holds.release(hold_id=number, reason="Settled out of court", by=BEN, now=now)
    assert holds.held(people) == {}
    assert [(each.id, contacts) for each, contacts in holds.register()] == [(number, [people[0]])]


@pytest.mark.parametrize(
    ("change", "field"),
    [({"ground": " "}, "ground"), ({"contact_ids": []}, "contact_ids"), ({"review_on": None}, "review_on")],
)
def test_a_hold_that_says_too_little_is_refused(now: datetime, change: dict[str, Any], field: str) -> None:
    asked: dict[str, Any] = {
        "contact_ids": [1],
        "ground": "Claim",
        "review_on": now.date() + timedelta(days=1),
        **change,
    }
    asked["review_on"] = asked["review_on"] or now.date()
    with pytest.raises(holds.UnusableHold) as refused:
        holds.ask(**asked, by=ANNA, now=now)
    assert list(refused.value.errors) == [field]


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(
        tmp_path / "imports",
        tmp_path / "watched",
        tmp_path / "exports",
        tmp_path / "packages",
        tmp_path / "tombstones.jsonl",
    )


def test_what_is_older_than_its_rule_goes_and_a_hold_wins(
    session: Any, people: list[int], places: Places, now: datetime
) -> None:
    holds.approve(hold_id=hold(people[0], now), by=BEN, now=now)
    met = {kind.code: retaining.rehearse(kind=kind.code, months=36, now=now) for kind in retention.KINDS}
    assert met == {"quiet_customers": (1, 1), "behaviour": (2, 1), "letters": (2, 1), "raw_payloads": (2, 1)}
    assert not retaining.anything_due(now=now)
    for kind in reversed(retention.KINDS):
        retention.set_rule(kind=kind.code, months=36, legal_ref="", by="Anna", now=now)
    assert retaining.anything_due(now=now)
    quiet = session.scalar(select(Contact.profile_id).where(Contact.id == people[1]))
    webhooks.create(url="https://erp.example/", sealed_secret="sealed", now=now)
    assert (
        retaining.apply_rules(by="crm360", places=places, now=now) == 4
    )  # with the quiet customer their own lines went
    assert not retaining.anything_due(now=now)
    assert set(session.scalars(select(Contact.id))) == {people[0], people[2]}
    assert [(row.kind, row.profile_id) for row in session.scalars(select(Event))] == [("profile.erased", quiet)]
    assert set(session.scalars(select(Suppression.reason))) == {"forgotten"}
    assert set(session.scalars(select(Letter.contact_id).where(Letter.text != ""))) == {people[0]}
    assert [row.kind for row in session.scalars(select(TimelineEntry).where(TimelineEntry.occurred_at < now - LONG / 2))] == ["page.viewed"]  # fmt: skip
    assert sorted(session.scalars(select(Payload.body))) == [b"", b"{}"]
    done = {rule.kind: (run.due, run.done, run.held) for run, rule in retention.runs()}
    assert done == {"quiet_customers": (1, 1, 1), "behaviour": (1, 1, 1), "letters": (1, 1, 1), "raw_payloads": (1, 1, 1)}  # fmt: skip
    retention.set_rule(kind="letters", months=None, legal_ref="", by="Anna", now=now)
    session.execute(update(Letter).values(text="again"))
    assert retaining.apply_rules(by="crm360", places=places, now=now) == 0
    assert session.query(RetentionRun).count() == 4


def test_whom_a_rule_erased_no_list_and_no_backup_brings_back(
    session: Any, people: list[int], places: Places, now: datetime
) -> None:
    address = session.scalar(select(ContactIdentifier.normal).where(ContactIdentifier.contact_id == people[1]))
    again = session.execute(select(Contact.source, Contact.external_id).where(Contact.id == people[1])).one()
    retention.set_rule(kind="quiet_customers", months=36, legal_ref="", by="Anna", now=now)
    assert retaining.apply_rules(by="crm360", places=places, now=now) == 2
    for ref, identifier in ((ContactRef(*again), "x@example.com"), (ContactRef("list", "1"), address)):
        seen = ContactSeen(ref=ref, occurred_at=now, identifiers=(Identifier("email", identifier),))
        assert burying.gone([burying.Told([seen], "PL")]) == [{ref}]
    session.execute(delete(Tombstone))  # an older backup knows nothing of it
    row = {
        "source": again.source,
        "external_id": again.external_id,
        "first_seen_at": now,
        "last_seen_at": now,
        "created_at": now,
    }
    back = session.scalar(insert(Contact).values(**row).returning(Contact.id))
    assert erasing.erase_again(places=places, now=now) == 1
    assert session.get(Contact, back) is None


def test_an_import_that_a_restored_database_was_reading_begins_anew(
    session: Any, people: list[int], places: Places, now: datetime
) -> None:
    mark = session.execute(select(Contact.source, Contact.external_id).where(Contact.id == people[1])).one()
    tombstones.write(places.tombstones, tombstones.marks(burying.pairs_of([tuple(mark)], []), now=now))
    places.imports.mkdir()
    address = session.scalar(select(ContactIdentifier.normal).where(ContactIdentifier.contact_id == people[1]))
    (places.imports / "1.csv").write_text(f"email\n{address}\nother@example.com\n")
    run = imports.begin(
        source="list", file_name="list.csv", parts=[{"stored": "1.csv"}], headers=["email"], mapping={"email": "email"},
        options={}, by="Ola", now=now,
    )  # fmt: skip
    imports.move(run_id=run.id, status="running", now=now)
    imports.move(run_id=run.id, status="paused", now=now)
    run.position, run.counts, run.fixes = 2, {"created": 2}, {"cells": {"0:2": {"email": "x"}}, "values": {"email": {}}}
    assert erasing.erase_again(places=places, now=now) == 1
    assert (places.imports / "1.csv").read_text() == "email\nother@example.com\n"
    assert (run.status, run.failure, run.position, run.counts) == ("failed", erased_files.LINE_GONE, 0, {})
    assert run.fixes == {"cells": {}, "values": {"email": {}}}, "no line is where it was"
    assert imports.move(run_id=run.id, status="running", now=now).position == 0


def test_a_breach_has_a_clock_of_72_hours(session: Any, now: datetime) -> None:
    began = now - timedelta(days=5)
    told = {
        "title": "Lost laptop",
        "scope": {"by": "staff", "value": 1},
        "began_at": began,
        "ended_at": now,
        "people": 3,
    }
    breach = breaches.record(breach=breaches.NewBreach(**told, known_at=now - timedelta(hours=80), risk="high"), by="Anna", now=now)  # fmt: skip
    quiet = breaches.record(breach=breaches.NewBreach(**told, known_at=now, risk="unlikely"), by="Anna", now=now)
    assert breaches.clocks_running() == [breach]
    assert breaches.due_at(breach) == breach.known_at + timedelta(hours=72)
    with pytest.raises(breaches.UnusableBreach, match="after 72 hours"):
        breaches.tell_authority(breach_id=breach.id, at=now, reason="", now=now)
    with pytest.raises(breaches.UnusableBreach):
        breaches.tell_authority(breach_id=breach.id, at=breach.known_at - timedelta(1), reason="", now=now)
    breaches.tell_authority(breach_id=breach.id, at=now, reason="Found on a Saturday", now=now)
    assert breaches.clocks_running() == []
    with pytest.raises(breaches.UnusableBreach, match="what was done"):
        breaches.close(breach_id=breach.id, measures="", reason="", now=now)
    breaches.tell_people(breach_id=breach.id, at=now, now=now)
    breaches.close(breach_id=breach.id, measures="Wiped from afar", reason="", now=now)
    with pytest.raises(breaches.UnusableBreach, match="nobody was told"):
        breaches.close(breach_id=quiet.id, measures="None needed", reason="", now=now)
    with pytest.raises(breaches.BreachClosed):
        breaches.tell_people(breach_id=breach.id, at=now, now=now)
    assert breaches.register() == [quiet, breach]

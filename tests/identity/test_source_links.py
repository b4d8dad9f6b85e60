"""A source says that two of its records are one person: obeyed in any order, undone by staff, never against them."""

from __future__ import annotations

from datetime import datetime
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import select

from crm360.facts import ContactRef, ContactSeen, Fact, Identifier, Received, SamePerson
from crm360.identity import operations, queries, rebuilding
from crm360.identity.models import Contact, Decision, SourceLink
from crm360.kernel.db import db

pytestmark = pytest.mark.usefixtures("session")

ANNA = ("Anna", "Nowak", "1990-02-03")
OTHER = ("Grzegorz", "Brzęczyszczykiewicz", "1961-11-30")


def shown(user: str, name: tuple[str, str, str], now: datetime) -> ContactSeen:
    given, family, born = name
    fields = {"given_name": given, "family_name": family, "birth_date": born}
    identifiers = (Identifier("customer_id", f"web:{user}"), Identifier("email", f"{user}@{given.lower()}.example"))
    return ContactSeen(ref=ContactRef("web", f"user:{user}"), occurred_at=now, fields=fields, identifiers=identifiers)


def told(now: datetime, *facts: Fact) -> None:
    """What one batch of the flow does with such facts."""
    seen = [fact for fact in facts if isinstance(fact, ContactSeen)]
    recorded = operations.record_contacts(seen=seen, now=now)
    same = [fact for fact in facts if isinstance(fact, SamePerson)]
    links = [Received(recorded.ids[fact.ref], None, fact) for fact in same]
    operations.record_source_links(received=links, now=now)
    operations.resolve(contact_ids=recorded.changed, before=recorded.before, now=now)
    operations.obey_sources(contact_ids=recorded.changed | {link.contact_id or 0 for link in links}, now=now)


def alias(now: datetime, former: str, user: str) -> list[Fact]:
    ref = ContactRef("web", f"user:{user}")
    seen = ContactSeen(ref=ref, occurred_at=now, identifiers=(Identifier("customer_id", f"web:{user}"),))
    return [seen, SamePerson(ref=ref, former=ContactRef("web", f"user:{former}"), occurred_at=now)]


def profile(user: str) -> int | None:
    found: int | None = db.session.scalar(select(Contact.profile_id).where(Contact.external_id == f"user:{user}"))
    return found


def decision(session: Any) -> int:
    return int(session.scalar(select(Decision.id).where(Decision.kind == "same")))


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_two_who_agree_in_nothing_become_one_whatever_comes_first(now: datetime, order: tuple[int, ...]) -> None:
    steps = [[shown("old", ANNA, now)], [shown("new", OTHER, now)], alias(now, "old", "new")]
    for step in order:
        told(now, *steps[step])
    assert profile("old") == profile("new")
    assert rebuilding.rebuild().differences == ()


def test_staff_take_it_back_and_the_source_cannot_repeat_it(session: Any, now: datetime) -> None:
    told(now, shown("old", ANNA, now), shown("new", OTHER, now))
    before = profile("old"), profile("new")
    told(now, *alias(now, "old", "new"))
    made = session.get(Decision, decision(session))
    assert (made.made_by, made.reason, made.context) == ("web", "alias", {"profile_ids": sorted(before)})
    operations.undo(decision_id=made.id, by="dana", now=now)
    assert (profile("old"), profile("new")) == before
    told(now, *alias(now, "old", "new"))
    assert (profile("old"), profile("new")) == before


def test_what_staff_keep_apart_a_source_joins_only_when_they_let_it(session: Any, now: datetime) -> None:
    told(now, shown("old", ANNA, now), shown("new", OTHER, now))
    apart = operations.distinguish(profile_ids=[profile("old") or 0, profile("new") or 0], by="dana", now=now)
    told(now, *alias(now, "old", "new"))
    assert profile("old") != profile("new")
    operations.undo(decision_id=apart.decision_id, by="dana", now=now)
    assert profile("old") == profile("new")


def test_a_later_word_of_staff_holds(now: datetime) -> None:
    told(now, shown("old", ANNA, now), shown("new", OTHER, now))
    told(now, *alias(now, "old", "new"))
    former = queries.find(ContactRef("web", "user:old"))
    assert former is not None
    operations.split(profile_id=profile("new") or 0, contact_ids=[former.id], by="dana", now=now)
    told(now, *alias(now, "old", "new"))
    assert profile("old") != profile("new")


def test_an_id_nobody_knows_waits(session: Any, now: datetime) -> None:
    told(now, *alias(now, "device-1", "new"))
    assert session.scalar(select(SourceLink.decision_id)) is None
    told(now, ContactSeen(ref=ContactRef("other", "user:device-1"), occurred_at=now))
    assert session.scalar(select(SourceLink.decision_id)) is None, "another source's ids are its own"

"""Contradictions are found wherever they are, and end with a word of the person: a no that was told, a yes they prove."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from crm360.consents import contradicting, operations
from crm360.facts import ConsentStated, ContactRef, Identifier, Received
from crm360.flows import settling
from crm360.identity.models import Contact, ContactIdentifier, Lineage, Profile

DAY = timedelta(days=1)


@pytest.fixture
def anna(session: Any, now: datetime) -> int:
    """A contact with an address."""
    seen = {"first_seen_at": now, "last_seen_at": now}
    profile = session.scalar(insert(Profile).values(created_at=now).returning(Profile.id))
    contact = {"source": "shop", "external_id": "customer:1", "profile_id": profile, "created_at": now, **seen}
    number = int(session.scalar(insert(Contact).values(contact).returning(Contact.id)))
    session.execute(insert(ContactIdentifier).values(contact_id=number, kind="email", value="A@x.pl", normal="a@x.pl", **seen))  # fmt: skip
    return number


def say(contact: int, state: Any, at: datetime, grade: Any = "A", undated: bool = False) -> None:
    fact = ConsentStated(
        ref=ContactRef("shop", "customer:1"), identifier=Identifier("email", "A@x.pl"), purpose="marketing", channel="email",
        state=state, occurred_at=at, source="list" if undated else "shop", evidence_grade=grade, method="form", undated=undated,
    )  # fmt: skip
    operations.record_statements(received=[Received(contact, None, fact)], now=at)


KEY = {"kind": "email", "normal": "a@x.pl", "purpose": "marketing", "channel": "email"}


@pytest.fixture
def contradiction(anna: int, now: datetime) -> datetime:
    """A proved yes, and a list without dates that says no."""
    say(anna, "given", now - 9 * DAY)
    say(anna, "withdrawn", now - 5 * DAY, "D", undated=True)
    return now


def test_both_statements_are_told_and_who_decides(contradiction: datetime) -> None:
    (found,) = contradicting.waiting(now=contradiction).rows
    assert [each.state for each in found.statements] == ["given", "withdrawn"]
    assert (found.decides, found.address, found.verdict.permitted) == ("officer", "A@x.pl", False)
    assert contradicting.waiting(now=contradiction - 7 * DAY).rows == []


def test_a_no_that_was_told_ends_it_and_is_a_statement(session: Any, contradiction: datetime) -> None:
    settling.refuse(**KEY, way="phone", note="", by="Charlie", now=contradiction)
    assert contradicting.waiting(now=contradiction).rows == []
    assert contradicting.find(**KEY, now=contradiction) is None
    with pytest.raises(settling.SettledAlready):
        settling.refuse(**KEY, way="phone", note="", by="Charlie", now=contradiction)


def test_a_later_yes_of_the_person_ends_it_and_a_claim_does_not(anna: int, contradiction: datetime) -> None:
    say(anna, "given", contradiction - 2 * DAY, "D")
    assert len(contradicting.waiting(now=contradiction).rows) == 1
    say(anna, "given", contradiction - DAY)
    assert contradicting.waiting(now=contradiction).rows == []
    (again,) = contradicting.waiting(now=contradiction - DAY - timedelta(hours=1)).rows
    assert again.decides == "officer"


def test_what_a_passing_means_is_told_before_it_is_done(anna: int, now: datetime) -> None:
    say(anna, "given", now - 9 * DAY)
    before = settling.meaning(kind="email", normal="a@x.pl", now=now)
    assert (before.statements, before.ended) == (1, [("marketing", "email")])
    done = settling.pass_on(
        kind="email", normal="a@x.pl", to=None, since=now, reason="came back", by="Charlie", now=now
    )
    assert done == before
    after = settling.meaning(kind="email", normal="a@x.pl", now=now + DAY)
    assert after.ended == []
    back = settling.pass_on(
        kind="email",
        normal="a@x.pl",
        to=before.holders[0],
        since=now + DAY,
        reason="a mistake",
        by="Charlie",
        now=now + DAY,
    )
    assert back.ended == []
    assert settling.meaning(kind="email", normal="a@x.pl", now=now + 2 * DAY).ended == [], (
        "passing back permits nothing"
    )


def test_who_was_joined_long_ago_is_looked_at_on_the_next_pages(
    session: Any, anna: int, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contradicting, "JOINED", 2)
    profile = session.scalar(select(Contact.profile_id).where(Contact.id == anna))
    judged: list[list[int]] = []
    monkeypatch.setattr(
        contradicting, "_of_joined", lambda profile_ids, now: judged.append(list(profile_ids)) or iter(())
    )
    others = [session.scalar(insert(Profile).values(created_at=now).returning(Profile.id)) for _ in "1234"]
    for to in (profile, others[0], profile, others[1], others[2]):
        move = {"contact_id": anna, "from_profile_id": others[3], "to_profile_id": to, "at": now, "cause": "decision"}
        session.execute(insert(Lineage).values(move))
    first = contradicting.waiting(now=now)
    second = contradicting.waiting(before=first.earlier, now=now)
    third = contradicting.waiting(before=second.earlier, now=now)
    assert judged == [[others[2], others[1]], [profile, others[0]], []]
    assert (first.earlier is not None, second.earlier is not None, third.earlier) == (True, True, None)

"""Before a person is erased: what they forbade at an address that others hold too stays forbidden to us."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm360.consents import leaving, ledger, operations, personal_data, queries
from crm360.consents.models import Statement
from crm360.facts import ConsentStated, ContactRef, Identifier, Received
from crm360.identity.models import Contact
from crm360.kernel.personal_data import Whom
from tests.consents.twin import Twin
from tests.consents.world import World

START = datetime(2026, 1, 10, 12, tzinfo=UTC)
BOTHS, OWN = Identifier("email", "home@example.com"), Identifier("email", "yvonne@example.com")
#: A purpose of the person as such, and one of the address.
OF_PERSON, OF_ADDRESS = "profiling", "marketing"


@pytest.fixture
def people(session: Any) -> dict[str, int]:
    """Yvonne, Zoe and Xavier, three customers with one address between them. Name → contact."""
    twin = Twin(session)
    held = {"yvonne": (BOTHS, OWN), "zoe": (BOTHS,), "xavier": (BOTHS,)}
    return {name: twin.arrive([each.value for each in addresses]) for name, addresses in held.items()}


def say(
    contact_id: int, state: Any, address: Identifier, *, purpose: str = OF_PERSON, days: int = 0, undated: bool = False
) -> None:
    fact = ConsentStated(
        ref=ContactRef("shop", "x"), identifier=address, purpose=purpose, channel="email", state=state, source="shop",
        occurred_at=START + timedelta(days=days), evidence_grade="A", undated=undated,
    )  # fmt: skip
    operations.record_statements(received=[Received(contact_id, None, fact)], now=START + timedelta(days=9))


def permitted(session: Any, contact_id: int, address: Identifier, purpose: str, now: datetime) -> bool:
    profile_id = session.get(Contact, contact_id).profile_id
    cells = [
        each for each in queries.matrix(profile_id, now=now) if each.purpose == purpose and each.normal == address.value
    ]
    return any(each.verdict.permitted for each in cells)


def erase(session: Any, contact_ids: list[int], now: datetime) -> None:
    leaving.forget(contact_ids=contact_ids, now=now)
    leaving.forget(contact_ids=contact_ids, now=now)  # an erasure in steps says it twice
    whom = Whom(contact_ids=contact_ids)
    personal_data.erase_tenures(whom)
    personal_data.erase_openings(whom)
    personal_data.erase_statements(whom)


def kept(session: Any) -> list[Statement]:
    return list(session.scalars(select(Statement).where(Statement.method == operations.KEPT).order_by(Statement.id)))


def test_a_refusal_at_a_shared_address_outlives_who_made_it(session: Any, people: dict[str, int], now: datetime):
    say(people["yvonne"], "given", OWN, days=1)
    assert permitted(session, people["yvonne"], OWN, OF_PERSON, now)
    say(people["xavier"], "refused", BOTHS, days=2, undated=True)
    assert not permitted(session, people["yvonne"], OWN, OF_PERSON, now)
    erase(session, [people["xavier"]], now)
    assert not permitted(session, people["yvonne"], OWN, OF_PERSON, now)
    (said,) = kept(session)
    assert (said.contact_id, said.state, said.occurred_at) == (people["yvonne"], "refused", START + timedelta(days=2))
    assert (said.evidence, said.notice, said.payload_id) == ({"undated": True}, "", None)
    assert ledger.size() == 3, "it is a leaf of the ledger as any other"


def test_it_passes_on_to_whoever_stays(session: Any, people: dict[str, int], now: datetime):
    say(people["xavier"], "withdrawn", BOTHS)
    erase(session, [people["xavier"], people["yvonne"]], now)
    assert [each.contact_id for each in kept(session)] == [people["zoe"]]
    erase(session, list(people.values()), now)
    assert kept(session) == []


def test_it_does_not_outweigh_what_was_said_later(session: Any, people: dict[str, int], now: datetime):
    say(people["xavier"], "refused", BOTHS, days=1)
    say(people["yvonne"], "given", OWN, days=2)
    erase(session, [people["xavier"]], now)
    assert permitted(session, people["yvonne"], OWN, OF_PERSON, now)


def test_a_yes_and_what_concerns_the_address_alone_are_not_said_again(
    session: Any, people: dict[str, int], now: datetime
):
    say(people["xavier"], "given", BOTHS)
    say(people["xavier"], "refused", BOTHS, purpose=OF_ADDRESS)
    erase(session, [people["xavier"]], now)
    assert kept(session) == []


def test_the_little_world_keeps_it_too():
    world = World()
    other, leaver = world.arrive(["a@x.pl", "b@x.pl"]), world.arrive(["a@x.pl"])
    world.say(other, "b@x.pl", OF_PERSON, "given", "A")
    world.tick(timedelta(days=1))
    world.say(leaver, "a@x.pl", OF_PERSON, "refused", "A")
    before = world.permitted(())
    world.erase(world.place[leaver])
    assert world.permitted(()) <= before

"""Merge, then months of anything, then undo: everything stands where it would stand had nobody merged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from crm360.commerce import queries as commerce
from crm360.consents import queries as consents
from crm360.conversations import queries as conversations
from crm360.facts import (
    CartChanged,
    ConsentStated,
    ContactRef,
    ContactSeen,
    Fact,
    Identifier,
    MessageExchanged,
    OrderLine,
    OrderPlaced,
    TagsStated,
)
from crm360.flows import pinning, receive, review
from crm360.identity.models import Contact
from crm360.inbox import operations as inbox
from crm360.profiles import operations as profiles
from crm360.profiles import queries, timeline
from tests.identity.people import NOW, groups, partition, profile_of

pytestmark = pytest.mark.usefixtures("app")

#: Two customers whom nothing joins, and later records that belong to one of them by an address.
PEOPLE = {"a": ("Anna", "Lis", "anna@wp.pl"), "b": ("Bogdan", "Maj", "bogdan@o2.pl")}
WHO = st.sampled_from(sorted(PEOPLE))
Act = Callable[[int], None]


def ref(who: str, source: str = "shop") -> ContactRef:
    return ContactRef(source, f"{who}-{source}")


def email(who: str) -> Identifier:
    return Identifier("email", PEOPLE[who][2])


def known(who: str, source: str = "shop", city: str = "Kraków", at: int = 0) -> ContactSeen:
    given_name, family_name, _ = PEOPLE[who]
    fields = {"given_name": given_name, "family_name": family_name, "city": city}
    return ContactSeen(
        ref=ref(who, source), occurred_at=NOW + timedelta(days=at), fields=fields, identifiers=(email(who),)
    )


def ordered(who: str, number: int, at: int) -> OrderPlaced:
    when = NOW + timedelta(days=at)
    line = OrderLine(line_no=1, sku="MUG", name="Mug", quantity=1, unit_price_minor=4500, total_minor=4500)
    return OrderPlaced(ref=ref(who), source="shop", external_id=f"{who}{number}", number=f"{who}{number}", placed_at=when,
                       updated_at=when, currency="PLN", total_minor=4500, kind="sale", lines=(line,))  # fmt: skip


def wrote(who: str, number: int, at: int) -> MessageExchanged:
    return MessageExchanged(ref=ref(who), source="shop", channel="email", conversation_id=f"t{who}", message_id=f"{who}-{number}",
                            direction="in", occurred_at=NOW + timedelta(days=at), body="Dzień dobry", author=PEOPLE[who][0])  # fmt: skip


def carted(who: str, number: int, at: int) -> CartChanged:
    return CartChanged(ref=ref(who), action="added", occurred_at=NOW + timedelta(days=at, minutes=number), product_id="MUG", sku="MUG",
                       name="Mug", unit_price_minor=4500, currency="PLN", cart_id=f"c{who}")  # fmt: skip


def consented(who: str, state: str, at: int) -> ConsentStated:
    return ConsentStated(ref=ref(who), identifier=email(who), purpose="marketing", channel="email", state=state,  # type: ignore[arg-type]
                         occurred_at=NOW + timedelta(days=at), source="shop", evidence_grade="A", statement_id=f"{who}{state}{at}")  # fmt: skip


def labelled(who: str, at: int) -> TagsStated:
    return TagsStated(ref=ref(who), tags=(f"shop says {at}",), occurred_at=NOW + timedelta(days=at))


DAY = st.integers(1, 90)
FACT = st.one_of(
    st.builds(ordered, WHO, st.integers(0, 9), DAY),
    st.builds(wrote, WHO, st.integers(0, 9), DAY),
    st.builds(carted, WHO, st.integers(0, 9), DAY),
    st.builds(consented, WHO, st.sampled_from(["given", "withdrawn"]), DAY),
    st.builds(labelled, WHO, DAY),
    st.builds(known, WHO, st.sampled_from(["shop", "till", "chat"]), st.sampled_from(["Gdynia", "Łódź"]), DAY),
)


def at_the_desk(kind: str, text: str) -> Act:
    """What a colleague does on the page of a customer."""

    def note(customer: int) -> None:
        profiles.add_note(profile_id=customer, body=text, by="Marta", now=NOW + timedelta(days=91))

    def tag(customer: int) -> None:
        profiles.set_tag(profile_id=customer, name=text, by="Marta", now=NOW + timedelta(days=91))

    def pin(customer: int) -> None:
        pinning.pin(profile_id=customer, field="city", value=text, by="Marta", now=NOW + timedelta(days=91))

    return {"note": note, "tag": tag, "pin": pin}[kind]


ACTS = st.builds(at_the_desk, st.sampled_from(["note", "tag", "pin"]), st.sampled_from(["Sopot", "Rumia", "Reda"]))
LATER = st.lists(st.one_of(FACT, ACTS), max_size=8)


def tell(facts: Sequence[Fact]) -> None:
    source = inbox.ensure_source(name="shop", channel="shopify", now=NOW)
    receive.apply([receive.Read(None, list(facts), source)], now=NOW + timedelta(days=92))


def live(later: Sequence[Any], customer: Callable[[], int]) -> None:
    for each in later:
        if callable(each):
            each(customer())
        else:
            tell([each])


def everything(session: Any) -> dict[frozenset[str], Any]:
    """Who is together, and all that is told of each."""
    session.expire_all()
    names: dict[int, set[str]] = {}
    for external_id, profile in session.execute(select(Contact.external_id, Contact.profile_id)):
        names.setdefault(profile, set()).add(external_id)
    return {frozenset(group): told(profile) for profile, group in names.items()}


def told(profile: int) -> Any:
    record, value = queries.golden([profile])[profile], commerce.value_of(profile)
    matrix = consents.matrix(profile, now=NOW + timedelta(days=92))
    return {
        "fields": {name: (said["value"], said["rule"]) for name, said in record.fields.items()},
        "spend": (value.orders, dict(value.spend)),
        "timeline": {kind: number for kind, number in timeline.counts(profile).items() if kind != "identity"},
        "threads": sorted(thread.message_count for thread in conversations.conversations_of(profile, limit=9)),
        "notes": sorted(note.body for note in queries.notes(profile)),
        "tags": sorted(tag.name for tag in queries.tags(profile)),
        "consents": [(cell.identifier, cell.channel, cell.verdict.permitted, cell.verdict.state) for cell in matrix],
    }


def test_merge_then_anything_then_undo_is_as_if_never_merged(session: Any, database: str) -> None:
    @settings(max_examples=15 if database == "sqlite" else 4, deadline=None, suppress_health_check=list(HealthCheck))
    @given(before=st.lists(st.one_of(FACT, ACTS), max_size=4), later=LATER)
    def holds(before: list[Any], later: list[Any]) -> None:
        seen = []
        for merged in (True, False):
            point = session.begin_nested()
            try:
                tell([known("a")])  # first, so that theirs is the older number
                tell([known("b")])
                live(before, lambda: int(profile_of("b-shop") or 0))
                survivor, other = int(profile_of("a-shop") or 0), int(profile_of("b-shop") or 0)
                if merged:
                    outcome = review.merge(profile_ids=[survivor, other], by="Marta", now=NOW + timedelta(days=1))
                    assert profile_of("a-shop") == profile_of("b-shop") == survivor
                # on the merged page a colleague writes to the customer who keeps the number
                live(fresh(later), lambda: int(profile_of("a-shop") or 0))
                if merged:
                    review.undo(decision_id=outcome.decision_id, by="Marta", now=NOW + timedelta(days=200))
                    assert (profile_of("a-shop"), profile_of("b-shop")) == (survivor, other)
                seen.append(everything(session))
            finally:
                point.rollback()
                session.expire_all()
        assert seen[0] == seen[1]

    holds()


def fresh(later: list[Any]) -> list[Any]:
    """Without tags: one that a merged customer has already is not written twice, so it stays with whom it came from."""
    return [each for each in later if getattr(each, "__name__", "") != "tag"]


def test_a_tag_set_after_the_merge_stays_with_the_customer_who_kept_the_number(session: Any) -> None:
    tell([known("a")])  # first, so that theirs is the older number
    tell([known("b")])
    survivor, other = int(profile_of("a-shop") or 0), int(profile_of("b-shop") or 0)
    outcome = review.merge(profile_ids=[survivor, other], by="Marta", now=NOW)
    profiles.set_tag(profile_id=survivor, name="new", by="Marta", now=NOW)
    review.undo(decision_id=outcome.decision_id, by="Marta", now=NOW + timedelta(days=200))
    assert partition() == groups(["a-shop"], ["b-shop"])
    assert [[tag.name for tag in queries.tags(each)] for each in (survivor, other)] == [["new"], []]

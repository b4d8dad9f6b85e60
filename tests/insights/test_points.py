"""Loyalty points are what sources say, summed over a customer's cards."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from crm360.facts import ContactRef, ContactSeen, Identifier
from crm360.flows import receive
from crm360.identity import operations as identity
from crm360.insights import points


def test_points_are_summed_over_a_customers_cards(session: Any, plain_model: None, now: datetime):
    told = {
        "1": {"points": "1 250"},
        "2": {"loyalty_balance": 40},
        "3": {"points": 0},
        "4": {"colour": "points"},
        "5": {"points": "many"},
    }
    seen = [
        ContactSeen(
            ref=ContactRef("till", number), occurred_at=now, identifiers=(Identifier("email", mail),), attributes=said
        )
        for (number, said), mail in zip(
            told.items(),
            ("a@example.com", "a@example.com", "b@example.com", "c@example.com", "d@example.com"),
            strict=True,
        )
    ]
    recorded = identity.record_contacts(seen=seen, now=now)
    touched = identity.resolve(contact_ids=recorded.changed, before=recorded.before, now=now)
    receive.refresh.profiles(touched, changed_contacts=recorded.changed, now=now)
    of = identity_of(recorded.ids)
    assert points.balances() == {of["1"]: 1290, of["3"]: 0}
    assert points.summed(points.balances()) == {
        "customers": 2,
        "holders": 1,
        "points": 1290,
        "median": 1290.0,
        "p90": 1290.0,
    }
    assert points.summed({}) is None


def identity_of(ids: dict[ContactRef, int]) -> dict[str, int]:
    from crm360.identity import queries

    profiles = queries.profile_ids(ids.values())
    return {ref.external_id: profiles[contact] for ref, contact in ids.items()}

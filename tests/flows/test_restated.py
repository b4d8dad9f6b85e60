"""A source says something again, in other words or later: the golden record is always what its contacts give now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from crm360.facts import ContactRef, ContactSeen, Identifier
from crm360.flows import receive
from crm360.identity.models import Contact
from crm360.inbox import operations as inbox
from crm360.profiles import composing, queries
from tests.identity.people import NOW, profile_of

pytestmark = pytest.mark.usefixtures("app")


def seen(who: str, day: int, *, email: str = "a@wp.pl", verified: bool = False, **fields: str) -> ContactSeen:
    return ContactSeen(
        ref=ContactRef("shop", who), occurred_at=NOW + timedelta(days=day), fields={"given_name": "Anna", **fields},
        identifiers=(Identifier("email", "a@wp.pl"), Identifier("email", email, verified)),
    )  # fmt: skip


def tell(*facts: ContactSeen) -> None:
    for fact in facts:
        source = inbox.ensure_source(name="shop", channel="shopify", now=NOW)
        receive.apply([receive.Read(None, [fact], source)], now=NOW + timedelta(days=99))


def shown(who: str) -> dict[str, str]:
    profile = int(profile_of(who) or 0)
    return queries.values([profile])[profile]


def test_what_nobody_is_compared_by_is_shown_anew(session: Any) -> None:
    tell(seen("x", 1, locale="pl"), seen("x", 2, locale="en", gender="f"))
    assert (shown("x")["locale"], shown("x")["gender"]) == ("en", "f")


def test_of_two_values_the_one_said_again_is_the_newest(session: Any) -> None:
    tell(seen("x", 1, job_title="clerk"), seen("y", 2, job_title="owner"))
    assert shown("x")["job_title"] == "owner"
    tell(seen("x", 3, job_title="clerk"))
    assert shown("x")["job_title"] == "clerk"


def test_an_address_its_source_proved_since_comes_first(session: Any) -> None:
    tell(seen("x", 1, email="b@wp.pl"), seen("x", 2), seen("x", 3, email="b@wp.pl"))
    tell(seen("x", 4, email="a@wp.pl", verified=True))
    assert shown("x")["email"] == "a@wp.pl"
    tell(seen("x", 5, email="b@wp.pl", verified=True))
    assert shown("x")["email"] == "b@wp.pl"


STATEMENT = st.builds(
    lambda who, day, email, verified, fields: seen(who, day, email=email, verified=verified, **fields),
    st.sampled_from("xyz"), st.integers(0, 9), st.sampled_from(["a@wp.pl", "b@wp.pl"]), st.booleans(),
    st.fixed_dictionaries({}, optional={
        "job_title": st.sampled_from(["clerk", "owner"]), "gender": st.sampled_from("fm"), "locale": st.sampled_from(["pl", "en"]),
        "city": st.sampled_from(["Gdynia", "Sopot", "SOPOT"]), "family_name": st.sampled_from(["Lis", "LIS"]),
    }),
)  # fmt: skip


def test_the_golden_record_is_what_the_contacts_give_now(session: Any, database: str) -> None:
    @settings(max_examples=40 if database == "sqlite" else 6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(STATEMENT, max_size=8))
    def holds(statements: list[ContactSeen]) -> None:
        point = session.begin_nested()
        try:
            tell(*statements)
            profiles = set(session.scalars(select(Contact.profile_id)))
            anew = {each: {name: said["value"] for name, said in record.fields.items()}
                    for each, record in composing.records(profiles).items()}  # fmt: skip
            assert queries.values(profiles) == anew
        finally:
            point.rollback()
            session.expire_all()

    holds()

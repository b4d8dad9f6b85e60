"""Data held against the base gets the answer its arrival would get, and leaves nothing behind."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from crm360.facts import Identifier
from crm360.identity import in_force, judging, operations
from crm360.identity.models import BlockingKey, Contact, ContactIdentifier, Edge
from crm360.identity.probing import Probed, probe
from crm360.kernel.db import db
from tests.identity.people import NOW, profile_of, receive, seen

pytestmark = pytest.mark.usefixtures("app")

JAN = {"given_name": "Jan", "family_name": "Nowak"}
MAIL = Identifier("email", "jan.nowak@wp.pl")


def _asked(statement: Any, **kwargs: Any) -> Probed:
    return probe(fields=statement.fields, identifiers=statement.identifiers, **kwargs)


def _verdicts(probed: Probed) -> dict[int, str]:
    return {each.profile_id: each.verdict for each in probed.likely}


def test_the_same_mailbox_and_name_would_join() -> None:
    ids = receive([seen("a", "Jan", "Nowak", email="jan.nowak@wp.pl"), seen("b", "Ewa", "Lis", phone="602123456")])
    found = probe(fields=JAN, identifiers=[Identifier("email", " Jan.Nowak@WP.pl ")])
    (likely,) = found.likely
    assert (likely.profile_id, likely.contact_id, likely.verdict) == (profile_of("a"), ids["a"], "join")
    assert found.profile_id == profile_of("a")
    assert likely.weight == pytest.approx(found.thresholds.prior + sum(row["bits"] for row in likely.evidence))
    assert {row["field"] for row in likely.evidence} >= {"email", "given_name", "family_name"}
    assert found.model == in_force.current().name


def test_a_family_on_one_mailbox_is_asked_about_not_joined() -> None:
    receive([seen("a", "Anna", "Kowalska", email="dom@wp.pl")])
    found = _asked(seen("x", "Piotr", "Kowalski", email="dom@wp.pl"))
    assert found.profile_id is None
    assert _verdicts(found) == {profile_of("a"): "review"}


def test_two_pesel_numbers_are_two_people_whatever_else_agrees() -> None:
    receive([seen("a", "Jan", "Nowak", email="jan.nowak@wp.pl", national_id="44051401359")])
    (likely,) = _asked(seen("x", "Jan", "Nowak", email="jan.nowak@wp.pl", national_id="02070803628")).likely
    assert (likely.verdict, likely.conflict) == ("conflict", "two different PESEL numbers")


def test_a_conflict_with_any_record_of_the_profile_counts() -> None:
    receive(
        [
            seen("a", "Jan", "Nowak", email="jan.nowak@wp.pl"),
            seen("b", "Jan", "Nowak", email="jan.nowak@wp.pl", national_id="44051401359"),
        ]
    )
    assert profile_of("a") == profile_of("b")
    (likely,) = _asked(seen("x", "Jan", "Nowak", email="jan.nowak@wp.pl", national_id="02070803628")).likely
    assert likely.verdict == "conflict"


def test_a_value_of_many_leads_to_nobody_and_is_named() -> None:
    receive([seen(str(n), given, family, email="kasa@wp.pl") for n, (given, family) in enumerate(CROWD)])
    found = probe(fields={}, identifiers=[Identifier("email", "kasa@wp.pl")])
    assert (found.likely, found.weak_keys) == ([], ["email:kasa@wp.pl"])


CROWD = [("Anna", "Kowalska"), ("Piotr", "Zieliński"), ("Ewa", "Lis"), ("Marek", "Wójcik"), ("Olga", "Baran")]


@pytest.mark.parametrize(
    ("fields", "identifiers", "unreadable"),
    [
        ({}, [], []),
        ({"given_name": "Jan"}, [], []),
        ({}, [Identifier("email", "not an address")], ["email"]),
        ({}, [Identifier("phone", "000000000"), Identifier("national_id", "12345678901")], ["national_id"]),
        ({}, [Identifier("device", "d-1")], []),
    ],
    ids=["nothing", "half a name", "no address", "placeholder and no PESEL", "a device"],
)
def test_what_points_at_nobody(fields: dict[str, str], identifiers: list[Identifier], unreadable: list[str]) -> None:
    receive([seen("a", "Jan", "Nowak", email="jan.nowak@wp.pl", device="d-1", phone="602123456")])
    found = probe(fields=fields, identifiers=identifiers)
    assert found.likely == []
    assert set(unreadable) <= set(found.unreadable)


def test_national_phone_numbers_are_read_as_the_region_writes_them() -> None:
    receive([seen("a", "Jan", "Nowak", phone="+49 1512 3456789")])
    asked = {"fields": JAN, "identifiers": [Identifier("phone", "01512 3456789")]}
    assert "phone" in {row["field"] for row in probe(**asked, region="DE").likely[0].evidence}
    assert "phone" not in {row["field"] for each in probe(**asked).likely for row in each.evidence if row["bits"] > 0}


def test_the_most_alike_come_first_and_no_more_than_asked_for() -> None:
    receive(
        [
            seen("namesake", "Jan", "Nowak", phone="602123456"),
            seen("self", "Jan", "Nowak", email="jan.nowak@wp.pl", birth_date="1984-05-14"),
        ]
    )
    found = probe(fields=JAN | {"birth_date": "1984-05-14"}, identifiers=[MAIL])
    weights = [each.weight for each in found.likely]
    assert weights == sorted(weights, reverse=True)
    assert len(weights) == 2
    assert [each.profile_id for each in probe(fields=JAN, identifiers=[MAIL], limit=1).likely] == [profile_of("self")]


def test_nothing_is_stored() -> None:
    receive([seen("a", "Jan", "Nowak", email="jan.nowak@wp.pl")])
    tables = (Contact, ContactIdentifier, BlockingKey, Edge)
    before = [db.session.scalar(select(func.count()).select_from(table)) for table in tables]
    assert probe(fields=JAN, identifiers=[MAIL]).likely
    assert not db.session.new
    assert not db.session.dirty
    assert [db.session.scalar(select(func.count()).select_from(table)) for table in tables] == before


STATEMENT = st.builds(
    lambda n, given_name, family, email, phone: seen(f"s{n}", given_name, family, email=email, phone=phone),
    st.integers(0, 5), st.sampled_from(["Jan", "Ewa", "Janek", ""]), st.sampled_from(["Nowak", "Lis"]),
    st.sampled_from(["", "a@wp.pl", "b@wp.pl"]), st.sampled_from(["", "602123456", "602123457"]),
)  # fmt: skip


def test_the_answer_is_what_arrival_does(session: Any, database: str) -> None:
    """With one profile near enough to join, an arriving contact joins it exactly when the probe said so."""

    @settings(max_examples=60 if database == "sqlite" else 10, deadline=None, suppress_health_check=list(HealthCheck))
    @given(base=st.lists(STATEMENT, min_size=1, max_size=4), asked=STATEMENT)
    def holds(base: list[Any], asked: Any) -> None:
        point = session.begin_nested()
        try:
            receive(base)
            found = _asked(asked)
            joining = [each for each in found.likely if each.weight >= found.thresholds.join]
            arrived = operations.record_contacts(seen=[_as_new(asked)], now=NOW)
            operations.resolve(contact_ids=arrived.changed, before=arrived.before, now=NOW)
            if len(joining) < 2 and _weak_keys("z-new") == found.weak_keys:  # else it changed the base itself
                mates = select(Contact.external_id).where(Contact.profile_id == profile_of("z-new"))
                joined = set(session.scalars(mates)) - {"z-new"}
                assert bool(joined) == (found.profile_id is not None)
        finally:
            point.rollback()

    holds()


def _weak_keys(external_id: str) -> list[str]:
    compared = db.session.scalar(select(Contact.compared).where(Contact.external_id == external_id))
    return sorted(judging.Known(in_force.current().judge).weak(judging.identifier_keys(compared)))


def _as_new(statement: Any) -> Any:
    said = {each.kind: each.value for each in statement.identifiers if each.value}
    return seen("z-new", statement.fields.get("given_name", ""), statement.fields.get("family_name", ""), **said)

"""Who is who on a real database: joined by evidence, kept apart by guards, the same in every order."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from crm360.identity import queries
from crm360.identity.models import WeakValue
from tests.identity.people import groups, partition, profile_of, receive, seen

pytestmark = pytest.mark.usefixtures("app")

ANNA = {"city": "Kraków", "postcode": "31-146", "street": "ul. Długa", "house_number": "12"}


@pytest.mark.parametrize(
    ("left", "right", "together"),
    [
        (seen("a", "Anna", "Kowalska", email="anna@wp.pl"), seen("b", email="Anna@WP.pl"), True),
        (seen("a", "Anna", "Kowalska", phone="602 123 456"), seen("b", "Ania", "Kowalska", phone="+48602123456"), True),
        (seen("a", "Anna", "Kowalska", card="00047"), seen("b", card="00047"), True),
        (seen("a", "Anna", "Kowalska", birth_date="1980-05-12", **ANNA),
         seen("b", "Anna", "Kowalsak", birth_date="1980-05-12", city="Kraków"), True),
        (seen("a", "Anna", "Kowalska", email="dom@wp.pl"), seen("b", "Piotr", "Kowalski", email="dom@wp.pl"), False),
        (seen("a", "Anna", "Kowalska", email="x@wp.pl"), seen("b", "Piotr", "Zieliński", email="x@wp.pl"), False),
        (seen("a", "Anna", "Kowalska", **ANNA), seen("b", "Piotr", "Kowalski", **ANNA), False),
        (seen("a", "Jan", "Nowak", birth_date="1950-01-02", **ANNA),
         seen("b", "Jan", "Nowak", birth_date="1982-07-19", **ANNA), False),
        (seen("a", "Anna", "Kowalska", email="dom@wp.pl", phone="126543210", **ANNA),
         seen("b", "Piotr", "Kowalski", email="dom@wp.pl", phone="126543210", **ANNA), False),
        (seen("a", "Jan", "Nowak"), seen("b", "Jan", "Nowak"), False),
        (seen("a", "Jan", "Nowak", phone="000000000"), seen("b", "Ewa", "Lis", phone="000000000"), False),
        (seen("a", email="brak@brak.pl"), seen("b", email="brak@brak.pl"), False),
        (seen("a", email="biuro@firma.pl"), seen("b", email="biuro@firma.pl"), False),
        (seen("a", national_id="44051401359", phone="602123456"), seen("b", national_id="02070803628", phone="602123456"), False),
    ],
)  # fmt: skip
def test_two_contacts(left: Any, right: Any, together: bool) -> None:
    receive([left, right])
    assert partition() == (groups("ab") if together else groups("a", "b"))


def test_a_value_seen_with_three_people_is_nobodys_own() -> None:
    cashier = [
        seen("till-1", "Anna", "Kowalska", card="70047"),
        seen("till-2", card="70047"),
        seen("till-3", "Piotr", "Lis", card="70047"),
    ]
    receive(cashier)
    assert frozenset(("till-1", "till-2")) in partition() or frozenset(("till-2", "till-3")) in partition()
    receive([seen("till-4", "Ewa", "Mazur", card="70047")])
    assert partition() == groups(["till-1"], ["till-2"], ["till-3"], ["till-4"])


def test_the_page_can_say_why_a_value_joins_nobody(session: Any) -> None:
    receive([seen(str(n), name, "Nowak", email="rodzina@wp.pl") for n, name in enumerate(("Anna", "Piotr", "Ewa"))])
    weak = session.get(WeakValue, "email:rodzina@wp.pl")
    assert (weak.reason, weak.count) == ("seen with different names", 3)


def test_one_bad_pair_does_not_glue_two_families() -> None:
    nowak = [seen(f"n{i}", "Jan", "Nowak", phone="601000001", email=f"jan{i}@wp.pl") for i in range(3)]
    lis = [seen(f"l{i}", "Ewa", "Lis", phone="601000002", email=f"ewa{i}@wp.pl") for i in range(3)]
    bridge = [seen("bridge", email=["jan0@wp.pl", "ewa0@wp.pl"])]
    receive(nowak, lis, bridge)
    found = partition()
    assert not any({"n0", "l0"} <= group for group in found)


def test_a_family_mailbox_on_a_list_does_not_glue_the_family() -> None:
    anna = seen("anna", "Anna", "Kowalska", email="dom@wp.pl", phone="126543210", **ANNA)
    piotr = seen("piotr", "Piotr", "Kowalski", email="dom@wp.pl", phone="126543210", **ANNA)
    receive([anna, piotr, seen("list", email="dom@wp.pl")])
    assert not any({"anna", "piotr"} <= group for group in partition())


def test_a_device_hands_its_history_to_the_customer_it_names() -> None:
    receive([seen("anon:x", device="x", anonymous=True)])
    assert partition() == groups(["?anon:x"])
    receive([seen("user:1", customer_id="web:1", device="x")])
    assert profile_of("anon:x") == profile_of("user:1")
    receive([seen("user:2", customer_id="web:2", device="x")])
    assert profile_of("anon:x") is None, "a device two customers share names neither"


def test_the_oldest_profile_survives_and_the_other_leads_to_it() -> None:
    receive([seen("a", "Anna", "Kowalska", email="a@wp.pl")], [seen("b", "Anna", "Kowalska", phone="602123456")])
    first, second = profile_of("a"), profile_of("b")
    receive([seen("c", "Anna", "Kowalska", email="a@wp.pl", phone="602123456")])
    assert {profile_of(x) for x in "abc"} == {first}
    assert second is not None
    assert queries.current(second) == first


def test_evidence_taken_back_parts_again_and_brings_the_old_id_back() -> None:
    receive([seen("a", "Anna", "Kowalska", email="a@wp.pl")], [seen("b", "Anna", "Lis", email="b@wp.pl")])
    before = (profile_of("a"), profile_of("b"))
    receive([seen("c", birth_date="1980-01-01", email=["a@wp.pl", "b@wp.pl"])])
    receive([seen("a", birth_date="1980-01-01", at=5), seen("b", birth_date="1955-12-24", at=5)])
    assert (profile_of("a"), profile_of("b")) == before


GIVEN = st.sampled_from(["Anna", "Ania", "Piotr", "Jan", "Ewa", ""])
FAMILY = st.sampled_from(["Kowalska", "Kowalski", "Kowalsak", "Nowak", "Lis", ""])
STATEMENT = st.builds(
    lambda n, given_name, family, email, phone, card, born, home, at, device: seen(
        f"{n}", given_name, family, email=email, phone=phone, card=card, birth_date=born, at=at, device=device,
        **(ANNA if home else {}),
    ),
    st.integers(0, 9), GIVEN, FAMILY,
    st.sampled_from(["", "a@wp.pl", "b@wp.pl", "c@wp.pl"]),
    st.sampled_from(["", "602123456", "602123457"]),
    st.sampled_from(["", "", "00047"]),
    st.sampled_from(["", "", "1980-05-12", "1982-07-19"]),
    st.booleans(), st.integers(0, 3),
    st.sampled_from(["", "dev-1"]),
)  # fmt: skip
VISIT = st.builds(
    lambda n, d: seen(f"anon:{n}", device=d, anonymous=True), st.integers(0, 1), st.sampled_from(["dev-1", "dev-2"])
)


def test_the_partition_does_not_depend_on_order_or_batches(session: Any, database: str) -> None:
    @settings(
        max_examples=60 if database == "sqlite" else 8, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    @given(
        statements=st.lists(st.one_of(STATEMENT, STATEMENT, VISIT), min_size=2, max_size=14),
        seed=st.integers(0, 10_000),
    )
    def holds(statements: list[Any], seed: int) -> None:
        for one in statements:
            note(f"{one.ref.external_id} {dict(one.fields)} {one.identifiers} {one.occurred_at:%d %H:%M}")
        with_all_at_once = _partition_of(session, [statements])
        rng = random.Random(seed)
        shuffled = rng.sample(statements, len(statements))
        assert _partition_of(session, [[one] for one in shuffled]) == with_all_at_once
        cut = rng.randrange(len(shuffled))
        assert _partition_of(session, [shuffled[:cut], shuffled[cut:], shuffled]) == with_all_at_once

    holds()


def _partition_of(session: Any, batches: list[list[Any]]) -> Any:
    point = session.begin_nested()
    try:
        receive(*[batch for batch in batches if batch])
        return partition()
    finally:
        point.rollback()

"""How many identifiers and records one profile collects before a person is asked, and why a pair then waits."""

from __future__ import annotations

from typing import Any

import pytest

from crm360.identity import deciding, holding, limit_setting, limits, queries, rebuilding
from crm360.identity.limits import Excess
from tests.identity.people import NOW, groups, partition, profile_of, receive, seen

ANNA = {"email": "anna@wp.pl", "phone": "602123456"}
ANNA_TOO = {"email": "lis@gmail.com", "phone": "602123456"}


@pytest.mark.parametrize(
    ("left", "right", "most", "found"),
    [
        ({"customer_id": ["shop:1"]}, {"customer_id": ["shop:2"]}, {"customer_id": 1}, Excess("customer_id", 2, 1)),
        ({"customer_id": ["shop:1"]}, {"customer_id": ["shop:1"]}, {"customer_id": 1}, None),
        ({"customer_id": ["shop:1"]}, {"customer_id": ["web:2"]}, {"customer_id": 1}, None),
        ({"customer_id": ["shop:1"]}, {"customer_id": ["shop:2"]}, {"customer_id": 2}, None),
        ({"customer_id": ["shop:1"]}, {"customer_id": ["shop:2"]}, {"customer_id": 0}, None),
        ({"customer_id": ["shop:1", "shop:2"]}, {"email": ["a@b.pl"]}, {"customer_id": 1}, None),
        ({"customer_id": ["shop:1", "shop:2"]}, {"customer_id": ["shop:2"]}, {"customer_id": 1}, None),
        (
            {"customer_id": ["shop:1"], "email": ["a@b.pl"]},
            {"customer_id": ["shop:2"], "email": ["a@b.pl", "c@d.pl"]},
            {"customer_id": 1},
            None,
        ),
        (
            {"customer_id": ["shop:1"], "email": ["a@b.pl"]},
            {"customer_id": ["shop:2"], "email": ["c@d.pl"]},
            {"customer_id": 1},
            Excess("customer_id", 2, 1),
        ),
        ({"card": ["1", "2"]}, {"card": ["3"]}, {"card": 2}, Excess("card", 3, 2)),
        ({}, {}, {"record": 1}, Excess("record", 2, 1)),
    ],
)
def test_what_a_join_would_break(left: Any, right: Any, most: dict[str, int], found: Excess | None) -> None:
    assert limits.excess([1], [2], {1: left, 2: right}, most) == found


@pytest.mark.usefixtures("app")
class TestOnTheDatabase:
    def test_two_accounts_of_one_shop_wait_for_a_person(self) -> None:
        receive(
            [
                seen("a", "Anna", "Lis", customer_id="shop:1", **ANNA),
                seen("b", "Anna", "Lis", customer_id="shop:2", **ANNA_TOO),
            ]
        )
        assert partition() == groups("a", "b")
        (review,) = queries.open_reviews()
        pair = (review.left_profile_id, review.right_profile_id)
        assert holding.held([pair]) == {pair: holding.Held("limit", "customer_id", 2, 1)}

    def test_accounts_that_share_an_address_are_one_in_use(self) -> None:
        """A shop gives an address to one account: the other was deleted, or was a guest\u2019s."""
        receive(
            [
                seen("a", "Anna", "Lis", customer_id="shop:1", **ANNA),
                seen("b", "Anna", "Lis", customer_id="shop:2", **ANNA),
            ]
        )
        assert partition() == groups("ab")

    def test_what_a_person_merged_stays_and_grows_with_what_adds_nothing(self) -> None:
        receive(
            [
                seen("a", "Anna", "Lis", customer_id="shop:1", **ANNA),
                seen("b", "Anna", "Lis", customer_id="shop:2", **ANNA_TOO),
            ]
        )
        deciding.merge(profile_ids=[profile_of("a") or 0, profile_of("b") or 0], by="Marta", now=NOW)
        receive([seen("c", "Anna", "Lis", **ANNA)])
        assert partition() == groups("abc")

    def test_another_limit_joins_and_parts_again(self) -> None:
        receive(
            [
                seen("a", "Anna", "Lis", customer_id="shop:1", **ANNA),
                seen("b", "Anna", "Lis", customer_id="shop:2", **ANNA_TOO),
            ]
        )
        for most, together in ((2, groups("ab")), (1, groups("a", "b")), (0, groups("ab"))):
            assert limit_setting.set_limit(kind="customer_id", most=most, by="Dana", now=NOW)
            assert limit_setting.limits_wait()
            limit_setting.apply_limits(now=NOW)
            assert partition() == together
            assert not limit_setting.limits_wait()
            found = rebuilding.rebuild()
            assert (found.stale_forms, found.differences) == ((), ())
        assert not limit_setting.set_limit(kind="customer_id", most=0, by="Dana", now=NOW)

    def test_a_profile_of_too_many_records_waits(self) -> None:
        limit_setting.set_limit(kind="record", most=3, by="Dana", now=NOW)
        receive([seen(name, "Anna", "Lis", **ANNA) for name in "abcd"])
        assert sorted(map(len, partition())) == [1, 3]
        (review, *_) = queries.open_reviews()
        pair = (review.left_profile_id, review.right_profile_id)
        assert holding.held([pair])[pair] == holding.Held("limit", "record", 4, 3)

    def test_the_reason_of_a_conflict_is_told(self) -> None:
        receive(
            [
                seen("a", "Jan", "Nowak", national_id="44051401359", **ANNA),
                seen("b", "Jan", "Nowak", national_id="02070803628", **ANNA),
            ]
        )
        (review,) = queries.open_reviews()
        pair = (review.left_profile_id, review.right_profile_id)
        assert holding.held([pair])[pair] == holding.Held("conflict", "two different PESEL numbers")

    @pytest.mark.parametrize(("kind", "most"), [("email", -1), ("email", 1_000_000), ("colour", 3)])
    def test_nonsense_is_refused(self, kind: str, most: int) -> None:
        with pytest.raises(limit_setting.BadLimit):
            limit_setting.set_limit(kind=kind, most=most, by="Dana", now=NOW)

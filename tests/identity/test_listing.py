"""Every pair and decision is seen once, whatever the size of the pages."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest

from crm360.identity import auditing, explaining, listing, operations, queries
from crm360.kernel import paging
from tests.identity.people import NOW, profile_of, receive, seen

pytestmark = pytest.mark.usefixtures("app")

FAMILY = ["Anna", "Piotr", "Ewa", "Marek"]
LIMITS = [1, 2, 100]


def _all(of: Callable[..., listing.Page[Any]], limit: int, **kwargs: Any) -> list[Any]:
    found: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        page = of(after=cursor, limit=limit, **kwargs)
        assert len(page.items) == limit or page.next_cursor is None
        found += page.items
        cursor = page.next_cursor
    return found


def _households() -> dict[str, int]:
    """Pairs of the same weight, and profiles with several pairs between them."""
    return receive(
        [
            seen(
                f"{door}{name}{source}",
                name,
                "Kowalski",
                email=f"{door}@wp.pl",
                source=source,
                street=f"Lipowa {ord(door)}",
            )
            for door in ("a", "b", "c")
            for name in FAMILY[:2]
            for source in ("shop", "till")
        ]
    )


@pytest.mark.parametrize("limit", LIMITS)
def test_each_pair_of_profiles_once_by_its_strongest_contacts(limit: int) -> None:
    _households()
    found = _all(listing.reviews, limit)
    assert len(found) >= 3
    weights = [each.weight for each in found]
    assert weights == sorted(weights, reverse=True)
    ends = [frozenset((each.left_profile_id, each.right_profile_id)) for each in found]
    assert len(set(ends)) == len(ends)
    expected = queries.open_reviews(limit=1000)
    assert {frozenset((each.left_profile_id, each.right_profile_id)): each.weight for each in expected} == dict(
        zip(ends, weights, strict=True)
    )


@pytest.mark.parametrize("limit", LIMITS)
def test_a_contacts_pairs(limit: int) -> None:
    ids = _households()
    contact = ids["aAnnashop"]
    found = [(each.left_id, each.right_id) for each in _all(lambda **k: listing.pairs_of(contact, **k), limit)]
    assert found == [(each.left_id, each.right_id) for each in explaining.candidates(contact, limit=1000)]
    assert len(set(found)) == len(found) >= 2


@pytest.mark.parametrize("limit", LIMITS)
def test_decisions_latest_first(limit: int) -> None:
    receive([seen(name, name, f"{name}owska") for name in FAMILY])
    first, second, third, fourth = (profile_of(name) or 0 for name in FAMILY)
    made = [
        operations.distinguish(profile_ids=pair, by="Dana", reason="", now=NOW).decision_id
        for pair in combinations((first, second, third), 2)
    ]
    assert [each.decision_id for each in _all(listing.decisions, limit)] == made[::-1]
    assert [each.decision_id for each in _all(listing.decisions, limit, profile_id=first)] == [made[1], made[0]]
    assert _all(listing.decisions, limit, profile_id=fourth) == []


@pytest.mark.parametrize("limit", LIMITS)
def test_shared_identifiers(limit: int) -> None:
    people = [("Anna", "Lis"), ("Piotr", "Baran"), ("Ewa", "Nowak"), ("Marek", "Zych")]
    receive(
        [
            seen(f"{at}-{place}", *who, email=f"{place}@wp.pl", phone=f"60212345{place}")
            for at, who in enumerate(people)
            for place in (1, 2)
        ]
    )
    found = _all(listing.shared, limit)
    assert {(each.kind, each.value) for each in found} == {
        ("email", "1@wp.pl"), ("email", "2@wp.pl"), ("phone", "+48602123451"), ("phone", "+48602123452")
    }  # fmt: skip
    assert sorted(found, key=str) == sorted(auditing.shared_identifiers(), key=str)


@pytest.mark.parametrize(
    "cursor",
    ["?", paging.encode(1), paging.encode("x", 1, 2), paging.encode("nan", 1, 2), paging.encode("1.0", "1", 2)],
)
def test_cursors_nobody_gave_out(cursor: str) -> None:
    with pytest.raises(paging.BadCursor):
        listing.reviews(after=cursor)

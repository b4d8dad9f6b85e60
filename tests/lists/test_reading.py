"""Lists read page by page are what plain code makes of the same customers, whichever way they are read."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

import pytest
from sqlalchemy import event

from crm360.consents import stopping
from crm360.flows import review
from crm360.identity import queries as identity
from crm360.kernel.db import db
from crm360.kernel.paging import BadCursor
from crm360.lists import conditions, reading
from crm360.lists.asking import Asked
from crm360.lists.conditions import Reader
from crm360.profiles.collating import key
from crm360.sales import operations as sales
from tests.lists.crowd import One, colleague, gather, static_segment

NAMES = ["Łucja Łoś", "Adam Lwowski", "Ewa Zych", "Jan Żak", "Ola Ćma", "Iza Czuba", "Ada Ład", "Jan Lubicz"]


@pytest.fixture
def anna(session: Any, now: datetime) -> int:
    return colleague("Anna", now)


@pytest.fixture
def crowd(anna: int, now: datetime) -> list[One]:
    ben = colleague("Ben", now)
    return gather(
        [
            One(
                name,
                city=("Kraków", "KRAKOW", "Łódź", "")[number % 4],
                country=("PL", "Polska", "Atlantis", "", "Niemcy")[number % 5],
                source=("shop", "till")[number % 2],
                tags=(("VIP",), ("vip", "new"), ())[number % 3],
                owner=(anna, ben, None)[number % 3],
                days=(1, 40, 200, None)[(number // 2) % 4],
                spend=(500, 20_000)[number % 2],
            )
            for number, name in enumerate(NAMES * 2)
        ],
        now,
    )


def walked(asked: Asked, reader: Reader, now: datetime, limit: int) -> list[int]:
    found: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        page = reading.page(asked, reader=reader, now=now, after=cursor, limit=limit)
        assert len(page.ids) <= limit
        found, cursor = found + page.ids, page.next_cursor
    return found


def expected(crowd: list[One], asked: Asked, me: int, members: set[int]) -> list[int]:
    way, days = asked.days

    def fits(one: One) -> bool:
        since = one.days
        return all(
            (
                not asked.segment or one.profile in members,
                not asked.tag or asked.tag.casefold() in {tag.casefold() for tag in one.tags},
                not asked.owner or one.owner == {"me": me, "none": None}.get(asked.owner, asked.owner),
                not asked.source or one.source == asked.source,
                not asked.city or one.city.casefold().replace("ó", "o") == "krakow",
                not asked.country
                or one.country
                in {"poland": ("PL", "Polska"), "DE": ("Niemcy",)}.get(asked.country, (asked.country.title(),)),
                asked.bought != "never" or since is None,
                not way or (since is not None and (since <= days if way == "within" else since > days)),
            )
        )

    def place(one: One) -> Any:
        family = " ".join(reversed(one.name.split()))
        return {"name": key(family), "last": -(one.days or 0), "spend": one.spend, "new": 0}[asked.sort.strip("-")]

    chosen = sorted(filter(fits, crowd), key=lambda one: (place(one), one.profile), reverse=asked.sort.startswith("-"))
    if asked.sort.strip("-") in ("last", "spend"):
        never = sorted(one.profile for one in chosen if one.days is None)
        return [one.profile for one in chosen if one.days is not None] + never
    return [one.profile for one in chosen]


@pytest.mark.parametrize("few", [0, 10_000])
def test_a_list_is_what_plain_code_makes_of_the_customers(
    crowd: list[One], anna: int, now: datetime, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "FEW", few)
    members = crowd[::2]
    segment = static_segment("Every other", members, now)
    asks = [
        Asked(), Asked(segment=segment), Asked(tag="VIP"), Asked(owner="me"), Asked(owner="none"), Asked(source="till"),
        Asked(city=" kraków"), Asked(country="poland"), Asked(country="DE"), Asked(country="atlantis"), Asked(country="poland", owner="me"), Asked(bought="never"), Asked(bought="within-40"), Asked(bought="before-40"),
        Asked(tag="vip", source="shop", segment=segment), Asked(owner="me", bought="within-365"), Asked(tag="nobody"),
    ]  # fmt: skip
    reader = Reader(anna, False)
    sorts = ("name", "-name", "last", "-last", "spend", "-spend", "new", "-new")
    for asked, sort in [*zip(asks, cycle(sorts), strict=False), *((Asked(tag="vip"), sort) for sort in sorts)]:
        asked = replace(asked, sort=sort)
        wanted = expected(crowd, asked, anna, {one.profile for one in members})
        assert walked(asked, reader, now, 3) == wanted, asked
        assert reading.count(asked, reader=reader, now=now) == len(wanted)
        assert reading.page(asked, reader=reader, now=now, limit=3).total == len(wanted)


def test_polish_letters_have_their_places(crowd: list[One], anna: int, now: datetime) -> None:
    names = {one.profile: one.name.split()[-1] for one in crowd}
    found = walked(Asked(), Reader(anna, False), now, 50)
    order = ["Czuba", "Ćma", "Lubicz", "Lwowski", "Ład", "Łoś", "Zych", "Żak"]
    assert [names[each] for each in found][::2] == order


def test_whose_a_customer_is_follows_the_newest_word_and_a_merge(crowd: list[One], anna: int, now: datetime) -> None:
    reader, mine, other = Reader(anna, False), crowd[0], crowd[2]
    sales.set_owner(profile_id=mine.profile, staff_id=None, by="Ben", now=now + timedelta(hours=1))
    assert mine.profile not in walked(Asked(owner="me"), reader, now, 50)
    sales.set_owner(profile_id=other.profile, staff_id=anna, by="Ben", now=now + timedelta(hours=2))
    review.merge(profile_ids=[mine.profile, other.profile], by="Ben", now=now + timedelta(hours=3))
    merged = identity.current(mine.profile)
    for few in (0, 10_000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(reading, "FEW", few)
            found = walked(Asked(owner="me"), reader, now, 50)
            assert found.count(merged) == 1
            assert not ({mine.profile, other.profile} - {merged}) & set(found)


def test_restricted_customers_are_on_the_privacy_desks_lists_alone(crowd: list[One], anna: int, now: datetime) -> None:
    contacts = [contact.id for contact in identity.contacts_of(crowd[0].profile)]
    stopping.place(contact_ids=contacts, kind="restriction", since=now, ground="asked", by="Jan", now=now)
    assert crowd[0].profile not in walked(Asked(), Reader(anna, False), now, 50)
    assert crowd[0].profile in walked(Asked(), Reader(anna, True), now, 50)


@pytest.mark.parametrize(("sort", "after"), [("name", "x"), ("last", "~x"), ("-new", "WyJ4Il0")])
def test_a_marker_nobody_gave_out_is_refused(anna: int, now: datetime, sort: str, after: str) -> None:
    with pytest.raises(BadCursor):
        reading.page(Asked(sort=sort), reader=Reader(anna, False), now=now, after=after)


def test_no_page_skips_rows_and_no_count_is_without_a_bound(crowd: list[One], anna: int, now: datetime) -> None:
    sent: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _k, said, *_rest: sent.append(said))
    segment = static_segment("All", crowd, now)
    sent.clear()
    asked = Asked(segment=segment, tag="vip", city="Kraków")
    first = reading.page(asked, reader=Reader(anna, False), now=now, limit=2)
    reading.page(replace(asked, sort="-last"), reader=Reader(anna, False), now=now, after="", limit=2)
    assert first.next_cursor
    assert sent  # the exact count before a press is asked for apart
    assert [said for said in sent if "OFFSET" in said.upper().replace("LIMIT ? OFFSET ?", "")] == []
    counts = [said for said in sent if "count(" in said]
    assert counts
    assert [said for said in counts if "LIMIT" not in said] == []
    assert conditions.many(reading.who([]), 2) == 2

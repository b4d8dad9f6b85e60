"""What pages compute without a database: initials, masks, fragments, verdicts, sparklines, comparisons, the timeline."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.identity import guards
from crm360.profiles.timeline import Event
from crm360.web import comparison, effects, labels, masking, people, reach, spark, timeline_view
from crm360.web.fragments import cut


class Told(NamedTuple):
    """An identifier as far as pages compare it."""

    kind: str
    value: str


NOW = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
WARSAW = ZoneInfo("Europe/Warsaw")


def test_a_number_two_sources_know_is_compared_once():
    sides = [
        [Told("customer_id", "17"), Told("customer_id", "17")],
        [Told("customer_id", "9"), Told("customer_id", "17")],
    ]
    (line,) = comparison.points(*sides, ["customer_id"])
    assert (line.left, line.right) == ((("17", True),), (("9", False), ("17", True)))


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Anna Kowalska", "AK"),
        ("Anna Maria Nowak-Zych", "AZ"),
        ("Ola", "O"),
        ("", "?"),
        ("!!", "?"),
        ("łucja żak", "ŁŻ"),
    ],
)
def test_initials(name, letters):
    assert people.initials(name) == letters


@given(st.text())
def test_everybody_has_initials_and_a_colour(name):
    assert people.initials(name)
    assert 0 <= people.tone(name) < people.TONES


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        ("anna.k@wp.pl", "email", "a•••@wp.pl"),
        ("+48602118447", "phone", "••• 447"),
        ("1234", "card", "•••"),
        ("2900001778120", "card", "••• 120"),
    ],
)
def test_masks(value, kind, shown):
    assert masking.masked(value, kind) == shown


@given(st.emails())
def test_a_masked_address_hides_all_but_the_first_letter_of_its_name(address):
    local = address.rpartition("@")[0]
    assert masking.masked(address, "email").startswith(local[:1] + "•••@")


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Anna Kowalska", "Anna Kowalska"), ("anna@wp.pl", "a•••@wp.pl"), ("602 118 447", "••• 447"), ("#17", "#17")],
)
def test_a_name_that_is_an_address_is_masked(name, shown):
    assert masking.masked_name(name) == shown


@pytest.mark.parametrize(
    ("value", "region", "shown"),
    [
        ("+48602118447", "", "+48 602 118 447"),
        ("+48602118447", "PL", "602 118 447"),
        ("0048601550147", "PL", "601 550 147"),
        ("602118447", "PL", "602 118 447"),
        ("+442079460018", "PL", "+44 20 7946 0018"),
        ("+48602118447", "GB", "+48 602 118 447"),
        ("ask reception", "PL", "ask reception"),
        ("+1", "PL", "+1"),
    ],
)
def test_phones_are_spaced(value, region, shown):
    assert masking.spaced(value, "phone", region) == shown


@given(st.text(min_size=1), st.lists(st.integers(0, 40), max_size=6))
def test_cutting_loses_nothing(text, places):
    ordered = sorted({min(place, len(text)) for place in places})
    spans = list(zip(ordered[::2], ordered[1::2], strict=False))
    pieces = cut(text, spans)
    assert "".join(piece for piece, _ in pieces) == text
    assert [piece for piece, matched in pieces if matched] == [text[a:b] for a, b in spans]


@dataclass(frozen=True)
class Verdict:
    permitted: bool
    state: str
    reason: str = ""


@dataclass(frozen=True)
class Cell:
    purpose: str
    channel: str
    verdict: Verdict
    since: datetime | None


def cell(channel: str, state: str, *, days: int = 1, purpose: str = "marketing") -> Cell:
    return Cell(purpose, channel, Verdict(state == "given", state), NOW - timedelta(days=days))


@pytest.mark.parametrize(
    ("cells", "answer", "state"),
    [
        ([], "service", ""),
        ([cell("email", "given")], "yes", "given"),
        ([cell("email", "withdrawn")], "no", "withdrawn"),
        ([cell("email", "withdrawn"), cell("email", "given", days=9)], "yes", "given"),
        ([cell("email", "refused", days=9), cell("email", "unknown")], "no", "refused"),
        ([cell("email", "imported_unverified")], "service", "imported_unverified"),
        ([cell("email", "given", purpose="surveys")], "service", ""),
    ],
)
def test_one_answer_per_channel(cells, answer, state):
    found = {each.channel: each for each in reach.by_channel(cells)}
    assert (found["email"].answer, found["email"].state) == (answer, state)
    assert list(found)[:3] == list(reach.CHANNELS)


def test_another_channel_is_answered_for_when_spoken_of():
    assert reach.by_channel([cell("push", "given")])[-1].channel == "push"


@given(st.lists(st.integers(-10_000, 10_000_000), min_size=1, max_size=36))
def test_bars_stay_inside_their_box(amounts):
    bars = spark.bars([(2025, 1, amount) for amount in amounts])
    assert len(bars) == len(amounts)
    for bar in bars:
        assert bar.x >= 0
        assert bar.x + bar.width <= spark.WIDTH + 1
        assert bar.y >= 0
        assert bar.y + bar.height <= spark.HEIGHT + 0.2
    if max(amounts) > 0:
        assert max(bar.height for bar in bars) == spark.HEIGHT


@pytest.mark.parametrize(
    ("left", "right", "likeness"),
    [("Anna", "anna", "same"), ("Anna", "Ania", "differs"), ("", "Ania", "added"), ("Anna", "", "kept")],
)
def test_fields_are_compared(left, right, likeness):
    sides: list[dict[str, Any]] = [{"given_name": {"value": value}} if value else {} for value in (left, right)]
    (line,) = comparison.lines(sides[0], sides[1], {"given_name": {"value": "x"}}, ["given_name", "city"])
    assert (line.likeness, line.result) == (likeness, "x")


def test_what_reads_the_same_does_not_differ():
    left = {"locale": {"value": "pl"}, "street": {"value": "ul. Długa"}, "house_number": {"value": "7"}}
    right = {"locale": {"value": "pl-PL"}, "street": {"value": "Długa 7"}}
    found = comparison.lines(left, right, left, ["locale", "street", "house_number"])
    assert [line.likeness for line in found] == ["same", "same", "kept"]
    neighbour = {"street": {"value": "ul. Długa"}, "house_number": {"value": "9"}}
    found = comparison.lines(left, neighbour, left, ["street", "house_number"])
    assert [line.likeness for line in found] == ["same", "differs"]


def test_a_no_stays_a_no_beside_the_other_customers_yes():
    one = [cell("email", "given"), cell("sms", "given"), cell("phone", "withdrawn")]
    other = [cell("email", "withdrawn"), cell("sms", "unknown"), cell("email", "refused", purpose="surveys")]
    assert [(each.channel, each.verdict.state) for each in effects.held(one, other)] == [("email", "withdrawn")]
    assert effects.held(one, other) == effects.held(other, one)


def test_the_oldest_number_survives_and_only_new_tags_come_along():
    assert effects.survivor([88, 5]) == 5
    assert effects.coming_along(["VIP"], ["vip", "Tea"]) == ("Tea",)


def happening(kind: str, minutes: int, **said: Any) -> Event:
    at = NOW - timedelta(minutes=minutes)
    return Event(minutes, 1, kind, at, said.pop("title", "t"), said, None, None, "shop", 7)


def test_pages_of_one_visit_fold():
    events = [happening("page.viewed", minute) for minute in (1, 3, 5)] + [happening("order.placed", 9)]
    (span,) = timeline_view.spans(events, profile_id=7, zone=WARSAW, now=NOW)
    assert [len(row.folded) for row in span.rows] == [3, 0]
    assert span.rows[0].began_at == NOW - timedelta(minutes=5)


def test_days_are_the_readers_and_long_ago_is_by_month():
    midnight = happening("note.written", 11 * 60)  # 23:30 UTC is half past midnight in Warsaw
    old = [happening("note.written", 60 * 24 * days) for days in (40, 45)]
    spans = timeline_view.spans([midnight, *old], profile_id=7, zone=WARSAW, now=NOW)
    assert [(span.on, span.whole_month, len(span.rows)) for span in spans] == [
        (date(2026, 3, 2), False, 1),
        (date(2026, 1, 1), True, 2),
    ]


def test_a_row_says_what_it_was():
    event = happening(
        "order.placed", 1, title="4711", names=["Mug", "Lamp"], items=5, total_minor=900, currency="PLN", order_id=3
    )
    row = timeline_view.row(event, 7)
    assert (row.title, row.details, row.amount_minor, row.order_id) == ("4711", ("Mug, Lamp +3",), 900, 3)
    assert row.merged_from is None
    assert timeline_view.row(replace(event, home_profile_id=88), 7).merged_from == 88


def test_a_message_is_quoted_not_repeated():
    row = timeline_view.row(happening("message.in", 1, title="Hello", snippet="Hello", author="Anna"), 7)
    assert (row.title, row.quote, row.origin) == ("", "Hello", "Anna, shop")


def test_every_contradiction_has_words():
    told = set(re.findall(r'return "([^"]+)"', inspect.getsource(guards.conflict)))
    assert told == labels.CONFLICTS.keys()

"""Scores by part on random histories equal plain counting with other people's formulas, and behind each stand its customers."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import fmean, stdev
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from scipy.stats import binomtest, norm

from crm360.accounts import operations as accounts
from crm360.commerce import operations as commerce
from crm360.commerce.models import Order
from crm360.facts import ActivityNoted, ContactRef, ContactSeen, Identifier, OrderLine, OrderPlaced, Received
from crm360.flows import asking_surveys, receive, scored
from crm360.identity import operations as identity
from crm360.identity import queries as who
from crm360.kernel.db import db
from crm360.segments import operations as segments
from crm360.segments.models import Member
from crm360.surveys import operations
from crm360.surveys.kinds import KINDS
from crm360.surveys.models import Invitation, Survey
from crm360.surveys.operations import Said, Wording

NOW, WARSAW = datetime(2026, 3, 2, 12, tzinfo=UTC), ZoneInfo("Europe/Warsaw")
GOODS = {"mug": "Mug", "lamp": "Lamp", "": "Tea"}


class Told(NamedTuple):
    """An answer as the test knows it: whose, and every part it is in."""

    score: int
    profile: int | None
    parts: dict[str, set[str]]


class House(NamedTuple):
    """Six customers: contact → profile, contact → orders with their products, segment → its members."""

    profiles: dict[int, int]
    orders: dict[int, list[tuple[int, set[str]]]]
    members: dict[int, set[int]]
    owner: int


@pytest.fixture
def house(session: Any, plain_model: None) -> House:
    owner = accounts.create_staff(email="ola@shop.example", name="Ola", role="marketing", password="correct horse", now=NOW).id  # fmt: skip
    refs = [ContactRef("web", f"user:{number}") for number in range(6)]
    seen = [ContactSeen(ref=ref, occurred_at=NOW, identifiers=(Identifier("email", f"{ref.external_id[5:]}@example.com"),)) for ref in refs]  # fmt: skip
    recorded = identity.record_contacts(seen=seen, now=NOW)
    touched = identity.resolve(contact_ids=recorded.changed, before=recorded.before, now=NOW)
    receive.refresh.profiles(touched, changed_contacts=recorded.changed, now=NOW)
    orders: dict[int, list[tuple[int, set[str]]]] = {}
    for number, ref in enumerate(refs[:4]):
        bought = [sorted(GOODS)[: 1 + number % 3], ["mug", "mug"]]
        orders[recorded.ids[ref]] = [(order(ref, recorded.ids[ref], f"{number}-{each}", skus), {sku or "Tea" for sku in skus}) for each, skus in enumerate(bought)]  # fmt: skip
    profiles = who.profile_ids(recorded.ids.values())
    members = {}
    for name, of in (("Gold", (0, 1, 2)), ("Silver", (2, 3)), ("Nobody", ())):
        made = segments.create(name=name, by="Ola", now=NOW)
        members[made.id] = {profiles[recorded.ids[refs[each]]] for each in of}
        session.add_all(Member(segment_id=made.id, profile_id=each, since=NOW) for each in members[made.id])
    session.flush()
    return House(profiles, orders, members, owner)


def order(ref: ContactRef, contact: int, number: str, skus: Iterable[str]) -> int:
    lines = tuple(OrderLine(line_no=place, sku=sku, name=GOODS[sku], total_minor=100) for place, sku in enumerate(skus))
    sold = OrderPlaced(ref=ref, source="web", external_id=number, number=f"#{number}", placed_at=NOW, updated_at=NOW, currency="PLN", total_minor=100, lines=lines)  # fmt: skip
    commerce.record_orders(received=[Received(contact, None, sold)], now=NOW)
    return int(db.session.query(Order.id).filter_by(external_id=number).scalar())


def made(house: House, kind: str, **chosen: Any) -> Survey:
    wording = Wording(name=kind, kind=kind, question_en="a", question_pl="b", owner_id=house.owner, **chosen)
    return operations.create(wording=wording, now=NOW - timedelta(days=400))


def answered(house: House, survey: Survey, random: Random) -> list[Told]:
    """Up to forty answers, some anonymous, some about an order, at the edges of months too."""
    scale, told = KINDS[survey.kind], []
    assert scale is not None
    for _ in range(random.randint(1, 40)):
        contact = random.choice([None, *house.profiles])
        about = random.choice([(0, set()), *house.orders.get(contact or 0, [])])
        at = random.choice((NOW, datetime(2026, 1, 31, 23, 30, tzinfo=UTC), datetime(2026, 1, 31, 22, 30, tzinfo=UTC)))
        at -= timedelta(days=random.choice((0, 0, 100)))
        said = Said(
            score=random.randint(scale.low, scale.high), channel=random.choice(("email", "qr", "api")), answered_at=at,
            contact_id=contact, store=random.choice(("", "Kraków", "Łódź")), agent=random.choice(("", "Kinga")),
            subject=f"order:{about[0]}" if about[0] else random.choice(("", "thread:9", "again:3")),
        )  # fmt: skip
        operations.answer(survey_id=survey.id, said=said, now=NOW)
        profile = house.profiles.get(contact or 0)
        parts = {
            "month": {f"{at.astimezone(WARSAW):%Y-%m}"}, "channel": {said.channel}, "store": {said.store} - {""},
            "agent": {said.agent} - {""}, "product": about[1],
            "segment": {str(number) for number, of in house.members.items() if profile in of},
        }  # fmt: skip
        told.append(Told(said.score or 0, profile, parts))
    return told


def plain(kind: str, votes: list[int]) -> tuple[float, float, float]:
    """(score, low, high) by the field's definitions, worked out otherwise than in `surveys.scores`."""
    scale, z = KINDS[kind], float(norm.ppf(0.975))
    assert scale is not None
    if kind == "csat":
        tested = binomtest(sum(vote in (4, 5) for vote in votes), len(votes)).proportion_ci(0.95, method="wilson")
        return 100 * fmean(vote in (4, 5) for vote in votes), 100 * tested.low, 100 * tested.high
    low, high, said = float(scale.low), float(scale.high), [float(vote) for vote in votes]
    if kind == "nps":
        low, high, said = -100.0, 100.0, [100.0 * ((vote in (9, 10)) - (vote in range(7))) for vote in votes]
    if len(votes) == 1:
        return said[0], low, high
    spread = stdev(said) if kind != "nps" else stdev(said) * math.sqrt((len(votes) - 1) / len(votes))
    half = z * spread / math.sqrt(len(votes))
    return fmean(said), max(fmean(said) - half, low), min(fmean(said) + half, high)


@pytest.mark.parametrize("kind", [kind for kind, scale in KINDS.items() if scale])
def test_each_part_equals_plain_counting_and_opens_its_customers(session: Any, house: House, kind: str) -> None:
    for seed in range(2):
        survey = made(house, kind)
        told = answered(house, survey, Random(f"{kind}{seed}"))
        for part in scored.PARTS:
            votes: defaultdict[str, list[int]] = defaultdict(list)
            behind: defaultdict[str, set[int]] = defaultdict(set)
            for each in told:
                for key in each.parts[part]:
                    votes[key].append(each.score)
                    behind[key] |= {each.profile} - {None}  # type: ignore[arg-type]
            found = {each.key: each.score for each in scored.by(survey, part, zone=WARSAW)}
            assert found.keys() == votes.keys(), part
            for key, score in found.items():
                assert (score.value, score.low, score.high) == pytest.approx(plain(kind, votes[key]), abs=1e-6)
                assert score.answers == len(votes[key])
                listed = scored.customers(survey.id, part, key, zone=WARSAW)
                assert (set(listed.profile_ids), listed.whole) == (behind[key], len(behind[key])), (part, key)
        for value in {each.score for each in told}:
            listed = scored.customers(survey.id, "score", str(value), zone=WARSAW)
            assert set(listed.profile_ids) == {each.profile for each in told if each.score == value} - {None}


@pytest.mark.parametrize(
    ("part", "key"), [("segment", "x"), ("score", "9" * 30), ("month", "2026-13"), ("product", "no")]
)
def test_behind_a_part_nobody_named_stands_nobody(session: Any, house: House, part: str, key: str) -> None:
    survey = made(house, "nps")
    answered(house, survey, Random(1))
    assert scored.customers(survey.id, part, key, zone=WARSAW) == ([], 0)


def test_a_delivery_that_names_its_order_is_asked_about_as_that_order(session: Any, house: House) -> None:
    """So the answer counts for its products; two parcels of one order are asked about once, another's order is not taken."""
    survey = made(house, "nps", trigger="event", event_kind="custom.order_delivered")
    asking_surveys.activate(survey_id=survey.id, now=NOW - timedelta(hours=1))
    contact, other = list(house.orders)[:2]
    mine, theirs = house.orders[contact][0][0], house.orders[other][0][0]
    for said in ({"order_id": "0-0"}, {"order_id": "#0-0"}, {"order_id": "1-0"}, {}):
        deliver(contact, said)
    assert asking_surveys.plan(now=NOW) == 3
    subjects = [subject for (subject,) in session.query(Invitation.subject).order_by(Invitation.id)]
    assert subjects[0] == f"order:{mine}"
    assert f"order:{theirs}" not in subjects
    assert [subject.partition(":")[0] for subject in subjects[1:]] == ["entry", "entry"]


def deliver(contact: int, said: dict[str, str]) -> None:
    fact = ActivityNoted(
        ref=ContactRef("web", "user:0"), kind="custom.order-delivered", occurred_at=NOW, properties=said
    )
    receive.note_activities(received=[Received(contact, None, fact)], now=NOW)

"""Members kept step by step equal members asked anew: as things happen, people are joined, parted and erased, and time passes."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from crm360.facts import ContactRef, TagsStated
from crm360.flows import forgetting, receive, segmenting
from crm360.identity.models import Contact, Lineage
from crm360.inbox import operations as inbox
from crm360.kernel.db import db
from crm360.profiles import feed
from crm360.profiles.models import GoldenRecord, TimelineEntry
from crm360.segments import counting, keeping, operations, parsing, queries
from crm360.segments.models import Change, Due, Member
from tests.segments import drawn, world
from tests.segments.world import NOW, World

STEPS = int(os.environ.get("SEGMENT_STEPS", "12"))


def settle(now: datetime) -> None:
    while segmenting.work_off(now=now):
        pass


def document(*parts: dict[str, Any], match: str = "all") -> dict[str, Any]:
    return {"match": {"group": match, "of": list(parts)}}


def test_members_kept_are_members_asked_anew(session: Any):
    random = Random(11)
    known = world.draw(random, people=8)
    now = NOW
    segments: list[int] = []
    for number in range(5):
        made = operations.create(name=f"s{number}", by="Ola", now=now, rule=drawn.rule(random, segments))
        segments.append(made.id)
    settle(now)
    for _ in range(STEPS):
        now = step(known, random, now, segments)
        settle(now)
        for segment in segments:
            expected = counting.members(segment_id=segment, now=now)
            said = queries.version(queries.get(segment))
            assert queries.member_ids(segment) == expected, (said and said.rule, now)
    told = replayed(session, segments)
    assert {segment: told[segment] for segment in segments} == {
        each: set(queries.member_ids(each)) for each in segments
    }


def replayed(session: Any, segments: list[int]) -> dict[int, set[int]]:
    """Who is in, by who came and went."""
    found: dict[int, set[int]] = {each: set() for each in segments}
    for change in session.scalars(select(Change).order_by(Change.id)):
        (found[change.segment_id].add if change.entered else found[change.segment_id].discard)(change.profile_id)
    return found


def step(known: World, random: Random, now: datetime, segments: list[int]) -> datetime:
    """Something happens; returns what time it is then."""
    contact = random.choice(list(known.profile_of))
    match random.choice(
        ("event", "order", "tag", "points", "merge", "split", "stop", "erase", "rule", "time", "time", "due", "due")
    ):
        case "event":
            event = world.add_event(known, contact, random)
            feed.mark_contacts([event.contact], now=now)
        case "order":
            world.add_order(known, contact, random)
            feed.mark_contacts([contact], now=now)
        case "points":
            world.add_points(known, contact, random)
            feed.mark_contacts([contact], now=now)
        case "tag":
            world.add_tag(known, contact, "vip")
            feed.mark_contacts([contact], now=now)
        case "merge" | "split":
            move(known, contact, random.choice(list(known.golden)), now)
        case "stop":
            world.add_stop(
                known, contact, random.choice(world.STOPS), now, random.choice((None, now + timedelta(hours=3)))
            )
            feed.mark_contacts([contact], now=now, cause="consent")
        case "erase":
            erase(known, contact, now)
        case "rule":
            place = random.randrange(len(segments))
            said = drawn.rule(random, segments[:place])
            operations.set_rule(segment_id=segments[place], rule=said, by="Ola", now=now)
        case "time":
            now += random.choice((timedelta(minutes=30), timedelta(hours=7), timedelta(days=3)))
        case _:
            now = max(keeping.next_due(now=now) or now, now)
    return now


def move(known: World, contact: int, target: int, now: datetime) -> None:
    before = known.profile_of[contact]
    if before != target:
        known.profile_of[contact] = target
        db.session.execute(update(Contact).where(Contact.id == contact).values(profile_id=target))
        db.session.add(
            Lineage(contact_id=contact, from_profile_id=before, to_profile_id=target, at=now, cause="evidence")
        )
        db.session.flush()
        feed.mark({each for each in (before, target) if each}, now=now)


def erase(known: World, contact: int, now: datetime) -> None:
    whose = [each for each, profile in known.profile_of.items() if profile == known.profile_of[contact]]
    if len(known.golden) > 3 and known.profile_of[contact] is not None:
        db.session.expire_all()
        db.session.execute(delete(Lineage).where(Lineage.contact_id.in_(whose)))
        forgetting.forget(whose)
        known.golden.pop(known.profile_of[contact] or 0, None)
        for each in whose:
            del known.profile_of[each]
        known.identifiers = [each for each in known.identifiers if each[0] in known.profile_of]


def test_a_member_leaves_at_the_moment_the_window_ends(session: Any):
    known = world.draw(Random(3), people=4)
    session.execute(delete(TimelineEntry))
    contact, profile = next(
        (each, whose) for each, whose in known.profile_of.items() if whose and not known.stops_on(each)
    )
    seen = {"contact_id": contact, "kind": "cart.added", "occurred_at": NOW - timedelta(days=6), "recorded_at": NOW}
    session.add(TimelineEntry(title="", properties={}, **seen))
    span = {"kind": "last", "span": {"n": 7}}
    rule = document({"if": "did", "what": {"event": "cart.added"}, "op": "at_least", "n": 1, "when": span})
    segment = operations.create(name="carts", by="Ola", now=NOW, rule=rule, marketing=False)
    settle(NOW)
    end = NOW + timedelta(days=1)
    assert queries.member_ids(segment.id) == [profile]
    assert session.scalar(select(Due.due_at).where(Due.profile_id == profile)) == end
    settle(end - timedelta(microseconds=1))
    assert queries.member_ids(segment.id) == [profile]
    settle(end)
    assert queries.member_ids(segment.id) == []
    left = session.scalars(select(Change).where(Change.profile_id == profile).order_by(Change.id.desc())).first()
    assert (left.entered, left.reason, left.at) == (False, "time", end)


def test_why_somebody_came_or_went_is_told(session: Any):
    known = world.draw(Random(5), people=4)
    rule = document({"if": "tag", "tag": "gold", "op": "has"})
    segment = operations.create(name="gold", by="Ola", now=NOW, rule=rule, tag="golden")
    settle(NOW)
    contact = next(each for each, whose in known.profile_of.items() if whose and not known.stops_on(each))
    profile = known.profile_of[contact]
    world.add_tag(known, contact, "gold")
    feed.mark_contacts([contact], now=NOW)
    settle(NOW)
    other = next(each for each in known.golden if each != profile)
    move(known, contact, other, NOW + timedelta(minutes=1))
    settle(NOW + timedelta(minutes=1))
    operations.set_rule(
        segment_id=segment.id, rule=document({"if": "tag", "tag": "none", "op": "has"}), by="Ola", now=NOW
    )
    settle(NOW + timedelta(minutes=2))
    told = [
        (each.profile_id, each.entered, each.reason) for each in session.scalars(select(Change).order_by(Change.id))
    ]
    assert told[:2] == [(profile, True, "data"), (profile, False, "identity")]
    assert [reason for _, entered, reason in told if not entered][-1] in ("rule", "identity")


def test_a_label_a_source_gives_is_followed(session: Any):
    """It comes alone in a payload and changes no contact: whoever bears it is looked at all the same."""
    rule = document({"if": "label", "label": "hurt", "op": "has"})
    segment = operations.create(name="wholesale", by="Ola", now=NOW, rule=rule, marketing=False)
    source = inbox.ensure_source(name="till", channel="tracking", now=NOW)
    ref = ContactRef("till", "17")

    def told(*tags: str, at: int) -> list[int]:
        moment = NOW + timedelta(minutes=at)
        receive.apply([receive.Read(1, [TagsStated(ref=ref, tags=tags, occurred_at=moment)], source)], now=moment)
        settle(moment)
        return queries.member_ids(segment.id)

    settle(NOW)
    assert told("VIP", at=1) == []
    assert len(told("VIP", "HURT", at=2)) == 1
    assert told("VIP", at=3) == []


def test_a_rule_that_leads_back_to_itself_is_refused(session: Any):
    first = operations.create(name="a", by="Ola", now=NOW, rule=document())
    second = operations.create(
        name="b", by="Ola", now=NOW, rule=document({"if": "segment", "segment": first.id, "op": "in"})
    )
    circle = document({"if": "segment", "segment": second.id, "op": "not_in"})
    with pytest.raises(parsing.BadRule) as refused:
        operations.set_rule(segment_id=first.id, rule=circle, by="Ola", now=NOW)
    assert refused.value.place == "match.of[0].segment"


def test_a_snapshot_stays_as_it_was(session: Any):
    known = world.draw(Random(2), people=4)
    segment = operations.create(name="all", by="Ola", now=NOW, rule=document(), marketing=False)
    settle(NOW)
    frozen = operations.freeze(segment_id=segment.id, name="then", by="Ola", now=NOW)
    before = queries.member_ids(frozen.id)
    session.execute(delete(GoldenRecord).where(GoldenRecord.profile_id == before[0]))
    feed.mark([before[0]], now=NOW)
    settle(NOW)
    assert queries.member_ids(frozen.id) == before
    assert len(before) <= len(known.golden) + session.scalar(select(Member.profile_id).limit(1))

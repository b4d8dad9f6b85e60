"""Who was in a segment on a date equals what was read that day, and what the oracle says of every moment in between."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from random import Random
from typing import Any

from crm360.segments import as_of, counting, keeping, operations, queries
from crm360.segments.models import Change
from tests.segments import drawn, oracle, world
from tests.segments.test_keeping import document, settle, step
from tests.segments.world import NOW, World

#: How many pairs of segment and date are compared, per database.
PAIRS = int(os.environ.get("SEGMENT_DATES", "80"))


def test_any_date_equals_what_was_read_that_day_and_the_oracle(session: Any) -> None:
    random = Random(7)
    known, now, segments = world.draw(random, people=6), NOW, list[int]()
    for number in range(4):
        made = operations.create(name=f"s{number}", by="Ola", now=now, rule=drawn.rule(random, segments))
        segments.append(made.id)
    settle(now)
    read: list[tuple[datetime, int, set[int]]] = []
    while len(read) < PAIRS:
        moment = step(known, random, now, segments)
        alive = forget_too(known)
        read = [(at, segment, who & alive) for at, segment, who in read]  # the erased are in nothing, on any date
        read += between(known, now, moment, segments, random)
        now = moment
        settle(now)
        read += [(now, each, set(queries.member_ids(each))) for each in segments]
        now += timedelta(minutes=1)
    for at, segment, who in read:
        assert {each for each, _ in as_of.members(segment, at=at, known=at)} == who, "as it was read that day"
        assert {each for each, _ in as_of.members(segment, at=at, known=now)} == who, "and still by what is known now"
        inside = as_of.segments_of(who, at=at, known=at)
        assert all(segment in {one.id for one, _ in inside[each]} for each in who)


def forget_too(known: World) -> set[int]:
    """The world without what the erased did; returns who is left."""
    for name in ("events", "orders"):
        setattr(known, name, [each for each in getattr(known, name) if each.contact in known.profile_of])
    for name in ("tags", "stops"):
        setattr(known, name, [each for each in getattr(known, name) if each[0] in known.profile_of])
    return set(known.golden)


def between(known: World, start: datetime, end: datetime, segments: list[int], random: Random) -> list[Any]:
    """What the oracle says at a moment in which nothing happens but time, worked off as it comes."""
    at = start + (end - start) * random.random()
    if end == start:
        return []
    settle(start)
    while (due := keeping.next_due(now=start)) is not None and due <= at:
        settle(due)
    members: dict[int, set[int]] = {}
    for each in segments:
        said = queries.version(queries.get(each))
        assert said is not None
        members[each] = oracle.members(known, said.rule, at, others=members)
    return [(at, each, who) for each, who in members.items()]


def test_what_was_worked_out_late_was_not_known_then(session: Any) -> None:
    segment = operations.create(name="by hand", by="Ola", now=NOW)
    hour = timedelta(hours=1)
    keeping.write([keeping.Moved(segment.id, 1, True, "time", NOW)], {}, now=NOW + 5 * hour)
    session.flush()
    later = NOW + 2 * hour
    assert as_of.members(segment.id, at=later, known=later) == []
    assert as_of.members(segment.id, at=later, known=NOW + 6 * hour) == [(1, NOW)]
    keeping.write([keeping.Moved(segment.id, 1, False, "staff", later)], {}, now=later)
    assert as_of.members(segment.id, at=later + hour, known=NOW + 6 * hour) == []
    assert as_of.members(segment.id, at=later - hour, known=NOW + 6 * hour) == [(1, NOW)]
    assert session.query(Change).count() == 2


def test_a_snapshot_is_there_from_its_making(session: Any) -> None:
    world.draw(Random(2), people=4)
    segment = operations.create(name="all", by="Ola", now=NOW, rule=document(), marketing=False)
    settle(NOW)
    made = NOW + timedelta(days=1)
    frozen = operations.freeze(segment_id=segment.id, name="then", by="Ola", now=made)
    assert as_of.members(frozen.id, at=NOW, known=made) == []
    everybody = as_of.members(frozen.id, at=made, known=made)
    assert [each for each, _ in everybody] == counting.members(segment_id=segment.id, now=made)
    assert as_of.members(frozen.id, at=made, known=made, after=everybody[0][0], limit=1) == everybody[1:2]

"""The compiler, on either database, and the tracer name the same people as plain Python over the same rows."""

from __future__ import annotations

import json
import os
from random import Random
from typing import Any

import pytest

from crm360.kernel.db import db
from crm360.segments import counting, operations, parsing, queries, tracing
from crm360.segments.models import Segment
from tests.segments import drawn, oracle
from tests.segments.world import NOW, World, draw

#: Random rule trees, of which so many are asked in each world.
RULES = int(os.environ.get("SEGMENT_RULES", "60"))
PER_WORLD = 60


@pytest.mark.timeout(1800 + 2 * RULES)
def test_the_compiler_and_the_tracer_name_whom_the_oracle_names(session: Any):
    met = 0
    for seed in range(max(1, RULES // PER_WORLD)):
        with db.session.begin_nested() as world_of_its_own:
            met += ask(Random(seed))
            world_of_its_own.rollback()
    assert met > RULES  # the rules are not all of nobody


def ask(random: Random) -> int:
    world = draw(random)
    others = made_of(random, world)
    setting = queries.setting(NOW)
    met = 0
    for _ in range(PER_WORLD):
        said = drawn.rule(random, list(others))
        rule, marketing = parsing.parse(said), random.random() < 0.7
        assert parsing.parse(parsing.document(rule)) == rule
        expected = oracle.members(world, said, NOW, marketing=marketing, others=others)
        found = set(counting.who(rule, marketing=marketing, now=NOW, setting=setting))
        assert found & set(world.golden) == expected, json.dumps(said)
        traced = tracing.trace(rule, sorted(world.golden), setting, marketing=marketing)
        assert {each for each, said_of in traced.items() if said_of.met} == expected, json.dumps(said)
        met += len(expected)
    return met


def made_of(random: Random, world: World) -> dict[int, set[int]]:
    """Two dynamic segments, the second made of the first, and a static one: each with its members by the oracle."""
    first = operations.create(name="first", by="Ola", now=NOW, rule=drawn.rule(random))
    known = {first.id: oracle.members(world, document(first), NOW)}
    second = operations.create(name="second", by="Ola", now=NOW, rule=drawn.rule(random, [first.id]))
    known[second.id] = oracle.members(world, document(second), NOW, others=known)
    static = operations.create(name="static", by="Ola", now=NOW)
    known[static.id] = set(random.sample(sorted(world.golden), 4))
    operations.add_members(segment_id=static.id, profile_ids=known[static.id], by="Ola", now=NOW)
    return known


def document(segment: Segment) -> Any:
    version = queries.version(segment)
    assert version is not None
    return version.rule

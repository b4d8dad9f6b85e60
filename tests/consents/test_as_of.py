"""What we held on a date equals what anybody would have read that day, and the same replayed from the first record."""

from __future__ import annotations

import os
import random
from datetime import datetime, timedelta
from typing import Any

from crm360.consents import as_of, asking
from crm360.consents.judging import judge
from crm360.consents.policy import STOPS, SUPPRESSIONS
from tests.consents.twin import Twin
from tests.consents.world import PURPOSES

#: How many triples of person (by an address of theirs), purpose and date are compared, per database.
TRIPLES = int(os.environ.get("AS_OF_TRIPLES") or 2_000)
ADDRESSES = tuple(f"{letter}@x.pl" for letter in "abcdefgh")
DAY = timedelta(days=1)


def happen(world: Twin, chance: random.Random) -> None:
    """Something happens to somebody, some of it told late and some by a wrong clock."""
    contact = chance.choice(sorted(world.place))
    profile = world.place[contact]
    address = chance.choice([normal for who, (_, normal), _ in world.held if who == contact])
    late = chance.choice([timedelta(), timedelta(), 3 * DAY, 20 * DAY, -DAY])
    what = chance.choice(["say"] * 8 + ["merge", "merge", "split", "stop", "lift", "suppress", "pass", "arrive"])
    if what == "say":
        state = chance.choice(["given", "given", "given", "withdrawn", "refused"])
        world.say(contact, address, chance.choice(sorted(PURPOSES)), state, chance.choice("AABCD"), late)
    elif what == "merge" and len(set(world.place.values())) > 2:
        world.merge(profile, chance.choice(sorted(set(world.place.values()) - {profile})))
    elif what == "split" and len(world.members(profile)) > 1:
        world.split([contact], profile)
    elif what == "stop":
        world.stop(profile, chance.choice([kind for kind in STOPS if kind != "erased"]))
    elif what == "lift":
        world.lift(profile)
    elif what == "suppress":
        world.silence(address, chance.choice(SUPPRESSIONS[:3]), max(late, timedelta()))
    elif what == "pass":
        world.pass_on(address, chance.choice([contact, None]), max(late, timedelta()))
    elif what == "arrive" and len(world.place) < 16:
        world.arrive(chance.sample(ADDRESSES, chance.randint(1, 2)))


def test_any_date_equals_what_was_read_that_day_and_the_replay_from_the_first_record(session: Any) -> None:
    chance, compared = random.Random(5), 0
    world = Twin(session)
    for address in ADDRESSES:
        world.arrive([address])
    read: list[tuple[datetime, Any, list[Any]]] = []
    while compared < TRIPLES:
        for _ in range(8):
            world.tick(DAY / 2)
            happen(world, chance)
        world.tick()
        questions = world.questions()
        read.append((world.now, questions, told(asking.ask(questions, now=world.now))))
        compared += len(questions)
    for at, questions, answers in read:
        assert told(as_of.verdicts(questions, at=at, known=at)) == answers, "known then: what was read that day"
        assert told(replayed(world, questions, at, at)) == answers
        now = told(as_of.verdicts(questions, at=at, known=world.now))
        assert now == told(replayed(world, questions, at, world.now)), "known now: replayed with what came late"
    print(f"{compared:,} triples over {len(read)} dates")


def told(verdicts: Any) -> list[tuple[bool, str, str]]:
    return [(each.permitted, each.state, each.reason) for each in verdicts]


def replayed(world: Twin, questions: Any, at: datetime, known: datetime) -> list[Any]:
    everything = world.known(at=at, until=known)
    return [judge(each, everything, now=at) for each in questions]


def test_a_person_as_held_names_who_was_one_with_them(session: Any) -> None:
    world = Twin(session)
    one, other = world.arrive(["a@x.pl"]), world.arrive(["b@x.pl"])
    world.say(one, "a@x.pl", "marketing", "given", "A")
    world.tick(DAY)
    apart = world.now
    world.tick(DAY)
    profile = world.place[one]
    world.merge(profile, world.place[other])
    joined = world.now
    world.tick(DAY)
    world.split([other], profile)
    assert as_of.person(profile, at=apart, known=apart).profiles == {profile: [one]}
    assert as_of.person(profile, at=joined, known=joined).profiles == {profile: [one, other]}
    assert as_of.person(profile, at=joined, known=world.now).profiles == {profile: [one]}
    held = as_of.person(profile, at=joined, known=joined).cells[profile]
    assert {(cell.identifier, cell.verdict.permitted) for cell in held} == {("a@x.pl", True), ("b@x.pl", False)}
    report = as_of.base(at=joined, known=joined)
    assert (report.profiles, report.addresses) == (1, 2)
    assert report.permitted["marketing", "email"] == 1
    assert report.counts["marketing", "email"] == {"given": 1, "unknown": 1}

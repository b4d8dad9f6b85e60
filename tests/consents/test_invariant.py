"""Invariant M: merging, splitting, importing, moving, erasing, restoring and wrong clocks never create a permission.

A machine does them in any order to a little world and looks after every step at every address, purpose and channel, in
two ways: as the customers are joined, and as if nobody had ever been joined. Only what a person says may permit, and only
what they spoke of. A merge may narrow and never widen; a split gives back at most what each side had by itself, for its
own statements and stops go back with it.

It takes 3,000 steps, 50,000 in CI; INVARIANT_STEPS sets another number, INVARIANT_SHRINK=1 makes a failure small.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from crm360.consents.policy import REFUSALS, SKEW
from tests.consents.world import PURPOSES, World

STEPS = int(os.environ.get("INVARIANT_STEPS") or (50_000 if os.environ.get("CI") == "true" else 3_000))
PER_RUN = 50
#: A failure is made small only where somebody looks at it: that takes minutes.
PHASES = (Phase.generate, Phase.shrink) if os.environ.get("INVARIANT_SHRINK") else (Phase.generate,)

ADDRESSES = ("a@x.pl", "b@x.pl", "c@x.pl")
PURPOSE = st.sampled_from(sorted(PURPOSES))
GRADE = st.sampled_from("AAABCD")
PICK = st.integers(0, 11)
#: How long before it is recorded something happened by the clock of who tells it; negative: the clock is ahead.
SKEWED = st.sampled_from([0, 0, 0, 1, 240, 301, 86_400, -86_400]).map(lambda seconds: timedelta(seconds=seconds))
STOP = st.sampled_from(["objection_marketing", "restriction", "deceased", "minor", "conflict", "objection_interests"])

counted = {"steps": 0}


class Merging(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.older: list[Any] = []

    @initialize()
    def people(self) -> None:
        for address in (ADDRESSES[:1], ADDRESSES[1:2], ADDRESSES[:2]):
            self.world.arrive(address)
            self.world.tick()
        self.look()

    def look(self) -> None:
        self.joint = self.world.permitted(ADDRESSES)
        self.alone = self.world.permitted(ADDRESSES, alone=True)

    def after(self, *, said: str = "", purpose: str = "", parted: bool = False) -> None:
        """Nothing is permitted that was not, but for what was said of one purpose at one address (of a person)."""
        counted["steps"] += 1
        was_joint, was_alone = self.joint, self.alone
        self.look()
        joint, alone = self.joint, self.alone
        spoken = {each for each in joint | alone if each[2] == purpose and (purpose == "profiling" or each[1] == said)}
        assert joint - was_joint - spoken - (alone if parted else set()) == set()
        assert alone - was_alone - spoken == set()
        self.world.tick()

    def contact(self, pick: int) -> int:
        known = sorted(self.world.place)
        return known[pick % len(known)]

    def profile(self, pick: int) -> int:
        return self.world.place[self.contact(pick)]

    def held(self, contact: int, pick: int) -> str:
        mine = sorted({normal for who, (_, normal), _ in self.world.held if who == contact})
        return mine[pick % len(mine)]

    @rule(pick=PICK, purpose=PURPOSE, grade=GRADE, skew=SKEWED)
    def consent_again(self, pick: int, purpose: str, grade: str, skew: timedelta) -> None:
        contact = self.contact(pick)
        address = self.held(contact, pick)
        self.world.say(contact, address, purpose, "given", grade, skew)
        if grade == "D":
            self.after()
        else:
            self.after(said=address, purpose=purpose)

    @rule(pick=PICK, purpose=PURPOSE, grade=GRADE, state=st.sampled_from(["withdrawn", "refused"]), skew=SKEWED)
    def withdraw(self, pick: int, purpose: str, grade: str, state: str, skew: timedelta) -> None:
        contact = self.contact(pick)
        self.world.say(contact, self.held(contact, pick), purpose, state, grade, skew)
        self.after()

    @rule(pick=PICK, purpose=PURPOSE, grade=GRADE, days=st.integers(1, 400))
    def import_an_older_yes(self, pick: int, purpose: str, grade: str, days: int) -> None:
        """A list with evidence of its own may tell of an act; it never outweighs a refusal that came after it."""
        contact, ago = self.contact(pick), timedelta(days=days)
        address = self.held(contact, pick)
        later_no = any(
            each.identifier_normal == address and each.purpose == purpose and each.state in REFUSALS
            and min(each.occurred_at, each.recorded_at) + SKEW > self.world.now - ago
            for each in self.world.said
        )  # fmt: skip
        self.world.say(contact, address, purpose, "given", grade, ago)
        self.after() if later_no or grade == "D" else self.after(said=address, purpose=purpose)

    @precondition(lambda self: len(self.world.place) < 6)
    @rule(pick=st.integers(1, 7))
    def import_a_record(self, pick: int) -> None:
        self.world.arrive([each for bit, each in enumerate(ADDRESSES) if pick >> bit & 1])
        self.after()

    @rule(pick=PICK)
    def import_again(self, pick: int) -> None:
        """What was told before is told again, and counts as told before."""
        if self.world.said:
            again = self.world.said[pick % len(self.world.said)]
            if again.contact_id in self.world.place and again.state != "invalidated":
                ago = self.world.now - again.occurred_at
                self.world.say(again.contact_id, again.identifier_normal, again.purpose, again.state, "D", ago)
        self.after()

    @rule(one=PICK, other=PICK)
    def merge(self, one: int, other: int) -> None:
        left, right = self.profile(one), self.profile(other)
        if left != right:
            self.world.merge(left, right)
        self.after()

    @rule(pick=PICK)
    def split(self, pick: int) -> None:
        contact = self.contact(pick)
        members = self.world.members(self.world.place[contact])
        if len(members) > 1:
            self.world.split([contact], self.world.place[contact])
        self.after(parted=True)

    @rule(pick=PICK, kind=STOP)
    def stop(self, pick: int, kind: str) -> None:
        self.world.stop(self.profile(pick), kind)
        self.after()

    @rule(address=st.sampled_from(ADDRESSES), reason=st.sampled_from(["complained", "hard_bounced", "unsubscribed"]))
    def address_silenced(self, address: str, reason: str) -> None:
        self.world.silence(address, reason)
        self.after()

    @rule(pick=PICK, address=st.sampled_from(ADDRESSES), named=st.booleans(), skew=SKEWED)
    def address_moves(self, pick: int, address: str, named: bool, skew: timedelta) -> None:
        self.world.pass_on(address, self.contact(pick) if named else None, max(skew, timedelta()))
        self.after()

    @precondition(lambda self: len(set(self.world.place.values())) > 1)
    @rule(pick=PICK)
    def erase(self, pick: int) -> None:
        profile = self.profile(pick)
        members = self.world.members(profile)
        self.older.append(([each for each in self.world.said if each.contact_id in members],
                           [each[1][1] for each in self.world.held if each[0] in members]))  # fmt: skip
        self.world.erase(profile)
        self.after()

    @precondition(lambda self: self.older and len(self.world.place) < 6)
    @rule(pick=PICK)
    def restore(self, pick: int) -> None:
        """The source sends its older state again: the erased come back as a new record with all they once said."""
        said, addresses = self.older[pick % len(self.older)]
        contact = self.world.arrive(sorted(set(addresses)))
        for each in said:
            if each.state != "invalidated":
                ago = self.world.now - each.occurred_at
                self.world.say(contact, each.identifier_normal, each.purpose, each.state, each.evidence_grade, ago)
        self.after()

    @rule(days=st.integers(0, 90))
    def time_passes(self, days: int) -> None:
        self.world.tick(timedelta(days=days))
        self.after()


def test_nothing_but_a_persons_word_permits() -> None:
    counted["steps"] = 0
    run_state_machine_as_test(
        Merging,
        settings=settings(
            max_examples=STEPS * 5 // (PER_RUN * 4), stateful_step_count=PER_RUN, deadline=None, database=None,
            phases=PHASES, suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    assert counted["steps"] >= STEPS
    print(f"{counted['steps']:,} steps")

"""Lists filled by hand follow their customers through merges and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm360.flows import by_staff, review, segmenting
from crm360.flows.by_staff import Written
from crm360.identity import queries as identity
from crm360.segments import counting, operations, queries
from tests.segments.test_keeping import document

START = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Shop:
    """Customers, a list filled by hand, and a segment of whoever is in it; every act a minute after the one before."""

    def __init__(self) -> None:
        self.clock = count()
        self.list = operations.create(name="Regulars", by="Ola", now=START, kind="static").id
        rule = document({"if": "segment", "segment": self.list, "op": "in"})
        self.of_list = operations.create(name="Of the list", by="Ola", now=START, rule=rule).id

    @property
    def now(self) -> datetime:
        return START + timedelta(minutes=next(self.clock))

    def meet(self, name: str) -> int:
        written = Written(fields={"given_name": name, "family_name": name}, email=f"{name}@example.com")
        return by_staff.create(written=written, by="Ola", now=self.now)

    def put_in(self, *profile_ids: int) -> None:
        operations.add_members(segment_id=self.list, profile_ids=profile_ids, by="Ola", now=self.now)

    def take_out(self, *profile_ids: int) -> None:
        operations.remove_members(segment_id=self.list, profile_ids=profile_ids, by="Ola", now=self.now)

    def merge(self, *profile_ids: int) -> int:
        return int(review.merge(profile_ids=profile_ids, by="Ola", now=self.now).decision_id)

    def undo(self, decision_id: int) -> None:
        review.undo(decision_id=decision_id, by="Ola", now=self.now)

    def members(self) -> set[int]:
        while segmenting.work_off(now=self.now):
            pass
        found = set(queries.member_ids(self.list))
        assert set(queries.member_ids(self.of_list)) == found
        return found


@pytest.fixture
def shop(session: Any, plain_model: None) -> Shop:
    return Shop()


def test_whoever_a_member_is_part_of_is_in_until_the_merge_is_undone(shop: Shop):
    older, member = shop.meet("older"), shop.meet("member")
    shop.put_in(member)
    assert shop.members() == {member}
    decision = shop.merge(older, member)
    assert shop.members() == {older}
    shop.undo(decision)
    assert shop.members() == {member}


def test_two_members_are_one_and_two_again(shop: Shop):
    older, other = shop.meet("older"), shop.meet("other")
    shop.put_in(older, other)
    decision = shop.merge(older, other)
    assert shop.members() == {older}
    shop.undo(decision)
    assert shop.members() == {older, other}


def test_through_two_merges_and_back(shop: Shop):
    first, second, member = shop.meet("first"), shop.meet("second"), shop.meet("member")
    shop.put_in(member)
    inner = shop.merge(second, member)
    assert shop.members() == {second}
    outer = shop.merge(first, second)
    assert shop.members() == {first}
    shop.undo(outer)
    assert shop.members() == {second}
    shop.undo(inner)
    assert shop.members() == {member}


def test_two_merged_into_one_and_one_of_them_parted(shop: Shop):
    older, one, other = shop.meet("older"), shop.meet("one"), shop.meet("other")
    shop.put_in(one, other)
    shop.merge(older, one)
    decision = shop.merge(older, other)
    assert shop.members() == {older}
    shop.undo(decision)
    assert shop.members() == {older, other}


def test_what_a_colleague_took_out_meanwhile_stays_out(shop: Shop):
    older, member = shop.meet("older"), shop.meet("member")
    shop.put_in(member)
    decision = shop.merge(older, member)
    assert shop.members() == {older}
    shop.take_out(older)
    assert shop.members() == set()
    shop.undo(decision)
    assert shop.members() == set()


def test_a_snapshot_means_whoever_its_customers_are_part_of(shop: Shop):
    older, member = shop.meet("older"), shop.meet("member")
    shop.put_in(member)
    frozen = operations.freeze(segment_id=shop.list, name="Frozen", by="Ola", now=shop.now).id
    assert counting.members(segment_id=frozen, now=shop.now) == [member]
    decision = shop.merge(older, member)
    assert counting.members(segment_id=frozen, now=shop.now) == [older]
    shop.undo(decision)
    assert counting.members(segment_id=frozen, now=shop.now) == [member]
    assert queries.member_ids(frozen) == [member], "what was frozen stays as it was"


def test_nobody_comes_in_by_a_merge_of_strangers(shop: Shop):
    older, other, member = shop.meet("older"), shop.meet("other"), shop.meet("member")
    shop.put_in(member)
    shop.undo(shop.merge(older, other))
    assert shop.members() == {member}


def test_a_merge_undone_long_ago_moves_nobody_later(shop: Shop):
    older, member, third = shop.meet("older"), shop.meet("member"), shop.meet("third")
    shop.put_in(member)
    decision = shop.merge(older, member)
    assert shop.members() == {older}
    shop.undo(decision)
    assert shop.members() == {member}
    shop.merge(older, third)
    assert shop.members() == {member}
    shop.merge(member, third)
    assert shop.members() == {older}


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["put in", "take out", "merge", "merge", "undo", "undo"]), st.integers(0, 3), st.integers(0, 3)
    ),
    max_size=9,
)


def test_in_a_list_is_whoever_holds_the_records_of_whom_colleagues_put_in(
    session: Any, database: str, plain_model: None
):
    @settings(max_examples=40 if database == "sqlite" else 6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(ACTS)
    def holds(acts: list[tuple[str, int, int]]) -> None:
        point = session.begin_nested()
        try:
            _act(Shop(), acts)
        finally:
            point.rollback()
            session.expire_all()

    holds()


def _act(shop: Shop, acts: list[tuple[str, int, int]]) -> None:
    people = [shop.meet(name) for name in ("first", "second", "third", "fourth")]
    put_in: set[int] = set()
    merges: list[int] = []
    for what, one, other in acts:
        now = {each: identity.current(each) for each in people}
        whom = now[people[one]]
        if what == "put in" and whom not in {now[each] for each in put_in}:
            shop.put_in(whom)
            put_in.add(whom)
        elif what == "take out":
            shop.take_out(whom)
            put_in -= {each for each in people if now[each] == whom}
        elif what == "merge" and whom != now[people[other]]:
            merges.append(shop.merge(whom, now[people[other]]))
        elif what == "undo" and merges:
            shop.undo(merges.pop(one % len(merges)))
        assert shop.members() == {identity.current(each) for each in put_in}

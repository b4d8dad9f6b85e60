"""Arrivals, decisions and their undoing in any order: what colleagues said holds, nobody contradicts himself, nobody else moves."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from crm360.identity import guards, operations, rebuilding
from crm360.identity.models import Contact, Decision, DecisionLink, DecisionUndone, Edge
from crm360.kernel.db import db
from tests.identity.people import NOW, partition, receive, seen
from tests.identity.test_resolving import STATEMENT

pytestmark = pytest.mark.usefixtures("app")

_HARD = guards.hard(guards.CONFLICTS)
WHO = {"by": "Dana", "now": NOW}
NATIONAL = st.builds(
    lambda n, number: seen(f"{n}", "Anna", "Nowak", email="a@wp.pl", national_id=number),
    st.integers(0, 9), st.sampled_from(["80051212340", "82071912345"]),
)  # fmt: skip
ARRIVAL = st.one_of(STATEMENT, STATEMENT, NATIONAL)
DEED = st.tuples(st.sampled_from(["merge", "split", "different", "undo", "undo"]), st.integers(0, 9), st.integers(0, 9))
STORY = st.lists(st.one_of(ARRIVAL, DEED), min_size=2, max_size=14)


def homes() -> dict[int, int | None]:
    """Contact → its profile."""
    return dict(db.session.execute(select(Contact.id, Contact.profile_id)).all())


def test_what_was_decided_holds_whatever_arrives(session: Any, database: str) -> None:
    @settings(max_examples=60 if database == "sqlite" else 8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(STORY)
    def holds(story: list[Any]) -> None:
        point = session.begin_nested()
        try:
            for each in story:
                if isinstance(each, tuple):
                    _decide(*each)
                else:
                    receive([each])
                _check()
            assert rebuilding.rebuild().in_order
        finally:
            point.rollback()
            session.expire_all()

    holds()


def test_undone_in_any_order_nothing_is_left_of_decisions(session: Any, database: str) -> None:
    @settings(max_examples=40 if database == "sqlite" else 6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(STORY, st.randoms())
    def holds(story: list[Any], random: Any) -> None:
        point = session.begin_nested()
        try:
            for each in story:
                _decide(*each) if isinstance(each, tuple) else receive([each])
            standing = _standing()
            random.shuffle(standing)
            for decision in standing:
                operations.undo(decision_id=decision, **WHO)
            told = partition()
            point.rollback()
            point = session.begin_nested()
            for each in story:
                if not isinstance(each, tuple):
                    receive([each])
            assert told == partition()
        finally:
            point.rollback()
            session.expire_all()

    holds()


def _standing() -> list[int]:
    undone = select(DecisionUndone.decision_id)
    return list(db.session.scalars(select(Decision.id).where(Decision.id.not_in(undone)).order_by(Decision.id)))


def _decide(what: str, one: int, other: int) -> None:
    """A decision about the customers, or the records, of these places; nobody but who is tied to them moves."""
    before = homes()
    profiles = sorted({each for each in before.values() if each})
    if not profiles:
        return
    first, second = profiles[one % len(profiles)], profiles[other % len(profiles)]
    mine = sorted(contact for contact, home in before.items() if home in (first, second))
    if what in ("merge", "different") and first != second:
        (operations.merge if what == "merge" else operations.distinguish)(profile_ids=[first, second], **WHO)
    elif what == "split" and len(part := [each for each in mine if before[each] == first]) > 1:
        operations.split(profile_id=first, contact_ids=part[: 1 + other % (len(part) - 1)], **WHO)
    elif what == "undo" and (standing := _standing()):
        chosen = standing[one % len(standing)]
        ends = select(DecisionLink.left_id, DecisionLink.right_id).where(DecisionLink.decision_id == chosen)
        mine = sorted({each for pair in db.session.execute(ends) for each in pair})
        operations.undo(decision_id=chosen, **WHO)
    else:
        return
    tied, after = _tied(mine), homes()
    assert {each: after[each] for each in before if each not in tied} == {
        each: before[each] for each in before if each not in tied
    }


def _tied(contacts: list[int]) -> set[int]:
    """Who is connected to these by evidence or by what was ever decided."""
    pairs = [
        *db.session.execute(select(Edge.left_id, Edge.right_id)),
        *db.session.execute(select(DecisionLink.left_id, DecisionLink.right_id)),
    ]
    reached, waiting = set(contacts), list(contacts)
    while waiting:
        at = waiting.pop()
        near = {b if a == at else a for a, b in pairs if at in (a, b)} - reached
        reached |= near
        waiting += near
    return reached


def _check() -> None:
    """What holds at every moment, of the decisions that stand: the last word on a pair, and no contradiction but by a person."""
    home = homes()
    word: dict[tuple[int, int], bool] = {}
    undone = select(DecisionUndone.decision_id)
    links = select(DecisionLink).where(DecisionLink.decision_id.not_in(undone)).order_by(DecisionLink.decision_id)
    for link in db.session.scalars(links):
        word[link.left_id, link.right_id] = link.same
    apart = {pair for pair, same in word.items() if not same}
    assert [pair for pair in apart if home[pair[0]] == home[pair[1]]] == []
    joined = {each for pair, same in word.items() if same for each in pair}
    forms = dict(db.session.execute(select(Contact.id, Contact.compared)).all())
    for one, other in combinations(sorted(forms.keys() - joined), 2):
        if home[one] is not None and home[one] == home[other]:
            assert guards.conflict(forms[one], forms[other], _HARD) == "", (forms[one], forms[other])

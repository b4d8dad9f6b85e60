"""Bulk actions: what each does, that taking it back restores exactly what was, whatever happens in between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from crm360.consents import stopping
from crm360.flows import bulk_actions, forgetting, review
from crm360.identity import queries as identity
from crm360.kernel.db import db
from crm360.kernel.errors import DomainError
from crm360.kernel.personal_data import Whom
from crm360.lists import actions, deeds
from crm360.lists.actions import BadAction, CannotBeUndone, Meant, NumberChanged
from crm360.lists.asking import Asked
from crm360.lists.conditions import Reader
from crm360.lists.models import Action, Target
from crm360.profiles import operations as profiles
from crm360.profiles import queries as tags
from crm360.profiles.models import Tag, TimelineEntry
from crm360.sales import operations as sales
from crm360.sales import queries as work
from crm360.sales.models import Ownership, Task
from crm360.segments import operations as segments
from crm360.segments.models import Member
from tests.lists.crowd import One, colleague, gather, static_segment

HOUR = timedelta(hours=1)
State = dict[str, list[Any]]
Press = Callable[..., Action]


@pytest.fixture
def anna(session: Any, now: datetime) -> int:
    return colleague("Anna", now)


@pytest.fixture
def crowd(anna: int, now: datetime) -> list[One]:
    """Six customers: the first two are VIPs, Anna has the third."""
    tagged: list[tuple[str, ...]] = [("VIP",), ("vip", "new"), (), (), ("new",), ()]
    names = ["Ada Lis", "Jan Kos", "Ewa Ryś", "Ola Żbik", "Iza Sum", "Jan Szpak"]
    return gather(
        [One(name, tags=tagged[n], owner=anna if n == 2 else None) for n, name in enumerate(names)], now - HOUR
    )


@pytest.fixture
def press(anna: int, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Press:
    """`press(deed, said, chosen, until="done")`: begun, and carried on in batches of two."""
    monkeypatch.setattr(bulk_actions, "BATCH", 2)

    def begun(deed: str, said: dict[str, Any], chosen: list[One] | None = None, steps: int = 99) -> Action:
        meant = Meant(Asked(), None if chosen is None else frozenset(one.profile for one in chosen))
        reader, kept = Reader(anna, False), bulk_actions.settled(deed, said)
        effect = actions.effect(deed=deed, said=kept, meant=meant, reader=reader, now=now)
        action = actions.begin(deed=deed, said=kept, meant=meant, expected=effect.total, reader=reader, by="Anna", now=now)  # fmt: skip
        go_on(action, now, steps)
        if steps == 99:
            assert (action.state, action.changed) == ("done", effect.changing)
        return action

    return begun


def go_on(action: Action, now: datetime, steps: int = 99) -> None:
    while action.state in actions.RUNNING and steps:
        bulk_actions.carry_on(action, now=now)
        steps -= 1


def undo(action: Action, now: datetime) -> Action:
    actions.undo(action_id=action.id, by="Ben", now=now + HOUR)
    go_on(action, now + HOUR)
    assert action.state == "undone"
    return action


def state() -> State:
    """Everything bulk actions may change, but for the numbers of rows."""
    told = {
        "tags": select(Tag.contact_id, Tag.name, Tag.set_at, Tag.set_by),
        "owners": select(Ownership.contact_id, Ownership.staff_id, Ownership.set_at, Ownership.set_by),
        "tasks": select(Task.contact_id, Task.title, Task.owner_id, Task.due_at),
        "members": select(Member.segment_id, Member.profile_id, Member.since),
        "lines": select(TimelineEntry.contact_id, TimelineEntry.kind, TimelineEntry.title, TimelineEntry.occurred_at),
    }
    return {name: sorted(map(str, db.session.execute(query))) for name, query in told.items()}


def task(owner_id: int) -> dict[str, Any]:
    return {"title": " Call  them ", "owner_id": owner_id, "due_at": "2026-03-05T22:59:59+00:00", "whole_day": True}


def test_a_tag_is_put_on_whoever_lacks_it_and_only_that_is_taken_back(
    crowd: list[One], press: Press, now: datetime
) -> None:
    before = state()
    action = press(deeds.TAG, {"tag": " vip "})
    assert (action.total, action.changed, action.same, action.said) == (6, 4, 2, {"tag": "VIP"})
    assert all("vip" in {tag.casefold() for tag in found} for found in tags.tags_of([one.profile for one in crowd]).values())  # fmt: skip
    undo(action, now)
    assert (action.undone, action.kept) == (4, 0)
    assert state() == before


def test_a_tag_taken_off_comes_back_as_it_was_set(crowd: list[One], press: Press, now: datetime) -> None:
    before = state()
    action = press(deeds.UNTAG, {"tag": "VIP"})
    assert (action.changed, action.same) == (2, 4)
    assert tags.tags_of([one.profile for one in crowd]) == {crowd[1].profile: ["new"], crowd[4].profile: ["new"]}
    assert undo(action, now).undone == 2
    assert state() == before


@pytest.mark.parametrize("to_nobody", [False, True])
def test_owners_go_back_to_whom_they_were(
    crowd: list[One], press: Press, anna: int, now: datetime, to_nobody: bool
) -> None:
    before = state()
    action = press(deeds.OWN, {"owner_id": None if to_nobody else anna})
    assert action.changed == (1 if to_nobody else 5)
    assert len(work.owners_of([one.profile for one in crowd])) == (0 if to_nobody else 6)
    undo(action, now)
    assert state() == before


def test_each_gets_one_task_and_one_that_was_done_stays(crowd: list[One], press: Press, anna: int, now: datetime) -> None:  # fmt: skip
    before = state()
    action = press(deeds.TASK, task(anna), crowd[:3])
    made = db.session.scalars(select(Task).order_by(Task.contact_id)).all()
    assert [each.title for each in made] == ["Call them"] * 3
    assert undo(action, now).undone == 3
    assert state() == before
    action = press(deeds.TASK, task(anna), crowd[:3])
    done, handed_over, _ = db.session.scalars(select(Task).order_by(Task.contact_id)).all()
    sales.finish_task(task_id=done.id, by="Anna", now=now)
    sales.change_task(task_id=handed_over.id, title="Write", due_at=None, whole_day=True, owner_id=anna)
    undo(action, now)
    assert (action.undone, action.kept) == (1, 2)
    assert sorted(db.session.scalars(select(Task.title))) == ["Call them", "Write"]


def test_a_segment_filled_by_hand_is_filled_and_emptied_again(crowd: list[One], press: Press, now: datetime) -> None:
    number = static_segment("Fair", crowd[:2], now - HOUR)
    segments.describe(segment_id=number, name="Fair", description="", marketing=True, tag="fair", now=now)
    before = state()
    action = press(deeds.ENTER, {"segment_id": number}, crowd[1:4])
    assert (action.changed, action.same) == (2, 1)
    assert tags.tags_of([crowd[3].profile]) == {crowd[3].profile: ["fair"]}
    undo(action, now)
    lines = {"lines": [], "owners": [], "tasks": []}
    assert state() | lines == before | lines


@pytest.mark.parametrize(
    ("deed", "said"),
    [
        (deeds.TAG, {"tag": " "}),
        (deeds.TAG, {"tag": "x" * 61}),
        (deeds.TASK, {"title": " ", "owner_id": 1, "due_at": None, "whole_day": True}),
        (deeds.ENTER, {"segment_id": 0}),
        ("customers.erase", {}),
    ],
)
def test_what_cannot_be_done_is_refused_before_anybody_is_touched(session: Any, deed: str, said: dict[str, Any]) -> None:  # fmt: skip
    with pytest.raises(DomainError):
        bulk_actions.settled(deed, said)


def test_only_as_many_as_were_confirmed(crowd: list[One], anna: int, now: datetime) -> None:
    asked = {"deed": deeds.TAG, "said": {"tag": "x"}, "reader": Reader(anna, False), "by": "Anna", "now": now}
    with pytest.raises(NumberChanged, match="it is 6 now"):
        actions.begin(meant=Meant(Asked()), expected=5, **asked)  # type: ignore[arg-type]
    with pytest.raises(BadAction):
        actions.begin(meant=Meant(Asked(), frozenset()), expected=0, **asked)  # type: ignore[arg-type]


def test_an_action_is_taken_back_once_and_in_time(crowd: list[One], press: Press, now: datetime) -> None:
    action = press(deeds.TAG, {"tag": "fair"})
    with pytest.raises(CannotBeUndone):
        actions.undo(action_id=action.id, by="Ben", now=now + actions.KEPT + HOUR)
    undo(action, now)
    with pytest.raises(CannotBeUndone):
        actions.undo(action_id=action.id, by="Ben", now=now)
    assert actions.purge(now=now + actions.KEPT) == 0
    assert actions.purge(now=now + actions.KEPT + HOUR) == 6
    assert actions.get(action.id).total == 6


def test_undone_half_way_it_goes_no_further(crowd: list[One], press: Press, now: datetime) -> None:
    before = state()
    action = press(deeds.TAG, {"tag": "fair"}, steps=2)
    assert (action.state, action.changed) == ("doing", 4)
    assert undo(action, now).undone == 4
    assert state() == before


def test_what_a_colleague_changed_since_stays(crowd: list[One], press: Press, now: datetime) -> None:
    action, later = press(deeds.TAG, {"tag": "fair"}), now + HOUR / 2
    profiles.remove_tag(profile_id=crowd[0].profile, name="fair", by="Ben", now=later)
    profiles.set_tag(profile_id=crowd[0].profile, name="fair", by="Ben", now=later)
    profiles.remove_tag(profile_id=crowd[1].profile, name="fair", by="Ben", now=later)
    undo(action, now)
    assert (action.undone, action.kept) == (4, 2)
    assert [one.name for one in crowd if "fair" in tags.tags_of([one.profile]).get(one.profile, [])] == ["Ada Lis"]


def test_restricted_customers_are_neither_counted_nor_changed(crowd: list[One], press: Press, now: datetime) -> None:
    def restrict(one: One) -> None:
        contacts = [contact.id for contact in identity.contacts_of(one.profile)]
        stopping.place(contact_ids=contacts, kind="restriction", since=now, ground="asked", by="Jan", now=now)

    restrict(crowd[0])
    action = press(deeds.TAG, {"tag": "fair"}, steps=1)
    assert action.total == 5
    restrict(crowd[5])
    go_on(action, now)
    assert (action.changed, action.left) == (4, 1)
    restrict(crowd[1])
    undo(action, now)
    assert (action.undone, action.kept) == (3, 1)


@pytest.mark.parametrize("deed", [deeds.TAG, deeds.OWN, deeds.TASK, deeds.ENTER])
@pytest.mark.parametrize("pair", [(0, 3), (3, 0), (4, 5)], ids=["done-waiting", "waiting-done", "both-waiting"])
def test_a_merge_in_between_loses_and_doubles_nobody(
    crowd: list[One], press: Press, anna: int, now: datetime, deed: str, pair: tuple[int, int]
) -> None:
    segment = static_segment("Fair", [], now - HOUR)
    before = state()
    said = {"tag": "fair", "owner_id": anna, "segment_id": segment, **(task(anna) if deed == deeds.TASK else {})}
    action = press(deed, said, crowd, steps=1)
    left, right = (crowd[place].profile for place in pair)
    merge = review.merge(profile_ids=[left, right], by="Ben", now=now)
    living = identity.current(left)
    go_on(action, now)
    assert (action.state, action.changed + action.same, action.left) == ("done", 6, 0)
    match deed:
        case deeds.TAG:
            mine = select(Tag.id).where(Tag.name == "fair", Tag.contact_id.in_(identity.contact_ids(living)))
            assert len(db.session.scalars(mine).all()) == 1
        case deeds.OWN:
            assert work.owners_of([living])[living][0] == anna
        case deeds.TASK:
            assert len(work.tasks_of(living)) == 1
        case deeds.ENTER:
            assert living in db.session.scalars(select(Member.profile_id).where(Member.segment_id == segment)).all()
    undo(action, now)
    review.undo(decision_id=merge.decision_id, by="Ben", now=now + 2 * HOUR)
    assert {name: rows for name, rows in state().items() if name != "lines"} == {
        name: rows for name, rows in before.items() if name != "lines"
    }


def test_an_erased_customer_leaves_the_record_of_the_action(crowd: list[One], press: Press, now: datetime) -> None:
    action = press(deeds.TAG, {"tag": "fair"}, steps=1)
    contacts = tuple(contact.id for contact in identity.contacts_of(crowd[0].profile))
    forgetting.take(Whom(contacts))
    assert db.session.scalars(select(Target.contact_id).where(Target.contact_id.in_(contacts))).all() == []
    go_on(action, now)
    assert undo(action, now).undone == 5


def test_what_a_task_says_goes_with_one_it_was_for_and_it_is_undone_all_the_same(
    crowd: list[One], press: Press, anna: int, now: datetime
) -> None:
    action, running = press(deeds.TASK, task(anna)), press(deeds.TASK, task(anna), steps=1)
    assert (action.title, "title" in action.said) == ("Call them", False)
    forgetting.take(Whom(tuple(contact.id for contact in identity.contacts_of(crowd[5].profile))))
    db.session.expire_all()
    assert (action.title, running.title) == ("", "")
    with pytest.raises(BadAction, match="erased"):
        go_on(running, now)
    assert (undo(action, now).undone, undo(running, now).undone) == (5, 2)
    assert db.session.scalars(select(Task)).all() == []


doings = st.one_of(
    st.builds(lambda tag: (deeds.TAG, {"tag": tag}), st.sampled_from(["VIP", "new", "fair"])),
    st.builds(lambda tag: (deeds.UNTAG, {"tag": tag}), st.sampled_from(["vip", "new", "fair"])),
    st.builds(lambda mine: (deeds.OWN, {"owner_id": mine or None}), st.booleans()),
    st.just((deeds.TASK, {"title": "Call", "due_at": None, "whole_day": True, "owner_id": True})),
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(doings, st.sets(st.integers(0, 5), min_size=1), st.integers(1, 4)), min_size=1, max_size=4))
def test_done_and_taken_back_in_turn_everything_is_as_it_was(
    crowd: list[One], press: Press, anna: int, now: datetime, plan: list[Any]
) -> None:
    with db.session.begin_nested() as savepoint:
        done = []
        for (deed, said), places, steps in plan:
            said = {**said, "owner_id": anna} if said.get("owner_id") else said
            before = state()
            done.append((press(deed, said, [crowd[place] for place in sorted(places)], steps=steps), before))
        for action, before in reversed(done):
            undo(action, now)
            assert action.undone == action.changed
            assert state() == before
        savepoint.rollback()
    db.session.expunge_all()

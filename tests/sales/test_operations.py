"""Tasks, calls, deals, owners: kept with their lines on the timeline, and given back by an undone merge."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from crm360.accounts import operations as accounts
from crm360.accounts.queries import StaffNotFound
from crm360.flows import review
from crm360.kernel.errors import Invalid
from crm360.profiles import operations as profiles
from crm360.profiles import timeline
from crm360.sales import operations, queries, stages
from crm360.sales.operations import Offer
from tests.profiles.people import customer as customer_of

DAY = timedelta(days=1)


@pytest.fixture
def anna(session: Any, now: datetime) -> int:
    return accounts.create_staff(
        email="anna@shop.example", name="Anna Rep", role="sales", password="correct horse", now=now
    ).id


@pytest.fixture
def customer(session: Any, now: datetime) -> int:
    return customer_of(now, given_name="Ewa")


def lines(profile_id: int) -> list[tuple[str, str]]:
    return [(event.kind, event.title) for event in timeline.page(profile_id=profile_id).entries]


def test_a_task_has_one_line_that_says_how_it_stands(customer: int, anna: int, now: datetime) -> None:
    task = operations.add_task(
        title=" Call  back ", owner_id=anna, by="Ben", now=now, profile_id=customer, due_at=now + DAY
    )
    assert lines(customer) == [("task.set", "Call back")]
    operations.finish_task(task_id=task.id, by="Anna Rep", now=now + DAY)
    operations.finish_task(task_id=task.id, by="Ben", now=now + 2 * DAY)
    assert (task.done_by, task.done_at) == ("Anna Rep", now + DAY)
    assert lines(customer) == [("task.done", "Call back")]
    assert queries.tasks_of(customer) == []
    operations.reopen_task(task_id=task.id, now=now + DAY)
    assert lines(customer) == [("task.set", "Call back")]
    assert [each.task.id for each in queries.tasks_of(customer)] == [task.id]


def test_the_most_urgent_comes_first_and_undated_ones_last(customer: int, anna: int, now: datetime) -> None:
    due: list[tuple[str, datetime | None]] = [("whenever", None), ("tomorrow", now + DAY), ("yesterday", now - DAY)]
    for title, at in due:
        operations.add_task(title=title, owner_id=anna, by="Ben", now=now, due_at=at)
    assert [each.task.title for each in queries.open_tasks(owner_id=anna)] == ["yesterday", "tomorrow", "whenever"]
    assert [each.task.title for each in queries.open_tasks(until=now)] == ["yesterday"]


def test_what_it_came_from_has_one_task(customer: int, anna: int, now: datetime) -> None:
    told: dict[str, Any] = {"title": "Answer", "owner_id": anna, "by": "house", "now": now, "origin": "answer:17"}
    assert operations.add_task(**told).id == operations.add_task(**told).id


@pytest.mark.parametrize("title", ["", "  \n ", "x" * 201])
def test_a_task_needs_a_usable_title(anna: int, now: datetime, title: str) -> None:
    with pytest.raises(operations.BadTask):
        operations.add_task(title=title, owner_id=anna, by="Ben", now=now)


def test_nobody_who_is_not_there_gets_a_task(session: Any, now: datetime) -> None:
    with pytest.raises(StaffNotFound):
        operations.add_task(title="x", owner_id=4711, by="Ben", now=now)


def test_a_call_is_the_last_contact(customer: int, anna: int, now: datetime) -> None:
    operations.log_call(
        profile_id=customer, direction="in", outcome="reached", body="Wants\r\nblue.", staff_id=anna, at=now, now=now
    )
    ((call, name),) = queries.calls_of(customer)
    assert (call.body, name) == ("Wants\nblue.", "Anna Rep")
    assert lines(customer) == [("call.in", "Wants\nblue.")]


@pytest.mark.parametrize("wrong", [{"direction": "up"}, {"outcome": "shouted"}, {"at": DAY}])
def test_a_call_that_cannot_have_been_is_refused(
    customer: int, anna: int, now: datetime, wrong: dict[str, Any]
) -> None:
    told: dict[str, Any] = {"direction": "in", "outcome": "reached", "at": timedelta()} | wrong
    told["at"] = now + told["at"]
    with pytest.raises(operations.BadCall):
        operations.log_call(profile_id=customer, body="", staff_id=anna, now=now, **told)


def test_a_deal_goes_its_way_and_sums_up(customer: int, anna: int, now: datetime) -> None:
    offer = Offer(title="Kitchen", value_minor=1_250_000, currency="PLN", owner_id=anna)
    deal = operations.open_deal(profile_id=customer, offer=offer, by="Anna", now=now)
    for stage in ("talking", "talking", "won"):
        operations.move_deal(deal_id=deal.id, stage=stage, by="Anna", now=now + DAY)
    assert [move.stage for move in queries.moves_of(deal.id)] == ["new", "talking", "won"]
    assert [kind for kind, _ in lines(customer)] == ["deal.won", "deal.talking", "deal.new"]
    (total,) = queries.sums(closed_since=now)
    assert (total.stage, total.deals, total.value_minor) == ("won", 1, 1_250_000)
    assert queries.sums(closed_since=now + 2 * DAY) == []
    with pytest.raises(operations.BadDeal):
        operations.move_deal(deal_id=deal.id, stage=stages.LOST, by="Anna", now=now, reason="  ")
    operations.move_deal(deal_id=deal.id, stage=stages.LOST, by="Anna", now=now + 3 * DAY, reason="Too dear")
    assert queries.deals_of(customer)[0].deal.reason == "Too dear"


@pytest.mark.parametrize("offer", [{"value_minor": -1, "currency": "PLN"}, {"value_minor": 5}, {"title": ""}])
def test_an_impossible_deal_is_refused(customer: int, anna: int, now: datetime, offer: dict[str, Any]) -> None:
    told: dict[str, Any] = {"title": "Kitchen", "owner_id": anna} | offer
    with pytest.raises(Invalid):
        operations.open_deal(profile_id=customer, offer=Offer(**told), by="Anna", now=now)


def test_only_the_person_named_puts_a_mention_away(customer: int, anna: int, now: datetime) -> None:
    note = profiles.add_note(profile_id=customer, body="@anna.rep or @Anna: see this", by="Ben", now=now)
    assert operations.note_mentions(note=note) == [anna]
    assert operations.note_mentions(note=note) == [anna]
    (asked,) = queries.unseen_mentions(anna)
    assert (asked.note.id, asked.profile_id) == (note.id, customer)
    assert not operations.see_mention(mention_id=asked.mention.id, staff_id=anna + 1, now=now)
    assert operations.see_mention(mention_id=asked.mention.id, staff_id=anna, now=now)
    assert queries.unseen_mentions(anna) == []
    profiles.remove_note(note_id=note.id)


def test_an_undone_merge_gives_everything_back(anna: int, now: datetime) -> None:
    """Facts hang on contacts: what was noted of one of the two stays with the one it was noted of."""
    one, other = customer_of(now, family_name="Lis"), customer_of(now, family_name="Wrona")
    operations.add_task(title="Ring", owner_id=anna, by="Ben", now=now, profile_id=other)
    operations.set_owner(profile_id=other, staff_id=anna, by="Ben", now=now)
    merged = review.merge(profile_ids=[one, other], by="Ben", now=now)
    assert merged.decision_id is not None
    assert [each.task.title for each in queries.tasks_of(one)] == ["Ring"]
    assert queries.owner_of(one) == (anna, "Anna Rep")
    review.undo(decision_id=merged.decision_id, by="Ben", now=now + DAY)
    assert (queries.tasks_of(one), queries.owner_of(one)) == ([], None)
    assert [each.task.title for each in queries.tasks_of(other)] == ["Ring"]
    assert not operations.set_owner(profile_id=other, staff_id=anna, by="Ben", now=now + DAY)
    assert operations.set_owner(profile_id=other, staff_id=None, by="Ben", now=now + DAY)
    assert queries.owner_of(other) is None

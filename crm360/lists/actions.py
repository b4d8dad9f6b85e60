"""What is done to many customers at once: who is meant and what would change, begun, handed on in batches, taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, String, delete, func, insert, literal, select, true, update

from crm360.identity.models import Contact
from crm360.kernel import dialects
from crm360.kernel.db import db
from crm360.kernel.errors import Conflict, Invalid, NotFound
from crm360.kernel.expressions import listed
from crm360.lists import asking, conditions, deeds, reading
from crm360.lists.asking import Asked
from crm360.lists.conditions import WHO, Condition, Reader
from crm360.lists.models import Action, Target
from crm360.profiles.models import GoldenRecord

#: So long an action can be taken back; then who it was for is forgotten.
KEPT = timedelta(days=30)
RUNNING = ("doing", "undoing")


class NoSuchAction(NotFound):
    """There is no such action."""

    def __init__(self, action_id: int) -> None:
        super().__init__(f"There is no bulk action {action_id}.")


class BadAction(Invalid):
    """Nothing can be done like this."""


class NumberChanged(Conflict):
    """Other customers are meant than those that were confirmed."""

    def __init__(self, total: int) -> None:
        super().__init__(f"The number of customers changed meanwhile: it is {total} now. Look again before you press.")


class CannotBeUndone(Conflict):
    """It was taken back already, or its time is over."""

    def __init__(self) -> None:
        super().__init__("This action was taken back already, or is too old to be.")


class Meant(NamedTuple):
    """Whom an action is for: all on a list, or those of `chosen`."""

    asked: Asked
    chosen: frozenset[int] | None = None


class Effect(NamedTuple):
    """How many are meant, and for how many something changes."""

    total: int
    changing: int


def effect(*, deed: str, said: Mapping[str, Any], meant: Meant, reader: Reader, now: datetime) -> Effect:
    """What an action would do at `now`."""
    asks = _asks(meant, reader, now)
    whole = _many(asks)
    return Effect(whole, whole if deed == deeds.TASK else _many([*asks, _changes(deed, said)]))


def begin(
    *, deed: str, said: Mapping[str, Any], meant: Meant, expected: int, reader: Reader, by: str, now: datetime
) -> Action:
    """Write down an action and whom it is for; nothing is done to them yet. Raises BadAction, NumberChanged."""
    asked = None if meant.chosen is not None else asking.address(meant.asked)
    kept = {name: value for name, value in said.items() if name != "title"}
    kept |= {"mark": deeds.mark(said["title"])} if "title" in said else {}
    action = Action(
        deed=deed, said=kept, title=said.get("title", ""), asked=asked, staff_id=reader.staff_id, made_by=by, made_at=now
    )  # fmt: skip
    db.session.add(action)
    db.session.flush()
    anchor = select(Contact.id).where(Contact.profile_id == WHO).order_by(Contact.anonymous, Contact.id).limit(1)
    asks = reading.begin(_asks(meant, reader, now)).asks
    each = select(WHO.label("who"), anchor.correlate(GoldenRecord).scalar_subquery().label("contact_id"))
    whom = each.where(*asks).subquery()
    number = func.row_number().over(order_by=whom.c.who)
    told = select(literal(action.id, BigInteger), number, whom.c.contact_id, literal("waiting", String))
    columns = ["action_id", "number", "contact_id", "state"]
    db.session.execute(insert(Target).from_select(columns, told.where(whom.c.contact_id.is_not(None))))
    mine = select(func.count()).select_from(Target).where(Target.action_id == action.id)
    action.total = int(db.session.scalar(mine) or 0)
    if not action.total:
        raise BadAction("Nobody is meant.")
    if action.total != expected:
        raise NumberChanged(action.total)
    db.session.flush()
    return action


def get(action_id: int) -> Action:
    """Raises NoSuchAction."""
    found = db.session.get(Action, action_id)
    if found is None:
        raise NoSuchAction(action_id)
    return found


def latest(*, before: int | None = None, limit: int = 50) -> list[Action]:
    """What was done, the latest first. `before`: the id of the last one already seen."""
    query = select(Action) if before is None else select(Action).where(Action.id < before)
    return list(db.session.scalars(query.order_by(Action.id.desc()).limit(limit)))


def anything_running() -> bool:
    """Whether an action is being done or taken back."""
    return db.session.scalar(select(Action.id).where(Action.state.in_(RUNNING)).limit(1)) is not None


def hold_next() -> Action | None:
    """The oldest action to go on with, for this transaction alone; None when others have them, or there is none."""
    query = select(Action).where(Action.state.in_(RUNNING)).order_by(Action.id).limit(1)
    mine = query.with_for_update(**dialects.skip_locked(db.session)).execution_options(populate_existing=True)
    found: Action | None = db.session.scalar(mine)
    return found


def hold(action_id: int) -> Action:
    """An action for this transaction alone. Raises NoSuchAction."""
    found = db.session.get(Action, action_id, populate_existing=True, with_for_update=True)
    if found is None:
        raise NoSuchAction(action_id)
    return found


def targets(action: Action, *, state: str, limit: int) -> list[Target]:
    """The next of those it is for, in order."""
    next_ones = (Target.action_id == action.id, Target.number > action.position, Target.state == state)
    return list(db.session.scalars(select(Target).where(*next_ones).order_by(Target.number).limit(limit)))


def whom(action_id: int, *, after: int = 0, limit: int = 100) -> Sequence[Target]:
    """Those an action is for, in order, from a number on."""
    those = select(Target).where(Target.action_id == action_id, Target.number > after)
    return db.session.scalars(those.order_by(Target.number).limit(limit)).all()


def changed_already(action: Action, profile_ids: Collection[int]) -> set[int]:
    """Of these customers, those one of whose contacts had its turn: merged while the action runs, they are one."""
    query = select(Contact.profile_id).join(Target, Target.contact_id == Contact.id)
    done = query.where(Target.action_id == action.id, Target.state == "changed")
    return {each for each in db.session.scalars(done.where(Contact.profile_id.in_(profile_ids))) if each is not None}


def finish(action: Action, state: str, *, now: datetime) -> None:
    """The last one had their turn."""
    action.state, action.finished_at = state, now


def stop(*, action_id: int, problem: str, now: datetime) -> None:
    """It cannot go on; what was done can be taken back."""
    action = hold(action_id)
    action.problem = problem
    finish(action, "stopped", now=now)
    db.session.flush()


def can_be_undone(action: Action, *, now: datetime) -> bool:
    """Whether taking it back may begin."""
    return action.undone_at is None and action.state in ("doing", "done", "stopped") and now - action.made_at <= KEPT


def undo(*, action_id: int, by: str, now: datetime) -> Action:
    """Begin to take an action back; of one that still goes on, what it did so far. Raises NoSuchAction, CannotBeUndone."""
    action = hold(action_id)
    if not can_be_undone(action, now=now):
        raise CannotBeUndone
    action.state, action.position, action.problem = "undoing", 0, ""
    action.undone_by, action.undone_at, action.finished_at = by, now, None
    db.session.flush()
    return action


def purge(*, now: datetime) -> int:
    """Forget whom old actions were for, and what tasks said of them; how many lines went."""
    old = select(Action.id).where(Action.made_at < now - KEPT, Action.state.not_in(RUNNING))
    db.session.execute(update(Action).where(Action.id.in_(old), Action.title != "").values(title=""))
    return int(db.session.execute(delete(Target).where(Target.action_id.in_(old))).rowcount)


def _asks(meant: Meant, reader: Reader, now: datetime) -> list[Condition]:
    """Restricted customers are changed by nobody, whoever asks."""
    outside = Reader(reader.staff_id, desk=False)
    if meant.chosen is None:
        return conditions.of(meant.asked, reader=outside, now=now)
    return [conditions.unrestricted(now), Condition(listed(WHO, meant.chosen))]


def _changes(deed: str, said: Mapping[str, Any]) -> Condition:
    """That the deed changes something for a customer."""
    holds: ColumnElement[bool] = true()
    match deed:
        case deeds.TAG:
            holds = ~conditions.tagged(said["tag"]).holds
        case deeds.UNTAG:
            return conditions.tagged(said["tag"])
        case deeds.OWN:
            return conditions.not_owned(said["owner_id"])
        case deeds.ENTER:
            holds = ~conditions.in_segment(said["segment_id"]).holds
    return Condition(holds)


def _many(asks: Iterable[Condition]) -> int:
    found = reading.who(list(asks)).subquery()
    return int(db.session.scalar(select(func.count()).select_from(found)) or 0)

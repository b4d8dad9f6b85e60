"""The deeds of bulk actions: each done to some customers at once, and exactly taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from crm360.flows import segmenting
from crm360.identity import queries as identity
from crm360.lists import deeds
from crm360.lists.actions import BadAction
from crm360.lists.models import Action, Target
from crm360.profiles import tags_at_once, timeline
from crm360.profiles.tags_at_once import Put
from crm360.sales import at_once
from crm360.sales.at_once import Owned, Todo
from crm360.segments import operations as segments
from crm360.segments import queries as segment_queries

#: Profile → whose turn it is.
Whose = Mapping[int, Target]


class Deed(NamedTuple):
    """`do` returns profile → what was changed of it; `undo` the numbers of the targets that are as they were."""

    do: Callable[[Action, Whose, datetime], dict[int, dict[str, Any]]]
    undo: Callable[[Action, Sequence[Target], datetime], set[int]]


def _tag(action: Action, whose: Whose, now: datetime) -> dict[int, dict[str, Any]]:
    made = tags_at_once.put(
        anchors=_anchors(whose), name=action.said["tag"], by=action.made_by, lines=_lines(whose), now=now
    )
    return {each: {"tags": [_told(tag)]} for each, tag in made.items()}


def _untag_again(_action: Action, targets: Sequence[Target], now: datetime) -> set[int]:
    put = {target.number: _tags(target) for target in targets}
    gone = tags_at_once.take_back(tag for tags in put.values() for tag in tags)
    return _without_lines(targets, {number for number, tags in put.items() if gone.intersection(tags)}, now)


def _untag(action: Action, whose: Whose, now: datetime) -> dict[int, dict[str, Any]]:
    taken = tags_at_once.take_off(
        profile_ids=list(whose), name=action.said["tag"], by=action.made_by, lines=_lines(whose), now=now
    )
    return {each: {"tags": [_told(tag) for tag in tags]} for each, tags in taken.items()}


def _tag_again(_action: Action, targets: Sequence[Target], now: datetime) -> set[int]:
    taken = {target.number: _tags(target) for target in targets}
    back = tags_at_once.put_back([tag for tags in taken.values() for tag in tags])
    return _without_lines(targets, {number for number, tags in taken.items() if back.intersection(tags)}, now)


def _own(action: Action, whose: Whose, now: datetime) -> dict[int, dict[str, Any]]:
    made = at_once.own(
        anchors=_anchors(whose), staff_id=action.said["owner_id"], by=action.made_by, lines=_lines(whose), now=now
    )
    return {each: {"owned": {**word._asdict(), "set_at": word.set_at.isoformat()}} for each, word in made.items()}


def _disown(_action: Action, targets: Sequence[Target], now: datetime) -> set[int]:
    said = {target.number: _word(target) for target in targets}
    gone = at_once.take_back(said.values())
    return _without_lines(targets, {number for number, word in said.items() if word in gone}, now)


def _give_tasks(action: Action, whose: Whose, now: datetime) -> dict[int, dict[str, Any]]:
    if not action.title:
        raise BadAction("Somebody it was for was erased meanwhile; the rest was not done.")
    origins = _lines(whose)
    at_once.add_tasks(anchors=_anchors(whose), todo=_todo(action), by=action.made_by, origins=origins, now=now)
    return {each: {"task": origin} for each, origin in origins.items()}


def _take_tasks(action: Action, targets: Sequence[Target], now: datetime) -> set[int]:
    origins = {_did(target)["task"]: target.number for target in targets}
    asked = _todo(action)

    def same(todo: Todo) -> bool:
        return deeds.mark(todo.title) == action.said["mark"] and todo._replace(title=asked.title) == asked

    removed = at_once.take_tasks_back(origins=list(origins), same=same, now=now)
    return {origins[each] for each in removed}


def _enter(action: Action, whose: Whose, now: datetime) -> dict[int, dict[str, Any]]:
    moved = segments.add_members(
        segment_id=action.said["segment_id"], profile_ids=list(whose), by=action.made_by, now=now
    )
    segmenting.follow(moved, now=now)
    return {each.profile_id: {"member": each.profile_id, "since": each.at.isoformat()} for each in moved}


def _leave(action: Action, targets: Sequence[Target], now: datetime) -> set[int]:
    """Out again goes who has been in since then, under the number of that day or of today."""
    segment_id, living = action.said["segment_id"], identity.profile_ids(target.contact_id for target in targets)
    known = {target.number: {_did(target)["member"], living.get(target.contact_id, 0)} for target in targets}
    since = segment_queries.since(segment_id, {each for ids in known.values() for each in ids})
    began = {target.number: datetime.fromisoformat(_did(target)["since"]) for target in targets}
    out = {number: {each for each in ids if since.get(each) == began[number]} for number, ids in known.items()}
    leaving = {each for ids in out.values() for each in ids}
    moved = segments.remove_members(segment_id=segment_id, profile_ids=leaving, by=action.undone_by, now=now)
    segmenting.follow(moved, now=now)
    return {number for number, ids in out.items() if ids}


DEEDS: Mapping[str, Deed] = {
    deeds.TAG: Deed(_tag, _untag_again),
    deeds.UNTAG: Deed(_untag, _tag_again),
    deeds.OWN: Deed(_own, _disown),
    deeds.TASK: Deed(_give_tasks, _take_tasks),
    deeds.ENTER: Deed(_enter, _leave),
}


def _anchors(whose: Whose) -> dict[int, int]:
    return {profile_id: target.contact_id for profile_id, target in whose.items()}


def _lines(whose: Whose) -> dict[int, str]:
    """Profile → by what its line on the timeline, or its task, is found again."""
    return {profile_id: _line(target) for profile_id, target in whose.items()}


def _line(target: Target) -> str:
    return f"bulk:{target.action_id}:{target.number}"


def _without_lines(targets: Sequence[Target], numbers: set[int], now: datetime) -> set[int]:
    timeline.forget(subjects=[_line(target) for target in targets if target.number in numbers], now=now)
    return numbers


def _did(target: Target) -> dict[str, Any]:
    return target.did or {}


def _told(tag: Put) -> dict[str, Any]:
    return {**tag._asdict(), "set_at": tag.set_at.isoformat()}


def _tags(target: Target) -> list[Put]:
    return [Put(**{**told, "set_at": datetime.fromisoformat(told["set_at"])}) for told in _did(target)["tags"]]


def _word(target: Target) -> Owned:
    told = _did(target)["owned"]
    return Owned(**{**told, "set_at": datetime.fromisoformat(told["set_at"])})


def _todo(action: Action) -> Todo:
    due = action.said["due_at"]
    at = datetime.fromisoformat(due) if due else None
    return Todo(action.title, action.said["owner_id"], at, action.said["whole_day"])

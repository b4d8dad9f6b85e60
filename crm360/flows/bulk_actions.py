"""Bulk actions carried out and taken back batch by batch; a merge in between changes whom a contact belongs to, nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from crm360.consents import stopping
from crm360.flows.bulk_deeds import DEEDS
from crm360.identity import queries as identity
from crm360.kernel import dialects
from crm360.kernel.db import db
from crm360.lists import actions, deeds
from crm360.lists.actions import BadAction
from crm360.lists.models import Action, Target
from crm360.profiles import queries as profiles
from crm360.profiles import tagging
from crm360.sales import operations as sales
from crm360.segments import queries as segments

BATCH = 200


def carry_on(action: Action, *, now: datetime) -> int:
    """One batch of an action that runs, held by this transaction; how many had their turn, 0: it is at its end."""
    dialects.lock_partition(db.session)
    step, state = (_do, "waiting") if action.state == "doing" else (_undo, "changed")
    targets = actions.targets(action, state=state, limit=BATCH)
    if targets:
        step(action, targets, now)
        action.position = targets[-1].number
    if len(targets) < BATCH:
        actions.finish(action, "done" if action.state == "doing" else "undone", now=now)
    db.session.flush()
    return len(targets)


def settled(deed: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """What a deed needs to know, as it is kept. Raises BadAction, BadTag, BadTask, NoSuchSegment."""
    match deed:
        case deeds.TAG | deeds.UNTAG:
            return {"tag": tagging.written(str(said["tag"]), existing=profiles.all_tag_names())}
        case deeds.ENTER:
            segment = segments.get(int(said["segment_id"] or 0))
            if segment.kind != "static" or segment.archived_at is not None:
                raise BadAction("Only a static segment is filled by hand.")
            return {"segment_id": segment.id}
        case deeds.OWN:
            return {"owner_id": said["owner_id"]}
        case deeds.TASK:
            return {**said, "title": sales.task_title(str(said["title"]))}
    raise BadAction("Choose what is to be done.")


def _do(action: Action, targets: Sequence[Target], now: datetime) -> None:
    living = identity.profile_ids(target.contact_id for target in targets)
    locked = stopping.restricted(set(living.values()), now=now)
    # of everything else the second of two who were merged is seen to have it already
    handled = actions.changed_already(action, set(living.values())) if action.deed == deeds.TASK else set()
    turns: dict[int, Target] = {}
    for target in targets:
        profile_id = living.get(target.contact_id)
        if profile_id is None or profile_id in locked:
            target.state = "left"
        elif profile_id in handled or profile_id in turns:
            target.state = "same"
        else:
            turns[profile_id] = target
    did = DEEDS[action.deed].do(action, turns, now) if turns else {}
    for profile_id, target in turns.items():
        target.state, target.did = ("changed", did[profile_id]) if profile_id in did else ("same", None)
    _count(action, targets)


def _undo(action: Action, targets: Sequence[Target], now: datetime) -> None:
    living = identity.profile_ids(target.contact_id for target in targets)
    locked = stopping.restricted(set(living.values()), now=now)
    free = [target for target in targets if living.get(target.contact_id) not in locked]
    back = DEEDS[action.deed].undo(action, free, now) if free else set()
    for target in targets:
        target.state = "undone" if target.number in back else "kept"
    _count(action, targets)


def _count(action: Action, targets: Sequence[Target]) -> None:
    for target in targets:
        setattr(action, target.state, getattr(action, target.state) + 1)

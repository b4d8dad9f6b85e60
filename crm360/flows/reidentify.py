"""Everybody resolved again at once: after an upgrade, and when staff chose another model. One transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from crm360.flows import refresh
from crm360.identity import group_keys, in_force, model_versions, queries, recomputing
from crm360.identity.recomputing import Recomputed

Progress = Callable[[str], None]


def everybody(*, now: datetime, progress: Progress = lambda step: None) -> Recomputed:
    """Resolve all contacts by the model in force, and write anew what they are grouped by."""
    found = recomputing.recompute(now=now, progress=progress)
    group_keys.follow(contact_ids=queries.named_contacts())
    return _shown(found, now=now)


def make_effective(*, now: datetime, progress: Progress = lambda step: None) -> int:
    """Resolve all contacts by the model that was chosen and waits, and put it in force; returns how many contacts."""
    chosen = model_versions.next_activation()
    if chosen is None:
        return 0
    judge = in_force.judge_of(chosen.model_id)
    found = recomputing.recompute(judge=judge, cause="model", now=now, progress=progress)
    model_versions.make_effective(activation_id=chosen.id, now=now)
    in_force.forget()
    return _shown(found, now=now).contacts


def _shown(found: Recomputed, *, now: datetime) -> Recomputed:
    group_keys.follow(contact_ids=found.stale)
    refresh.profiles(found.touched, changed_contacts=found.stale, now=now)
    return found

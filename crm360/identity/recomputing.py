"""Everybody resolved at once by the batch engine, and everything derived written anew, in bulk: one transaction.

For a first import, after an upgrade that changed what is compared, and for another model. Ids stay as stable as if the
same had come about step by step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import delete

from crm360.identity import assigning, in_force, judging, rebuilding, repartition, weakness, whole
from crm360.identity.engine import keyed
from crm360.identity.engine.judging import Judge
from crm360.identity.engine.resolution import Progress
from crm360.identity.models import BlockingKey, Contact, ContactIdentifier, Edge, Lineage, Profile, Redirect, WeakValue
from crm360.kernel import bulk, dialects
from crm360.kernel.db import db, table_of

_PAGE = 100_000
#: Contacts from which plans are worth a look at what was written.
_MANY = 10_000
_WRITTEN = (Contact, ContactIdentifier, BlockingKey, Edge, WeakValue, Profile, Redirect, Lineage)
#: Steps beside those of the engine.
STEPS = ("reading contacts", "writing pairs", "writing profiles")


class Recomputed(NamedTuple):
    """How many contacts there are, the profiles touched (retired ones too), and contacts whose form was stale."""

    contacts: int
    touched: set[int]
    stale: list[int]


def recompute(
    *, judge: Judge | None = None, cause: str = "evidence", now: datetime, progress: Progress = lambda step: None
) -> Recomputed:
    """Resolve all contacts by `judge` (the model in force by default)."""
    dialects.lock_partition(db.session)
    judge = judge or in_force.settled(now=now).judge
    progress(STEPS[0])
    loaded = rebuilding.load()
    _write_forms(loaded.base.forms, loaded.stale)
    found = whole.outcome(loaded.base, judge, progress)
    progress(STEPS[1])
    _write_derived(loaded.base, found, judge)
    progress(STEPS[2])
    touched = _write_profiles(loaded, found.persons, cause=cause, now=now)
    if len(loaded.stored) >= _MANY:
        dialects.look_at_sizes(db.session, map(table_of, _WRITTEN))
    return Recomputed(len(loaded.stored), touched, loaded.stale)


def _write_forms(forms: Mapping[int, Mapping[str, Any]], stale: Iterable[int]) -> None:
    rows = [{"b_id": contact, "compared": forms[contact]} for contact in stale]
    bulk.update_rows(db.session, table_of(Contact), rows)


def _write_derived(base: whole.Base, found: whole.Outcome, judge: Judge) -> None:
    """Keys, pairs and values of many, each table from nothing and in the order of its key."""
    for model in (BlockingKey, Edge, WeakValue):
        db.session.execute(delete(model))
    contacts = np.array(sorted(c for c, form in base.forms.items() if not form.get("anonymous")), dtype=np.int64)
    keys, rows = keyed.keys(found.columns, len(contacts), judge.model.blocking)
    holders = contacts[rows]
    for start in range(0, len(keys), _PAGE):
        page = slice(start, start + _PAGE)
        held = {"key": keys[page].tolist(), "contact_id": holders[page].tolist()}
        bulk.insert_columns(db.session, table_of(BlockingKey), held)
    for start in range(0, len(found.pairs), _PAGE):
        judging.write(found.pairs[start : start + _PAGE])
    weak = weakness.described(found.shared, base.forms)
    bulk.insert_rows(
        db.session, table_of(WeakValue),
        [{"key": key, "reason": reason, "count": count} for key, (reason, count) in sorted(weak.items())],
    )  # fmt: skip


class _Move(NamedTuple):
    contact: int
    old: int | None
    new: int | None


def _write_profiles(
    loaded: rebuilding.Loaded, persons: Sequence[frozenset[int]], *, cause: str, now: datetime
) -> set[int]:
    """Give changed persons their ids and move their contacts; visitors follow the customer their devices name."""
    forms, stored = loaded.base.forms, loaded.stored
    changed = [person for person in persons if rebuilding.differs(person, loaded)]
    named = [frozenset(c for c in person if not forms[c].get("anonymous")) for person in changed]
    named = [person for person in named if person]
    standing = {c: assigning.Standing(stored[c], loaded.homes[c]) for person in named for c in person}
    retired = repartition.retired(standing.values())
    ids = repartition.with_new(assigning.assign(named, standing, retired), now)
    id_of = {contact: profile for person, profile in zip(named, ids, strict=True) for contact in person}
    moves = [_Move(contact, stored[contact], profile) for contact, profile in id_of.items()]
    visits = []
    for person in changed:
        owner = next((id_of[contact] for contact in sorted(person) if contact in id_of), None)
        visits += [_Move(c, stored[c], owner) for c in sorted(person) if forms[c].get("anonymous")]
    moved = [move for move in moves if move.old != move.new]
    _write_moves(moved, loaded.homes, cause=cause, now=now)
    _write_moves([move for move in visits if move.old != move.new], loaded.homes, cause="device", now=now)
    repartition.write_redirects(
        [(c, old, new) for c, old, new in moves if new is not None], revived=set(ids) & retired, now=now
    )
    return {profile for move in (*moves, *visits) for profile in (move.old, move.new) if profile is not None}


def _write_moves(moved: Sequence[_Move], homes: Mapping[int, int | None], *, cause: str, now: datetime) -> None:
    rows = [
        {"b_id": move.contact, "profile_id": move.new, "home_profile_id": homes[move.contact] or move.new}
        for move in sorted(moved)
    ]  # fmt: skip
    bulk.update_rows(db.session, table_of(Contact), rows)
    lineage = [
        {"contact_id": c, "from_profile_id": old, "to_profile_id": new, "at": now, "cause": cause, "decision_id": None}
        for c, old, new in moved
        if old is not None or cause == "device"
    ]
    bulk.insert_rows(db.session, table_of(Lineage), lineage)

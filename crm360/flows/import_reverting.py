"""An import taken back: everything it wrote goes, everything it overwrote returns, as if it had never been.

What was changed since stays, and is listed. Consents it brought are invalidated by statements of their own; refusals
stay, for taking one back would permit what the person had forbidden.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, select

from crm360.consents import operations as consents
from crm360.consents.models import Statement
from crm360.flows import announcing, catching_up, refresh
from crm360.identity import layers, unloading
from crm360.identity import operations as identity
from crm360.identity.compared import Compared
from crm360.imports import operations as imports
from crm360.imports import queries
from crm360.imports.models import Change, Run
from crm360.kernel import dialects
from crm360.kernel.db import Base, db
from crm360.kernel.dialects import Among
from crm360.profiles import search_index
from crm360.profiles.models import TimelineEntry

STEP = 300
#: Why a contact was left, in words the pages translate.
USED_SINCE = "Something else hangs on it now: a purchase, a note, a tag, a decision."
CHANGED_SINCE = "Some of it was changed since; that stays."
STATED_AGAIN = "A later import says the same."
REASONS = (USED_SINCE, CHANGED_SINCE, STATED_AGAIN)
#: Tables whose rows are made of a contact, or go with it by rules of their own.
_DERIVED = frozenset(
    {"identity_identifier", "identity_blocking_key", "identity_group_key", "identity_edge", "identity_lineage",
     "identity_unresolved", "profiles_search_term", "profiles_timeline_entry", "consents_statement"}
)  # fmt: skip
_STATED = select(Statement.contact_id, Statement.method).where(Among(Statement.contact_id)).distinct()
#: How statements come that lists brought, and those by which they were taken back: they are no use of a customer.
_BY_LISTS = ("import", "import.reverted", "identity.split")


def step(run: Run, *, now: datetime) -> None:
    """Take back some of what a run did, the last first; move on when nothing is left."""
    dialects.lock_partition(db.session)
    changes = queries.changes(run.id, limit=STEP)
    if changes:
        counts = _take_back(run, changes, now)
        run.undone = {name: run.undone.get(name, 0) + counts[name] for name in {*run.undone, *counts}}
        run.position += len(changes)
    if len(changes) < STEP:
        run.reverted_at = now
        imports.move(run_id=run.id, status="reverted", now=now)


def _take_back(run: Run, changes: Sequence[Change], now: datetime) -> Counter[str]:
    by_contact = {change.contact_id: change for change in changes}
    later = queries.later_changes(run, by_contact)
    stated: dict[int, set[str]] = {}
    for contact_id, method in db.session.execute(_STATED, {"values": list(by_contact)}):
        stated.setdefault(contact_id, set()).add(method)
    used = _used(by_contact) | {contact_id for contact_id, how in stated.items() if how - set(_BY_LISTS)}
    held = unloading.contents(by_contact)
    counts: Counter[str] = Counter()
    removed, restored, empty = [], {}, set()
    done: list[int] = []
    for contact_id, change in by_contact.items():
        if contact_id not in held:  # forgotten since
            done.append(contact_id)
            continue
        ours = _ours(run, change)
        then = next((each.before.get("names", ()) for each in later.get(contact_id, []) if each.before), ())
        back = layers.take_back(held[contact_id], change.before, ours=ours, known_then=then)
        made = change.kind == "created"
        if made and contact_id in used:
            change.left = USED_SINCE
        elif _handed_over(change, later.get(contact_id, []), ours):
            change.left = STATED_AGAIN
        else:
            _rebase(change, later.get(contact_id, []), ours)
            if made and layers.is_bare(back.contents):
                removed.append(contact_id)
                empty |= {contact_id} & stated.keys()
            else:
                restored[contact_id] = back.contents
                change.left = CHANGED_SINCE if back.changed_since or made else ""
            if not change.left:
                done.append(contact_id)
    counts.update(removed=len(removed), restored=len(restored), left=sum(1 for each in changes if each.left))
    counts.update(_invalidate(run, changes, now))
    memories = {number: by_contact[number].before or {} for number in restored}
    had = unloading.restore(
        restored, anonymous={n: bool(was["anonymous"]) for n, was in memories.items() if "anonymous" in was}
    )
    anew = [number for number in restored if by_contact[number].kind != "unchanged"]
    _resolve_anew(removed, anew, empty, had, now)
    db.session.flush()
    imports.drop_changes(run_id=run.id, contact_ids=done)
    return counts


def _ours(run: Run, change: Change) -> set[str]:
    """The moments that statements of this run carry: its own, and one it took over from an import taken back."""
    own = {run.stated_at.isoformat()} if run.stated_at else set()
    return own | set((change.before or {}).get("also", ()))


def _handed_over(change: Change, later: Sequence[Change], ours: Collection[str]) -> bool:
    """A later import that found everything as it says itself answers for it from now on."""
    if change.kind == "unchanged" or not later or later[0].kind != "unchanged":
        return False
    heir = later[0]
    also = sorted({*ours, *(heir.before or {}).get("also", ())})
    heir.kind = change.kind
    heir.statements, change.statements = [*heir.statements, *change.statements], []
    heir.before = {**(change.before or {"made": True}), "also": also}
    return True


def _rebase(change: Change, later: Sequence[Change], ours: Collection[str]) -> None:
    """Later imports must not bring back what this one said, when they are taken back themselves."""
    for each in later[:1]:
        if each.before is None:
            continue
        memory = layers.rebase(each.before, change.before, ours=ours)
        if change.kind == "created" and layers.is_empty(memory):
            each.kind, each.before = "created", None
        else:
            each.before = memory


def _invalidate(run: Run, changes: Sequence[Change], now: datetime) -> Counter[str]:
    statements = [number for change in changes for number in change.statements]
    reason = f"import {run.id} taken back"
    done = consents.invalidate(statement_ids=statements, by=run.reverted_by, reason=reason, now=now)
    announcing.consents_taken_back(statement_ids=statements, now=now)
    return Counter(consents_invalidated=done.invalidated, refusals_kept=done.refusals_kept)


def _resolve_anew(
    removed: Sequence[int], restored: Sequence[int], empty: Collection[int], had: Mapping[int, Compared], now: datetime
) -> None:
    search_index.forget(removed)
    gone = unloading.remove(removed, keep_empty=empty)
    near = [contact for contact in gone.near if contact not in restored]
    if restored:
        catching_up.resolve(restored, before=had, now=now)
    if near or gone.forms:
        forms = identity.restate(near)
        touched = identity.resolve(contact_ids=near, before=forms, gone=gone.forms, now=now)
        refresh.profiles(touched, changed_contacts=near, now=now)
    refresh.profiles(gone.profile_ids, now=now)


def _used(contact_ids: Collection[int]) -> set[int]:
    """Contacts on which something hangs that no list brought with them."""
    found: set[int] = set()
    values = {"values": list(contact_ids)}
    for column in _hanging():
        found |= set(db.session.scalars(select(column).where(Among(column)).distinct(), values))
    lines = select(TimelineEntry.contact_id).where(
        Among(TimelineEntry.contact_id), TimelineEntry.kind.not_like("consent.%")
    )
    return found | set(db.session.scalars(lines.distinct(), values))


def _hanging() -> list[Column[Any]]:
    """Columns of every room that point at a contact, so that a room to come is not forgotten."""
    return [
        column
        for table in Base.metadata.sorted_tables
        if table.name not in _DERIVED
        for column in table.columns
        if any(key.target_fullname == "identity_contact.id" for key in column.foreign_keys)
    ]

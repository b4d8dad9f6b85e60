"""A merge of two customers done and taken back, to tell beforehand what it would change of segments and consents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from crm360.commerce import valuing
from crm360.consents import queries as consents
from crm360.consents.queries import ConsentCell
from crm360.flows import refresh
from crm360.identity import operations as identity
from crm360.kernel.db import db
from crm360.sales import queries as sales
from crm360.segments import permitted, queries, tracing

#: Who stands in a decision that is taken back at once.
_NOBODY = "trial"


class Tried(NamedTuple):
    """What would be otherwise: names of segments come into and left, consents no longer given, who is in charge.

    `owner` None: it stays with whoever it is with.
    """

    entered: Sequence[str]
    left: Sequence[str]
    narrowed: Sequence[ConsentCell]
    owner: str | None


class _TakenBack(Exception):
    """Leaves the savepoint, so that nothing of the trial stays."""


class _State(NamedTuple):
    segments: set[str]
    cells: dict[tuple[str, str, str, str], ConsentCell]
    owners: set[str]


def try_out(*, profile_ids: Sequence[int], now: datetime) -> Tried:
    """What a merge of these profiles would change; everything is asked of the merged customer itself.

    Raises what a merge raises.
    """
    before, after = _state(profile_ids, now), _State(set(), {}, set())
    try:
        with db.session.begin_nested():
            merged = identity.merge(profile_ids=profile_ids, by=_NOBODY, now=now)
            refresh.profiles(merged.profile_ids, now=now)
            whom = [min(profile_ids)]
            valuing.refresh(profile_ids=whom, now=now)
            permitted.refresh(whom, pairs=permitted.pairs(), now=now)
            after = _state(whom, now)
            raise _TakenBack
    except _TakenBack:
        db.session.expire_all()
    narrowed = [
        cell
        for key, cell in sorted(before.cells.items())
        if cell.verdict.permitted and key in after.cells and not after.cells[key].verdict.permitted
    ]
    owner = next(iter(after.owners), None) if len(before.owners) > 1 else None
    return Tried(
        sorted(after.segments - before.segments), sorted(before.segments - after.segments), narrowed, owner
    )  # fmt: skip


def _state(profile_ids: Sequence[int], now: datetime) -> _State:
    """Names of the segments any of the profiles meets, their consents by address, purpose and channel, their owners."""
    setting = queries.setting(now)
    segments = {
        segment.name
        for segment, rule in queries.dynamic().values()
        if any(each.met for each in tracing.trace(rule, profile_ids, setting, marketing=segment.marketing).values())
    }
    cells: dict[tuple[str, str, str, str], ConsentCell] = {}
    for theirs in consents.matrix_of_many(profile_ids, now=now).values():
        for cell in theirs:
            key = (cell.identifier_kind, cell.normal, cell.purpose, cell.channel)
            if key not in cells or cell.verdict.permitted:
                cells[key] = cell
    return _State(segments, cells, {name for _, name in sales.owners_of(profile_ids).values()})

"""What we held of somebody on a date: consents, and who was one person. Nothing here writes.

Two times: `at`, the moment asked about (valid time), and `known`, the moment up to whose records we look (recorded time).
Known then: `known` is `at`, what anybody would have read that day. Known now: `known` is today, with what was recorded
late. The answers come from the same functions that answer today (`asking`, `judging`), with what was recorded later left
out; nothing is kept twice that could differ.
"""

from __future__ import annotations

import gc
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from crm360.consents import asking
from crm360.consents.judging import Known, Question
from crm360.consents.policy import Verdict
from crm360.consents.queries import ConsentCell, cells_of, shown_addresses, spoken_in
from crm360.identity import as_of as identity
from crm360.identity.models import Contact, Lineage
from crm360.kernel.batches import chunked
from crm360.kernel.db import db


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One person as they were held. `profiles`: profile of then → its contacts of then, also those parted from it since;
    `cells`: profile of then → the verdict over each of its addresses."""

    at: datetime
    known: datetime
    profiles: dict[int, list[int]]
    cells: dict[int, list[ConsentCell]]


@dataclass(slots=True)
class Base:
    """Everybody on a date. `counts`: (purpose, channel) → state → addresses; `permitted` → profiles that could be reached."""

    at: datetime
    known: datetime
    profiles: int = 0
    addresses: int = 0
    counts: dict[tuple[str, str], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    permitted: Counter[tuple[str, str]] = field(default_factory=Counter)


def person(profile_id: int, *, at: datetime, known: datetime) -> Held:
    """Whom today's profile was then: one or several profiles, or none; and what might be sent to each of their addresses."""
    today = identity.members_of([profile_id])
    places = {**identity.members(today, known=known), **identity.members_of([profile_id], known=known)}
    there = {place.profile_id for place in places.values()}
    found = asking.gather(there, now=at, known=known)
    profiles: defaultdict[int, list[int]] = defaultdict(list)
    for contact_id, where in sorted(found.profile_of.items()):
        if where in there:
            profiles[where].append(contact_id)
    return Held(at=at, known=known, profiles=dict(profiles), cells=_cells(found, at))


def verdicts(questions: Sequence[Question], *, at: datetime, known: datetime) -> list[Verdict]:
    """What each question would have been answered at `at` by what was known at `known`, in their order."""
    return asking.ask(questions, now=at, known=known)


def base(*, at: datetime, known: datetime) -> Base:
    """The whole base on a date, in pieces of some hundred profiles: what is kept meanwhile is one piece and the counts."""
    report = Base(at, known)
    gc.freeze()  # what was there before is no garbage: looking at it again for every piece took a third of the time
    try:
        _count_all(report)
    finally:
        gc.unfreeze()
    return report


def _count_all(report: Base) -> None:
    at, known = report.at, report.known
    for some in chunked(_profiles()):
        found, wanted = asking.gather(some, now=at, known=known, brief=True), set(some)
        for cells in _cells(found, at).values():
            _count(report, cells)
        report.profiles += len(wanted.intersection(found.profile_of.values()))


def _cells(found: Known, at: datetime) -> dict[int, list[ConsentCell]]:
    spoken = spoken_in(found)
    return {where: cells_of(shown, found, spoken, now=at) for where, shown in shown_addresses(found).items()}


def _count(report: Base, cells: Sequence[ConsentCell]) -> None:
    report.addresses += len({(cell.identifier_kind, cell.normal) for cell in cells})
    for cell in cells:
        report.counts[cell.purpose, cell.channel][cell.verdict.state] += 1
    for reached in {(cell.purpose, cell.channel) for cell in cells if cell.verdict.permitted}:
        report.permitted[reached] += 1


def _profiles() -> Iterator[int]:
    """Every profile that is or ever was, ascending, some thousand at a time."""
    after = 0
    while some := sorted({each for column in _EVER for each in db.session.scalars(_next(column, after))})[:_PIECE]:
        yield from some
        after = some[-1]


_EVER: tuple[Any, ...] = (Contact.profile_id, Lineage.from_profile_id, Lineage.to_profile_id)
_PIECE = 5_000


def _next(column: Any, after: int) -> Select[int]:
    return select(column).where(column > after).distinct().order_by(column).limit(_PIECE)

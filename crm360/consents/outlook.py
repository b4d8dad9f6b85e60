"""The ledger as a whole, for the officer: what runs out, what was withdrawn, what was last said, what imports set."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import aliased

from crm360.consents.definitions import Catalogue
from crm360.consents.models import Statement
from crm360.consents.operations import KEPT
from crm360.consents.policy import REFUSALS, permitting
from crm360.consents.purposes import Purpose
from crm360.identity.models import Contact
from crm360.kernel.db import db
from crm360.kernel.months import later

#: A month has 28 to 31 days: what the database finds is cut a little wide, and counted exactly here.
_SLACK = timedelta(days=4)


class Expiring(NamedTuple):
    """A consent that runs out: whose address, for what, since and until when."""

    ends_at: datetime
    statement: Statement
    profile_id: int | None


class Batch(NamedTuple):
    """Statements one import set: when they were recorded, and how many of which state and grade."""

    source: str
    recorded_at: datetime
    states: dict[str, int]
    grades: dict[str, int]


def expiring(*, purposes: Catalogue, now: datetime, days: int, limit: int = 20_000) -> list[Expiring]:
    """Consents whose validity ends within so many days and that nothing was said after, the first to end first."""
    until = now + timedelta(days=days)
    found = [
        each
        for purpose in purposes.known.values()
        if purpose.validity_months is not None
        for each in _ending(purpose, purpose.validity_months, now, until, limit)
    ]
    return sorted(found, key=lambda each: (each.ends_at, each.statement.id))


def _ending(purpose: Purpose, months: int, now: datetime, until: datetime, limit: int) -> list[Expiring]:
    said, after = Statement, aliased(Statement)
    grades = sorted(permitting(purpose))
    renewed = and_(after.state == "given", after.evidence_grade.in_(grades), after.occurred_at > said.occurred_at)
    same = and_(
        after.identifier_kind == said.identifier_kind, after.identifier_normal == said.identifier_normal,
        after.purpose == said.purpose, after.channel == said.channel,
    )  # fmt: skip
    void = or_(renewed, after.invalidates_id == said.id, and_(after.state.in_(REFUSALS), after.occurred_at >= said.occurred_at))  # fmt: skip
    start, end = later(now, -months) - _SLACK, later(until, -months) + _SLACK
    query = (
        select(said, Contact.profile_id)
        .join(Contact, Contact.id == said.contact_id)
        .where(said.purpose == purpose.code, said.state == "given", said.evidence_grade.in_(grades))
        .where(said.occurred_at >= start, said.occurred_at <= end, ~select(after.id).where(same, void).exists())
        .order_by(said.occurred_at)
        .limit(limit)
    )
    rows = [Expiring(later(row.occurred_at, months), row, profile) for row, profile in db.session.execute(query)]
    return [row for row in rows if now <= row.ends_at <= until]


class Withdrawn(NamedTuple):
    """Of how many addresses somebody withdrew or refused: by when they did, and by when we learned of it."""

    happened: int
    recorded: int


def withdrawn_since(since: datetime) -> Withdrawn:
    """Both since a moment: a list that arrives late is recorded in a week in which nobody withdrew. A refusal said again for
    who stays, when somebody else with the address is erased, is no new one."""
    refused = (Statement.state.in_(REFUSALS), Statement.method != KEPT)
    said = select(Statement.identifier_kind, Statement.identifier_normal).where(*refused).distinct()
    return Withdrawn(*(_count(said.where(at >= since)) for at in (Statement.occurred_at, Statement.recorded_at)))


def _count(addresses: Any) -> int:
    return int(db.session.scalar(select(func.count()).select_from(addresses.subquery())) or 0)


def last_said() -> dict[tuple[str, str], Counter[str]]:
    """(purpose, channel) → state → how many addresses it was last said of; a refusal outweighs what has its moment."""
    refusal = case((Statement.state.in_(REFUSALS), 1), else_=0)
    rank = func.row_number().over(
        partition_by=(Statement.identifier_kind, Statement.identifier_normal, Statement.purpose, Statement.channel),
        order_by=(Statement.occurred_at.desc(), refusal.desc(), Statement.id.desc()),
    )
    ranked = select(Statement.purpose, Statement.channel, Statement.state, rank.label("rank")).subquery().c
    query = select(ranked.purpose, ranked.channel, ranked.state, func.count()).where(ranked.rank == 1)
    found: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for purpose, channel, state, count in db.session.execute(
        query.group_by(ranked.purpose, ranked.channel, ranked.state)
    ):
        found[purpose, channel][state] += int(count)
    return dict(sorted(found.items()))


def imported(*, limit: int = 50) -> list[Batch]:
    """What imports stated, the latest batch first."""
    columns: Sequence[Any] = (Statement.source, Statement.recorded_at)
    newest = select(*columns).where(Statement.method == "import").group_by(*columns)
    newest = newest.order_by(Statement.recorded_at.desc()).limit(limit)
    batches = {(source, at): Batch(source, at, {}, {}) for source, at in db.session.execute(newest)}
    if not batches:
        return []
    counted = select(*columns, Statement.state, Statement.evidence_grade, func.count())
    counted = counted.where(Statement.method == "import", Statement.recorded_at >= min(at for _, at in batches))
    for source, at, state, grade, count in db.session.execute(
        counted.group_by(*columns, Statement.state, Statement.evidence_grade)
    ):
        if batch := batches.get((source, at)):
            batch.states[state] = batch.states.get(state, 0) + int(count)
            batch.grades[grade] = batch.grades.get(grade, 0) + int(count)
    return list(batches.values())

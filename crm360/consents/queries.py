"""Questions about the ledger. Nothing here writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, or_, select, tuple_

from crm360.consents.above import above
from crm360.consents.definitions import Catalogue
from crm360.consents.models import Statement
from crm360.consents.policy import Suppressed, Verdict, decide
from crm360.consents.stopping import Placed
from crm360.consents.suppressing import Standing
from crm360.identity.models import Contact, ContactIdentifier
from crm360.identity.queries import contact_ids
from crm360.kernel.db import db

#: Channels by which an address of a kind is reached.
CHANNELS = {"email": ("email",), "phone": ("sms", "phone"), "device": ("push", "web")}
REACHABLE = ("email", "phone")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentCell:
    """One address × purpose × channel. `statement` is the one the verdict rests on; None when nothing was stated."""

    identifier_kind: str
    identifier: str
    purpose: str
    channel: str
    verdict: Verdict
    statement: Statement | None

    @property
    def since(self) -> datetime | None:
        """Since when the verdict holds."""
        return self.verdict.since


class _Rules(NamedTuple):
    """What a verdict needs beside the statements: the person's stops, the purposes in force, the moment."""

    stops: Sequence[Placed]
    purposes: Catalogue
    now: datetime


def matrix(profile_id: int, *, now: datetime) -> list[ConsentCell]:
    """Every e-mail and phone of a profile × what was stated of it, by whichever contact; two statements.

    An address nobody stated anything about has a cell, not permitted, for each purpose and channel stated of the
    profile's other addresses of its kind; so has a suppressed one, for marketing at least. Sorted by kind, address, purpose, channel.
    """
    return matrix_of_many([profile_id], now=now)[profile_id]


def matrix_of_many(profile_ids: Sequence[int], *, now: datetime) -> dict[int, list[ConsentCell]]:
    """The same for each of several profiles (at most some hundred), in two statements."""
    shown: dict[int, dict[tuple[str, str], str]] = {profile_id: {} for profile_id in profile_ids}
    stated: dict[int, defaultdict[tuple[str, str, str, str], list[Statement]]] = {
        profile_id: defaultdict(list) for profile_id in profile_ids
    }
    if not profile_ids:
        return {}
    for profile_id, kind, normal, value, statement in db.session.execute(_addresses(list(shown))):
        shown[profile_id][kind, normal] = value
        if statement is not None:
            stated[profile_id][kind, normal, statement.purpose, statement.channel].append(statement)
    addresses = {normal for held in shown.values() for _, normal in held}
    more = above(profile_ids=profile_ids, addresses=addresses, now=now)
    return {
        profile_id: _cells(
            shown[profile_id],
            stated[profile_id],
            more.suppressed,
            _Rules(more.stops.get(profile_id, []), more.purposes, now),
        )
        for profile_id in profile_ids
    }


def statements_of(profile_id: int) -> list[Statement]:
    """Every statement about a profile's addresses or made by its contacts, newest first."""
    addresses = (
        select(ContactIdentifier.kind, ContactIdentifier.normal)
        .where(ContactIdentifier.contact_id.in_(contact_ids(profile_id)), ContactIdentifier.kind.in_(REACHABLE))
    )  # fmt: skip
    about = tuple_(Statement.identifier_kind, Statement.identifier_normal).in_(addresses)
    statement = select(Statement).where(or_(about, Statement.contact_id.in_(contact_ids(profile_id))))
    return list(db.session.scalars(statement.order_by(Statement.occurred_at.desc(), Statement.id.desc())))


def of_imports() -> Select[int]:
    """A SELECT of the contacts that statements of imported lists hang on: these outlive a list that is taken back."""
    return select(Statement.contact_id).where(Statement.method == "import")


def spoken_of(*, kind: str, normal: str) -> set[tuple[str, str]]:
    """(purpose, channel) of every statement about an address."""
    about = (Statement.identifier_kind == kind) & (Statement.identifier_normal == normal)
    return {
        (purpose, channel)
        for purpose, channel in db.session.execute(select(Statement.purpose, Statement.channel).where(about).distinct())
    }


def count_statements() -> int:
    """How many statements the ledger holds."""
    return int(db.session.scalar(select(func.count()).select_from(Statement)) or 0)


def _addresses(profile_ids: Sequence[int]) -> Select[Any]:
    """(profile id, kind, normal, value, statement or None) for every address of the profiles.

    SQLite would start from the index over kinds and read every e-mail there is; an expression keeps it from that, so it
    goes from the profiles to their contacts to their addresses.
    """
    kind = ContactIdentifier.kind.concat("")
    held = (
        select(
            Contact.profile_id,
            ContactIdentifier.kind,
            ContactIdentifier.normal,
            func.min(ContactIdentifier.value).label("value"),
        )
        .join(ContactIdentifier, ContactIdentifier.contact_id == Contact.id)
        .where(Contact.profile_id.in_(profile_ids), kind.in_(REACHABLE))
        .group_by(Contact.profile_id, ContactIdentifier.kind, ContactIdentifier.normal)
        .subquery()
    )
    same = and_(Statement.identifier_kind == held.c.kind, Statement.identifier_normal == held.c.normal)
    columns = select(held.c.profile_id, held.c.kind, held.c.normal, held.c.value, Statement)
    return columns.outerjoin(Statement, same)


def _cells(
    shown: dict[tuple[str, str], str],
    stated: dict[tuple[str, str, str, str], list[Statement]],
    left_alone: Mapping[str, list[Standing]],
    rules: _Rules,
) -> list[ConsentCell]:
    questions = {(purpose, channel) for _, _, purpose, channel in stated}
    questions |= {("marketing", each.channel) for _, normal in shown for each in left_alone.get(normal, ())}

    def suppressed(normal: str, channel: str) -> list[Standing]:
        return [each for each in left_alone.get(normal, ()) if each.channel == channel]

    cells = [
        _cell(
            kind,
            value,
            purpose,
            channel,
            stated.get((kind, normal, purpose, channel), []),
            suppressed(normal, channel),
            rules,
        )
        for (kind, normal), value in shown.items()
        for purpose, channel in questions
        if channel in CHANNELS[kind] or (kind, normal, purpose, channel) in stated
    ]
    return sorted(cells, key=lambda cell: (cell.identifier_kind, cell.identifier, cell.purpose, cell.channel))


def _cell(
    kind: str,
    value: str,
    purpose: str,
    channel: str,
    statements: Sequence[Statement],
    suppressed: Sequence[Suppressed],
    rules: _Rules,
) -> ConsentCell:
    verdict = decide(
        statements, now=rules.now, suppressed=suppressed, stops=rules.stops, purpose=rules.purposes.of(purpose)
    )
    resting = next((each for each in statements if each.id in verdict.evidence[:1]), None)
    return ConsentCell(
        identifier_kind=kind, identifier=value, purpose=purpose, channel=channel, verdict=verdict, statement=resting
    )

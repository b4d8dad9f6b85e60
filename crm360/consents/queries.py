"""Questions about the ledger. Nothing here writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, or_, select, tuple_

from crm360.consents import asking
from crm360.consents.judging import Address, Known, Question, judge
from crm360.consents.models import Statement
from crm360.consents.policy import Verdict
from crm360.consents.suppressing import CHANNELS_OF
from crm360.identity.models import ContactIdentifier
from crm360.identity.queries import contact_ids
from crm360.kernel.db import db

#: Channels by which an address of a kind is reached.
CHANNELS = CHANNELS_OF
REACHABLE = ("email", "phone")
#: (kind, normal) → the contact that holds it, and the form shown.
Shown = dict[Address, tuple[int, str]]
#: (kind, normal) → (purpose, channel) of what was stated.
Spoken = Mapping[Address, set[tuple[str, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentCell:
    """One address × purpose × channel. `statement` is the one the verdict rests on; None when nothing was stated."""

    identifier_kind: str
    identifier: str
    purpose: str
    channel: str
    verdict: Verdict
    statement: Statement | None
    normal: str = ""

    @property
    def since(self) -> datetime | None:
        """Since when the verdict holds."""
        return self.verdict.since


def matrix(profile_id: int, *, now: datetime) -> list[ConsentCell]:
    """Every e-mail and phone of a profile × what was stated of it, by whichever contact.

    An address nobody stated anything about has a cell, not permitted, for each purpose and channel stated of the
    profile's other addresses of its kind; so has a suppressed one, for marketing at least. Sorted by kind, address, purpose, channel.
    """
    return matrix_of_many([profile_id], now=now)[profile_id]


def matrix_of_many(profile_ids: Sequence[int], *, now: datetime) -> dict[int, list[ConsentCell]]:
    """The same for each of several profiles (at most some hundred), in as many statements."""
    known = asking.gather(profile_ids, now=now)
    shown, spoken = shown_addresses(known), spoken_in(known)
    return {profile_id: cells_of(shown.get(profile_id, {}), known, spoken, now=now) for profile_id in profile_ids}


def shown_addresses(known: Known) -> dict[int, Shown]:
    """Profile → its e-mails and phones (kind, normal) → the contact that holds it and its written form."""
    found: defaultdict[int, Shown] = defaultdict(dict)
    for contact_id, rows in sorted(known.written.items()):
        for kind, normal, value, _ in rows:
            if kind in REACHABLE:
                found[known.profile_of[contact_id]].setdefault((kind, normal), (contact_id, value))
    return found


def spoken_in(known: Known) -> Spoken:
    """Address → the purposes and channels something was stated for."""
    found: defaultdict[Address, set[tuple[str, str]]] = defaultdict(set)
    for kind, normal, purpose, channel in known.stated:
        found[kind, normal].add((purpose, channel))
    return found


def cells_of(shown: Shown, known: Known, spoken: Spoken, *, now: datetime) -> list[ConsentCell]:
    """The cells of addresses held together, by what is known of them."""
    asked = {pair for address in shown for pair in spoken.get(address, ())}
    asked |= {("marketing", each.channel) for _, normal in shown for each in known.suppressed.get(normal, ())}
    cells = [
        _cell(Question(contact_id, kind, normal, purpose, channel), value, known, now)
        for (kind, normal), (contact_id, value) in shown.items()
        for purpose, channel in asked
        if channel in CHANNELS[kind] or (kind, normal, purpose, channel) in known.stated
    ]
    return sorted(cells, key=lambda cell: (cell.identifier_kind, cell.identifier, cell.purpose, cell.channel))


def _cell(question: Question, value: str, known: Known, now: datetime) -> ConsentCell:
    verdict = judge(question, known, now=now)
    resting = verdict.evidence[:1]
    said = next((each for each in known.stated.get(question[1:], ()) if each.id in resting), None)
    return ConsentCell(
        identifier_kind=question.kind, identifier=value, purpose=question.purpose, channel=question.channel,
        verdict=verdict, statement=said, normal=question.normal,
    )  # fmt: skip


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


def count_about(*, kind: str, normal: str) -> int:
    """How many statements there are about an address."""
    about = (Statement.identifier_kind == kind) & (Statement.identifier_normal == normal)
    return int(db.session.scalar(select(func.count()).select_from(Statement).where(about)) or 0)


def count_statements() -> int:
    """How many statements the ledger holds."""
    return int(db.session.scalar(select(func.count()).select_from(Statement)) or 0)

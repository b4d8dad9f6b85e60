"""Composes the consent audit page: what was held of a customer on a date, statement by statement, and what was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm360.consents import as_of, ledger
from crm360.consents import queries as consents
from crm360.consents.models import Leaf, Notice, Statement
from crm360.consents.queries import ConsentCell
from crm360.evidence import gathering, sends
from crm360.evidence.gathering import Sent
from crm360.identity import queries as identity
from crm360.identity.models import Contact, ContactIdentifier
from crm360.kernel.errors import NotFound
from crm360.kernel.iso8601 import zulu
from crm360.segments import as_of as segments_then
from crm360.segments.models import Segment

Column = tuple[str, str]


class StatementNotFound(NotFound):
    """The customer's addresses have no such statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Then:
    """One customer as there was one at the moment asked about: records, and a matrix of address × purpose and channel."""

    profile_id: int
    contacts: list[Contact]
    columns: list[Column]
    rows: list[tuple[str, str, dict[Column, ConsentCell]]]
    segments: list[tuple[Segment, datetime]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One statement: the text it names in every language, its place in the ledger, and what was sent under it."""

    statement: Statement
    notices: Sequence[Notice]
    leaf: Leaf | None
    signed_at: datetime | None
    signed_size: int
    sent: Sequence[Sent]


def held(profile_id: int, *, at: datetime, known: datetime) -> list[Then]:
    """Who the customer was then, the present profile first."""
    found = as_of.person(profile_id, at=at, known=known)
    contacts = identity.contacts(each for ids in found.profiles.values() for each in ids)
    ids = sorted({*found.profiles, *found.cells}, key=lambda each: (each != profile_id, each))
    inside = segments_then.segments_of(ids, at=at, known=known)
    return [
        _then(
            each,
            [contacts[one] for one in found.profiles.get(each, ())],
            found.cells.get(each, ()),
            inside.get(each, []),
        )
        for each in ids
    ]


def _then(
    profile_id: int, contacts: list[Contact], cells: Sequence[ConsentCell], segments: list[tuple[Segment, datetime]]
) -> Then:
    rows: dict[tuple[str, str], dict[Column, ConsentCell]] = {}
    for cell in cells:
        rows.setdefault((cell.identifier_kind, cell.identifier), {})[cell.purpose, cell.channel] = cell
    return Then(
        profile_id=profile_id,
        contacts=contacts,
        columns=sorted({(cell.purpose, cell.channel) for cell in cells}),
        rows=[(kind, address, row) for (kind, address), row in rows.items()],
        segments=segments,
    )


def told(statement_id: int, statements: Sequence[Statement], letters: Sequence[Sent]) -> Told:
    """One statement of the customer. Raises StatementNotFound."""
    chosen = next((each for each in statements if each.id == statement_id), None)
    if chosen is None:
        raise StatementNotFound(f"There is no statement {statement_id}.")
    leaf, mark = gathering.places([statement_id]).get(statement_id), ledger.last_checkpoint()
    signed = mark is not None and leaf is not None and leaf.tree_index < mark.size
    return Told(
        statement=chosen,
        notices=gathering.notices_named([chosen.notice]),
        leaf=leaf,
        signed_at=mark.made_at if mark and signed else None,
        signed_size=mark.size if mark and signed else 0,
        sent=sends.under(letters, statement_id),
    )


def chosen(statements: Sequence[Statement], asked: Mapping[str, str]) -> list[Statement]:
    """Statements that fit the filter over purpose, channel, state and source."""
    names = ("purpose", "channel", "state", "source")
    wanted = [(name, asked[name]) for name in names if asked.get(name)]
    return [each for each in statements if all(getattr(each, name) == value for name, value in wanted)]


def choices(statements: Sequence[Statement]) -> dict[str, list[str]]:
    """What the filter offers: only what there is."""
    return {
        name: sorted({getattr(each, name) for each in statements}) for name in ("purpose", "channel", "state", "source")
    }


HEADER = ("id", "identifier_kind", "identifier", "purpose", "channel", "state", "occurred_at", "recorded_at", "source", "method",
          "evidence_grade", "notice", "evidence", "leaf", "header_hash", "commitment")  # fmt: skip


def rows_of(statements: Sequence[Statement]) -> list[dict[str, Any]]:
    """Statements as rows of a file, with their places in the ledger."""
    leaves = gathering.places([each.id for each in statements])
    return [_row(each, leaves.get(each.id)) for each in statements]


def _row(said: Statement, leaf: Leaf | None) -> dict[str, Any]:
    same = (
        "id",
        "identifier_kind",
        "purpose",
        "channel",
        "state",
        "source",
        "method",
        "evidence_grade",
        "notice",
        "evidence",
    )
    row: dict[str, Any] = {name: getattr(said, name) for name in same}
    row |= {"identifier": said.identifier_value, "occurred_at": zulu(said.occurred_at), "recorded_at": zulu(said.recorded_at)}  # fmt: skip
    proof = {"leaf": leaf.tree_index, "header_hash": leaf.header_hash, "commitment": leaf.commitment} if leaf else {}
    return {name: (row | proof).get(name) for name in HEADER}


def statements_of(profile_id: int) -> list[Statement]:
    """Every statement about the customer, newest first."""
    return consents.statements_of(profile_id)


def addresses(profile_id: int) -> list[ContactIdentifier]:
    """The e-mails and phones of the customer, each once."""
    found = {(each.kind, each.normal): each for each in reversed(identity.identifiers_of(profile_id))}
    return [each for (kind, _), each in sorted(found.items()) if kind in consents.REACHABLE]

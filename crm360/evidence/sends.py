"""Letters and the consents they relied on: what was sent under a statement, and what was sent without any."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, func, select

from crm360.consents.definitions import Catalogue
from crm360.consents.models import Statement
from crm360.evidence.gathering import Sent, permits_of
from crm360.kernel.batches import chunked
from crm360.kernel.db import db
from crm360.normalise import identifiers
from crm360.outbox.models import Letter, Permit

#: A letter that left, or may have.
LEFT = ("speaking", "sent", "unknown")


class Baseless(NamedTuple):
    """A letter that left without a consent that permits it. `why`: undecided, not_permitted, no_evidence, other_evidence."""

    letter: Letter
    why: str


def under(sent: Iterable[Sent], statement_id: int) -> list[Sent]:
    """Those of the letters that relied on a statement."""
    return [each for each in sent if each.permit is not None and statement_id in each.permit.evidence]


def without_basis(*, purposes: Catalogue, since: datetime) -> list[Baseless]:
    """Letters that left since then for a purpose that needs a consent, and had none at that moment, the latest first.

    The decision is not believed: the statements it names must be consents, for this purpose, by e-mail, of this address.
    """
    asking = [purpose.code for purpose in purposes.known.values() if purpose.asks_consent]
    known = [purpose.code for purpose in purposes.known.values()]
    found: list[Baseless] = []
    for some in chunked(db.session.execute(_left(since, asking, known)).all()):
        permits = permits_of([letter_id for letter_id, _, _ in some])
        granted = _granted({each for permit in permits.values() for each in permit.evidence})
        why = {letter_id: _fault(purpose, to, permits.get(letter_id), granted) for letter_id, purpose, to in some}
        wrong = [letter_id for letter_id, fault in why.items() if fault]
        found += [
            Baseless(each, why[each.id]) for each in db.session.scalars(select(Letter).where(Letter.id.in_(wrong)))
        ]
    return sorted(found, key=lambda each: -each.letter.id)


def count_left(*, since: datetime) -> int:
    """How many letters left since then."""
    query = select(func.count()).select_from(Letter).where(Letter.state.in_(LEFT), Letter.created_at >= since)
    return int(db.session.scalar(query) or 0)


def _left(since: datetime, asking: Sequence[str], known: Sequence[str]) -> Select[int, str, str]:
    """A purpose nobody defined needs a consent, as the policy has it; a letter that answers a question of ours needs none."""
    needs = Letter.purpose.in_(asking) | Letter.purpose.not_in(known)
    told = select(Letter.id, Letter.purpose, Letter.to_address).where(Letter.state.in_(LEFT), needs)
    return told.where(Letter.created_at >= since).order_by(Letter.id)


def _granted(statement_ids: Collection[int]) -> dict[int, tuple[str, str, str]]:
    """Consents among the statements: id → (purpose, channel, address in its compared form)."""
    found: dict[int, tuple[str, str, str]] = {}
    for some in chunked(statement_ids):
        query = select(Statement.id, Statement.purpose, Statement.channel, Statement.identifier_normal)
        for number, purpose, channel, normal in db.session.execute(
            query.where(Statement.id.in_(some), Statement.state == "given")
        ):
            found[number] = (purpose, channel, normal)
    return found


def _fault(purpose: str, address: str, permit: Permit | None, granted: dict[int, tuple[str, str, str]]) -> str:
    if permit is None:
        return "undecided"
    if not permit.permitted:
        return "not_permitted"
    if not permit.evidence:
        return "no_evidence"
    fitting = (purpose, "email", identifiers.normal("email", address, region="") or address)
    told = [granted[each] for each in permit.evidence if each in granted]
    return "" if fitting in told else "other_evidence"

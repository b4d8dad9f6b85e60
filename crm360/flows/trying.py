"""A payload read and applied as if it had come from a source, to see what would become of it; nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from crm360.facts import Fact
from crm360.flows import receive
from crm360.identity import queries as people
from crm360.inbox.models import Source
from crm360.inbox.queries import Waiting
from crm360.kernel.db import db
from crm360.kernel.errors import DomainError
from crm360.sources.base import Unreadable


class _TakenBack(Exception):
    """Leaves the savepoint, so that nothing of the trial stays."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What the payload said and whom it would have been about; `refused` says why it would wait in quarantine.

    `known` and `new` count customers that were there and that would have been created.
    """

    facts: Sequence[Fact] = ()
    known: int = 0
    new: int = 0
    refused: str = ""


def try_out(*, source: Source, body: bytes, headers: Mapping[str, str], now: datetime) -> Tried:
    """What would become of this payload."""
    waiting = Waiting(0, source.id, source.channel, "trial", now, dict(headers), body)
    try:
        facts = receive.read(waiting, source)
        known, new = _applied(receive.Read(0, facts, source), now)
    except Unreadable as error:
        return Tried(refused=str(error))
    except DomainError as error:
        return Tried(refused=error.message)
    return Tried(facts, known, new)


def _applied(item: receive.Read, now: datetime) -> tuple[int, int]:
    """Apply within a savepoint and take it back; how many customers were known and how many new."""
    counts = (0, 0)
    try:
        with db.session.begin_nested():
            receive.apply([item], now=now)
            found = [people.find(ref) for ref in {fact.ref for fact in item.facts if fact.ref is not None}]
            whom = {contact.profile_id for contact in found if contact is not None and contact.profile_id is not None}
            new = len(people.made_at(whom, at=now))
            counts = (len(whom) - new, new)
            raise _TakenBack
    except _TakenBack:
        db.session.expire_all()
    return counts

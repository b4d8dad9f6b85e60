"""The officer settles what stands against each other: a contradiction, and whose an address is.

A contradiction ends with a statement of its own, never by striking one out. A colleague may write down a no; a yes that
counts comes from the person alone (`consents.policy`), so what is settled here can only narrow what we may do.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from crm360.consents import asking, contradicting, queries, tenancy
from crm360.consents.judging import Question
from crm360.flows import attesting
from crm360.identity import queries as identity
from crm360.kernel.errors import Conflict, NotFound


class SettledAlready(Conflict):
    """Nothing stands against each other there any more."""


class HolderNotFound(NotFound):
    """Nobody we know was seen with this address."""


class Meaning(NamedTuple):
    """What the passing of an address ends: who holds it, how many statements count no more, what is permitted now."""

    holders: list[int]
    statements: int
    ended: list[tuple[str, str]]


def refuse(
    *, kind: str, normal: str, purpose: str, channel: str, way: str, note: str, by: str, now: datetime
) -> contradicting.Contradiction:  # fmt: skip
    """A contradiction ends with a no, as the person told a colleague. Raises SettledAlready, NotAttested."""
    found = contradicting.find(kind=kind, normal=normal, purpose=purpose, channel=channel, now=now)
    if found is None:
        raise SettledAlready("Nothing stands against each other there any more.")
    identifier = next(
        (each for contact in tenancy.shared_by(kind=kind, normal=normal) if (each := identity.identifier_id(contact, kind, normal))),
        None,
    )  # fmt: skip
    if identifier is None:
        raise HolderNotFound("Nobody we know was seen with this address.")
    said = attesting.Attested(
        identifier_id=identifier, purpose=purpose, channel=channel, state="withdrawn", way=way, said_at=now, note=note,
    )  # fmt: skip
    attesting.state(said=said, by=by, now=now)
    return found


def meaning(*, kind: str, normal: str, now: datetime) -> Meaning:
    """What it would mean if the address passed to another person now. Raises HolderNotFound."""
    contacts = tenancy.shared_by(kind=kind, normal=normal)
    if not contacts:
        raise HolderNotFound("Nobody we know was seen with this address.")
    where = identity.profile_ids(contacts)
    spoken = sorted(queries.spoken_of(kind=kind, normal=normal))
    asked = [Question(contact, kind, normal, *pair) for pair in spoken for contact in contacts]
    verdicts = zip(asked, asking.ask(asked, now=now), strict=True)
    ended = sorted({(question.purpose, question.channel) for question, verdict in verdicts if verdict.permitted})
    return Meaning(sorted(set(where.values())), queries.count_about(kind=kind, normal=normal), ended)


def pass_on(*, kind: str, normal: str, to: int | None, since: datetime, reason: str, by: str, now: datetime) -> Meaning:
    """The address is another customer's since then (`to`: their number), or of nobody we know. Tells what it ended.

    Raises HolderNotFound, ProfileNotFound, UnusablePassing, PassedBefore.
    """
    before = meaning(kind=kind, normal=normal, now=now)
    contact = _contact_of(to, kind, normal) if to is not None else None
    tenancy.pass_on(kind=kind, normal=normal, since=since, to=contact, reason=reason, by=by, now=now)
    return before


def _contact_of(profile_id: int, kind: str, normal: str) -> int:
    """The record of theirs that was seen with the address, else the one their notes hang on."""
    here = identity.current(profile_id)
    own = {contact.id for contact in identity.contacts_of(here)}
    return next((each for each in tenancy.shared_by(kind=kind, normal=normal) if each in own), None) or identity.anchor(
        here
    )

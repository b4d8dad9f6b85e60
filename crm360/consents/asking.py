"""May we? The one question every send, export and page asks, for one address or for a hundred thousand. Never writes.

`known` asks what we would have answered by what was known at that moment: then and later, the same function.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from crm360.consents.above import above
from crm360.consents.judging import Address, Holder, Key, Known, Person, Question, judge
from crm360.consents.models import Statement
from crm360.consents.policy import Verdict
from crm360.identity import as_of
from crm360.identity.as_of import Member
from crm360.identity.models import ContactIdentifier, DecisionLink, DecisionUndone
from crm360.kernel import dialects
from crm360.kernel.batches import chunked
from crm360.kernel.db import db

__all__ = ["Question", "ask", "gather"]

#: Kinds of identifiers something can be sent to.
_KINDS = ("email", "phone", "device")
_OF_ADDRESSES = (dialects.Among(Statement.identifier_normal), Statement.identifier_kind.in_(_KINDS))
_ABOUT = select(Statement).where(*_OF_ADDRESSES)


class _Brief(NamedTuple):
    """A statement without its payload: what `policy.decide` reads."""

    id: int
    contact_id: int
    identifier_kind: str
    identifier_normal: str
    purpose: str
    channel: str
    state: str
    occurred_at: datetime
    recorded_at: datetime
    method: str
    evidence_grade: str
    invalidates_id: int | None
    evidence: dict[str, Any]


_IN_BRIEF = select(*(getattr(Statement, name) for name in _Brief._fields)).where(*_OF_ADDRESSES)
_SEEN_WITH = select(
    ContactIdentifier.contact_id, ContactIdentifier.kind, ContactIdentifier.normal, ContactIdentifier.first_seen_at
).where(dialects.Among(ContactIdentifier.normal), ContactIdentifier.kind.in_(_KINDS))
_HELD_BY = select(
    ContactIdentifier.contact_id, ContactIdentifier.kind, ContactIdentifier.normal, ContactIdentifier.value,
    ContactIdentifier.first_seen_at,
).where(dialects.Among(ContactIdentifier.contact_id))  # fmt: skip
_SAME = (
    select(DecisionLink.left_id, DecisionLink.right_id)
    .where(dialects.Among(DecisionLink.left_id), DecisionLink.same)
    .where(~select(DecisionUndone.decision_id).where(DecisionUndone.decision_id == DecisionLink.decision_id).exists())
)
#: Kinds of identifiers that are no person's own: a visit's device is shared by a family.
_UNSURE = frozenset({"device"})


def ask(questions: Sequence[Question], *, now: datetime, known: datetime | None = None) -> list[Verdict]:
    """One verdict per question, in their order, as of `now`; by what was known at `known`, else by all we know.

    A handful of statements of the database per five hundred.
    """
    return [verdict for some in chunked(questions) for verdict in _ask(some, now, known)]


def _ask(questions: Sequence[Question], now: datetime, known: datetime | None) -> Iterable[Verdict]:
    asked = {each.contact_id for each in questions if each.contact_id is not None}
    places = as_of.members(asked, known=known)
    profiles = {place.profile_id for place in places.values()}
    found = gather(profiles, addresses={each[1:3] for each in questions}, now=now, known=known)
    return [judge(each, found, now=now) for each in questions]


def gather(
    profile_ids: Collection[int], *, addresses: Iterable[Address] = (), now: datetime, known: datetime | None = None,
    brief: bool = False,
) -> Known:  # fmt: skip
    """Everything that bears on `addresses` and on all addresses of these profiles. Sends nothing, writes nothing.

    `brief`: of statements only what a verdict is made of, for who asks about everybody and shows nobody.
    """
    own = as_of.members_of(profile_ids, known=known)
    held = _held(own, None if known is None else now)
    wanted = {*addresses, *_reachable(held)}
    holders, strangers = _holders(wanted, own, now, known)
    every = own
    if strangers:
        every = {**own, **as_of.members_of({place.profile_id for place in strangers.values()}, known=known)}
    more = above(
        contacts={each: place.profile_id for each, place in every.items()},
        addresses={normal for _, normal in wanted}, now=now, known=known,
    )  # fmt: skip
    stated = _stated(wanted, known, brief)
    of_person = any(more.purposes.of(purpose).scope == "person" for _, _, purpose, _ in stated)
    return Known(
        profile_of={each: place.profile_id for each, place in every.items()},
        people=_people(own, held, as_of.joined_at(profile_ids, known=known) if of_person else {}),
        holders=holders, stated=stated, suppressed=more.suppressed, stops=more.stops,
        passed=more.passed, written=held, purpose=more.purposes.of,
    )  # fmt: skip


_ASKED = ("email", "phone")


def _reachable(held: Mapping[int, Sequence[tuple[str, str, str, datetime]]]) -> set[Address]:
    return {(kind, normal) for rows in held.values() for kind, normal, _, _ in rows if kind in _ASKED}


def _held(contact_ids: Collection[int], until: datetime | None) -> dict[int, list[tuple[str, str, str, datetime]]]:
    """Contact → (kind, normal, value, since) of the identifiers it was seen with until then."""
    found: defaultdict[int, list[tuple[str, str, str, datetime]]] = defaultdict(list)
    for some in chunked(contact_ids, 2000):
        for contact_id, kind, normal, value, since in db.session.execute(_HELD_BY, {"values": some}):
            if until is None or since <= until:
                found[contact_id].append((kind, normal, value, since))
    return dict(found)


def _holders(
    addresses: Collection[Address], own: Mapping[int, Member], now: datetime, known: datetime | None
) -> tuple[dict[Address, list[Holder]], dict[int, Member]]:
    """Who holds each address, and those among them who are of other profiles."""
    found: defaultdict[Address, list[Holder]] = defaultdict(list)
    for some in chunked({normal for _, normal in addresses}, 2000):
        for contact_id, kind, normal, since in db.session.execute(_SEEN_WITH, {"values": some}):
            if known is None or since <= now:
                found[kind, normal].append(Holder(contact_id, since))
    others = {holder.contact_id for held in found.values() for holder in held} - set(own)
    return dict(found), as_of.members(others, known=known)


def _stated(addresses: Collection[Address], known: datetime | None, brief: bool) -> dict[Key, list[Any]]:
    found: defaultdict[Key, list[Any]] = defaultdict(list)
    query: Any = _IN_BRIEF if brief else _ABOUT
    if known is not None:
        query = query.where(Statement.recorded_at <= known)
    for some in chunked({normal for _, normal in addresses}, 2000):
        rows = db.session.execute(query, {"values": some})
        for said in map(_Brief._make, rows) if brief else rows.scalars():
            found[said.identifier_kind, said.identifier_normal, said.purpose, said.channel].append(said)
    return found


def _people(
    own: Mapping[int, Member], held: Mapping[int, Sequence[tuple[str, str, str, datetime]]],
    joined: Mapping[int, datetime],
) -> dict[int, Person]:  # fmt: skip
    of: defaultdict[int, list[Member]] = defaultdict(list)
    for place in own.values():
        of[place.profile_id].append(place)
    groups = {profile_id: [each.contact_id for each in members] for profile_id, members in of.items()}
    sure = {profile_id: _sure(contacts, held) for profile_id, contacts in groups.items()}
    doubtful = [
        each for profile_id, labels in sure.items() if len(set(labels.values())) > 1 for each in groups[profile_id]
    ]
    links = [tuple(row) for row in db.session.execute(_SAME, {"values": doubtful})] if doubtful else []
    return {
        profile_id: Person(
            homes={each.contact_id: each.home_id for each in members},
            sure=_sure(groups[profile_id], held, links) if links else sure[profile_id],
            addresses={
                each.contact_id: [
                    (kind, normal) for kind, normal, _, _ in held.get(each.contact_id, ()) if kind in _ASKED
                ]
                for each in members
            },
            joined_at=joined.get(profile_id),
        )
        for profile_id, members in of.items()
    }


def _sure(
    contact_ids: Sequence[int],
    held: Mapping[int, Sequence[tuple[str, str, str, Any]]],
    links: Iterable[tuple[int, ...]] = (),
) -> dict[int, int]:
    """Contact → the least contact it is surely one with: by a value both hold, or by somebody's decision."""
    label = {each: each for each in contact_ids}

    def root(each: int) -> int:
        while label[each] != each:
            label[each] = label[label[each]]
            each = label[each]
        return each

    first: dict[tuple[str, str], int] = {}
    pairs = [(left, right) for left, right in links if left in label and right in label]
    for each in contact_ids:
        for kind, normal, _, _ in held.get(each, ()):
            if kind not in _UNSURE:
                pairs.append((first.setdefault((kind, normal), each), each))
    for one, other in pairs:
        low, high = sorted((root(one), root(other)))
        label[high] = low
    return {each: root(each) for each in contact_ids}

"""What people decide of who is who: merge, split, same, different, and the undoing of each. Decisions are rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from itertools import combinations, product
from typing import Any, NamedTuple

from sqlalchemy import insert, select

from crm360.identity import devices, in_force, judging, queries, repartition, source_links
from crm360.identity.models import Contact, Decision, DecisionLink, DecisionUndone
from crm360.kernel import dialects
from crm360.kernel.db import db
from crm360.kernel.errors import Conflict, Invalid, NotFound


class DecisionNotFound(NotFound):
    """No decision has this id."""


class AlreadyUndone(Conflict):
    """The decision was taken back before."""


class CannotDecide(Invalid):
    """The decision makes no sense: one profile merged with itself, nothing or everything split off."""


class Outcome(NamedTuple):
    """The decision's id and every profile id it touched (to be refreshed)."""

    decision_id: int
    profile_ids: set[int]


def merge(*, profile_ids: Sequence[int], by: str, reason: str = "", now: datetime) -> Outcome:
    """These profiles are one person. All their present contacts are held together until the merge is undone."""
    profiles = sorted({queries.current(profile) for profile in profile_ids})
    if len(profiles) < 2:
        raise CannotDecide("A merge needs two different customers.")
    contacts = sorted(contact for profile in profiles for contact in _named(profile))
    links = [(contacts[0], contact, True) for contact in contacts[1:]] + _overruled(contacts)
    return _decide("merge", links, by=by, reason=reason, now=now, context={"profile_ids": profiles})


def merge_together(*, pairs: Sequence[tuple[int, int]], by: str, reason: str = "", now: datetime) -> Outcome:
    """Each pair of profiles is one person: one decision about all of them, undone as one."""
    named = {(queries.current(one), queries.current(other)) for one, other in pairs}
    present = sorted({(min(pair), max(pair)) for pair in named if pair[0] != pair[1]})
    if not present:
        raise CannotDecide("Choose at least one pair of customers.")
    links: list[tuple[int, int, bool]] = []
    for pair in present:
        contacts = sorted(contact for profile in pair for contact in _named(profile))
        links += [(contacts[0], contact, True) for contact in contacts[1:]] + _overruled(contacts)
    context = {"profile_ids": sorted({profile for pair in present for profile in pair})}
    return _decide("bulk", links, by=by, reason=reason, now=now, context=context)


def split(*, profile_id: int, contact_ids: Iterable[int], by: str, reason: str = "", now: datetime) -> Outcome:
    """These contacts are another person than the rest of the profile; holds against new evidence until undone."""
    profile = queries.current(profile_id)
    named, part = set(_named(profile)), set(contact_ids)
    if not part or not part < named:
        raise CannotDecide("Choose some of this customer's records, not none and not all of them.")
    rest, part_list = sorted(named - part), sorted(part)
    links = [(group[0], contact, True) for group in (rest, part_list) for contact in group[1:]]
    links += [(left, right, False) for left, right in product(part_list, rest)]
    return _decide("split", links, by=by, reason=reason, now=now, context={"profile_ids": [profile]})


def decide(*, left_id: int, right_id: int, same: bool, by: str, reason: str = "", now: datetime) -> Outcome:
    """Answer a review of two contacts. "Same" merges their profiles; "different" keeps their profiles apart."""
    left, right = _profile_of(left_id), _profile_of(right_id)
    if same:
        return merge(profile_ids=[left, right], by=by, reason=reason, now=now)
    return distinguish(profile_ids=[left, right], by=by, reason=reason, now=now)


def distinguish(*, profile_ids: Sequence[int], by: str, reason: str = "", now: datetime) -> Outcome:
    """Two profiles are two people, whatever evidence comes."""
    profiles = sorted({queries.current(profile) for profile in profile_ids})
    if len(profiles) != 2:
        raise CannotDecide("Two different customers are needed to tell apart.")
    links = [(left, right, False) for left, right in product(_named(profiles[0]), _named(profiles[1]))]
    return _decide("different", links, by=by, reason=reason, now=now, context={"profile_ids": profiles})


def undo(*, decision_id: int, by: str, reason: str = "", now: datetime) -> Outcome:
    """Take a decision back: everything returns to where the evidence and the other decisions put it."""
    if db.session.get(Decision, decision_id) is None:
        raise DecisionNotFound(f"There is no decision {decision_id}.")
    if db.session.get(DecisionUndone, decision_id) is not None:
        raise AlreadyUndone("This decision has been undone already.")
    row = {"decision_id": decision_id, "undone_at": now, "undone_by": by, "reason": reason}
    db.session.execute(insert(DecisionUndone).values(**row))
    columns = select(DecisionLink.left_id, DecisionLink.right_id).where(DecisionLink.decision_id == decision_id)
    contacts = {contact for pair in db.session.execute(columns) for contact in pair}
    outcome = _apply(decision_id, contacts, now=now, cause="undo")
    return Outcome(decision_id, outcome.profile_ids | obey_sources(contact_ids=contacts, now=now))


def obey_sources(*, contact_ids: Collection[int], now: datetime) -> set[int]:
    """Turn what sources said of these contacts into decisions of theirs; returns the profile ids touched.

    Staff overrule a source: while a decision keeps the two customers apart, the link waits for its undoing.
    """
    touched: set[int] = set()
    for link in source_links.due(contact_ids):
        left, right = _profile_of(link.contact_id), _profile_of(link.former_id)
        if not _kept_apart(left, right):
            said: dict[str, Any] = {"by": link.source, "reason": "alias", "now": now}
            context = {"profile_ids": sorted({left, right})}
            made = _decide("same", [(link.contact_id, link.former_id, True)], context=context, **said)
            source_links.obeyed(link_id=link.id, decision_id=made.decision_id)
            touched |= made.profile_ids
    return touched


def _kept_apart(left: int, right: int) -> bool:
    """Whether a decision in force tells some record of one profile from some record of the other."""
    mine, theirs = set(_named(left)), set(_named(right))
    apart = [link for link in repartition.live_links(mine) if not link.same] if left != right else []
    return any((link.left in mine) != (link.right in mine) and theirs & {link.left, link.right} for link in apart)


def _decide(
    kind: str, links: list[tuple[int, int, bool]], *, by: str, reason: str, now: datetime, context: dict[str, Any]
) -> Outcome:
    made = {"kind": kind, "made_at": now, "made_by": by, "reason": reason.strip(), "context": context}
    decision_id = db.session.scalar(insert(Decision).returning(Decision.id), made)
    unique = {(min(a, b), max(a, b)): same for a, b, same in links}
    rows = [{"decision_id": decision_id, "left_id": a, "right_id": b, "same": same} for (a, b), same in unique.items()]
    db.session.execute(insert(DecisionLink), rows)
    return _apply(decision_id, {contact for pair in unique for contact in pair}, now=now, cause=kind)


def _apply(decision_id: int, contacts: set[int], *, now: datetime, cause: str) -> Outcome:
    dialects.lock_partition(db.session)
    touched, moved = repartition.repartition(
        contacts, known=judging.Known(in_force.settled(now=now).judge), now=now, cause=cause, decision_id=decision_id
    )
    return Outcome(decision_id, touched | devices.attach(contacts | moved, now=now))


def _named(profile_id: int) -> list[int]:
    query = select(Contact.id).where(Contact.profile_id == profile_id, Contact.anonymous.is_(False))
    return sorted(db.session.scalars(query))


def _overruled(contacts: Sequence[int]) -> list[tuple[int, int, bool]]:
    """Pairs once called different that this merge now calls the same; undoing it lets the older word stand again."""
    apart = {(link.left, link.right) for link in repartition.live_links(contacts) if not link.same}
    return [(a, b, True) for a, b in combinations(contacts, 2) if (a, b) in apart or (b, a) in apart]


def _profile_of(contact_id: int) -> int:
    contact = db.session.get(Contact, contact_id)
    if contact is None or contact.profile_id is None:
        raise queries.ContactNotFound(f"There is no customer record {contact_id}.")
    return int(contact.profile_id)

"""Where a waterfall leaves everybody who holds an address, kept for the purposes and channels asked about; decided by
consents alone, and asked anew of whoever something happened to or whose time has come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select

from crm360.consents import reaching, turning
from crm360.consents.models import PurposeVersion
from crm360.identity.models import Contact, ContactIdentifier
from crm360.kernel import bulk
from crm360.kernel.batches import chunked
from crm360.kernel.db import db, table_of
from crm360.kernel.expressions import listed
from crm360.profiles.models import Mark
from crm360.segments.models import Permission, Watched

REACHABLE = reaching.STEPS[-1]
NO_ADDRESS = reaching.STEPS[0]
#: Customers asked about in one step.
BATCH = 500


def conditions(now: datetime) -> Callable[[str, str], Any]:
    """For `compiler.Setting.permitted`: exact at `now`, whatever waits to be worked off."""
    kept: dict[tuple[str, str], Any] = {}

    def permitted(purpose: str, channel: str) -> Any:
        if (purpose, channel) not in kept:
            kept[purpose, channel] = _condition(purpose, channel, now)
        return kept[purpose, channel]

    return permitted


def _condition(purpose: str, channel: str, now: datetime) -> Callable[[Any], Any]:
    if not is_kept(purpose, channel, now):
        found = _reachable(_holders(channel), purpose, channel, now)
        return lambda who: listed(who, found)
    stale = _stale(purpose, channel, now)
    rows = select(Permission.profile_id).where(*_of(purpose, channel), Permission.step == REACHABLE)
    if not stale:
        return lambda who: who.in_(rows)
    fresh = _reachable(stale, purpose, channel, now)
    return lambda who: or_(who.in_(rows) & ~listed(who, stale), listed(who, fresh))


def steps(profile_ids: Collection[int], *, purpose: str, channel: str, now: datetime) -> dict[str, list[int]]:
    """Step of `consents.reaching.STEPS` → the customers a waterfall loses there, ascending; exact at `now`."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    asked = set(profile_ids)
    if is_kept(purpose, channel, now):
        known = asked - _stale(purpose, channel, now)
        query = select(Permission.profile_id, Permission.step).where(*_of(purpose, channel))
        rows = dict(db.session.execute(query.where(listed(Permission.profile_id, known))).all())
        for each in known:
            found[rows.get(each, NO_ADDRESS)].append(each)
        asked -= known
    for one in reaching.reach(sorted(asked), purpose=purpose, channel=channel, now=now):
        found[one.step].append(one.profile_id)
    return {step: sorted(ids) for step, ids in found.items()}


def is_kept(purpose: str, channel: str, now: datetime) -> bool:
    """Whether everybody was asked about it, by the definition of the purpose in force."""
    watched = db.session.get(Watched, (purpose, channel))
    return watched is not None and watched.built_at is not None and watched.definition == _definition(purpose, now)


def ask_for(pairs: Iterable[tuple[str, str]], *, now: datetime) -> bool:
    """Let these be kept from now on, anew when a purpose was defined otherwise; whether all are kept already."""
    missing = [pair for pair in sorted(set(pairs)) if not is_kept(*pair, now)]
    for purpose, channel in missing:
        watched = db.session.get(Watched, (purpose, channel)) or Watched(purpose=purpose, channel=channel, reached=0)
        definition = _definition(purpose, now)
        if watched.definition != definition:
            watched.definition, watched.built_at, watched.reached = definition, None, 0
        db.session.add(watched)
    db.session.flush()
    return not missing


def unfinished() -> Watched | None:
    """A pair of whom not everybody was asked yet."""
    return db.session.scalar(select(Watched).where(Watched.built_at.is_(None)).order_by(*_PAIR).limit(1))


def ask_some(watched: Watched, *, now: datetime) -> int:
    """Ask about the next customers who hold an address; returns how many. None left: the pair is kept."""
    kind = reaching.ADDRESSES[watched.channel]
    held = select(1).where(ContactIdentifier.contact_id == Contact.id, ContactIdentifier.kind == kind).exists()
    query = select(Contact.profile_id).where(Contact.profile_id > watched.reached, held).distinct()
    ids = list(db.session.scalars(query.order_by(Contact.profile_id).limit(BATCH)))
    refresh(ids, pairs=[(watched.purpose, watched.channel)], now=now)
    if ids:
        watched.reached = ids[-1]
    else:
        watched.built_at = now
    db.session.flush()
    return len(ids)


def watch(pairs: Iterable[tuple[str, str]], *, now: datetime) -> None:
    """Keep these from now on, at once."""
    ask_for(pairs, now=now)
    while watched := unfinished():
        ask_some(watched, now=now)


def pairs() -> list[tuple[str, str]]:
    """The purposes and channels kept, or being asked about."""
    return [(purpose, channel) for purpose, channel in db.session.execute(select(*_PAIR).order_by(*_PAIR))]


_PAIR = (Watched.purpose, Watched.channel)


def altered(now: datetime) -> list[tuple[str, str]]:
    """Pairs whose purpose was defined anew since."""
    rows = db.session.execute(select(Watched.purpose, Watched.channel, Watched.definition).order_by(*_PAIR))
    return [(purpose, channel) for purpose, channel, kept in rows if kept != _definition(purpose, now)]


def refresh(profile_ids: Collection[int], *, pairs: Iterable[tuple[str, str]], now: datetime) -> None:
    """Ask anew about these customers."""
    for purpose, channel in pairs:
        for chunk in chunked(sorted(profile_ids)):
            db.session.execute(delete(Permission).where(*_of(purpose, channel), Permission.profile_id.in_(chunk)))
            until = turning.points(chunk, purpose=purpose, channel=channel, now=now)
            found = reaching.reach(chunk, purpose=purpose, channel=channel, now=now)
            said: dict[str, Any] = {"purpose": purpose, "channel": channel}
            rows = [
                said | {"profile_id": each.profile_id, "step": each.step, "recheck_at": until.get(each.profile_id)}
                for each in found
                if each.step != NO_ADDRESS
            ]
            bulk.insert_rows(db.session, table_of(Permission), rows)


def outdated(now: datetime) -> set[int]:
    """Customers who are to be asked about again because their time has come."""
    return set(db.session.scalars(select(Permission.profile_id).where(Permission.recheck_at <= now)))


def _of(purpose: str, channel: str) -> tuple[Any, Any]:
    return Permission.purpose == purpose, Permission.channel == channel


def _reachable(profile_ids: Collection[int], purpose: str, channel: str, now: datetime) -> list[int]:
    reached = reaching.reach(sorted(profile_ids), purpose=purpose, channel=channel, now=now)
    return [each.profile_id for each in reached if each.reachable]


def _holders(channel: str) -> set[int]:
    """Who has an address the channel reaches."""
    kind = reaching.ADDRESSES[channel]
    query = select(Contact.profile_id).join(ContactIdentifier, ContactIdentifier.contact_id == Contact.id)
    return set(db.session.scalars(query.where(ContactIdentifier.kind == kind, Contact.profile_id.is_not(None))))


def _stale(purpose: str, channel: str, now: datetime) -> set[int]:
    """Whose permission may be another by now: something happened to them, or its time has come."""
    timed = select(Permission.profile_id).where(*_of(purpose, channel), Permission.recheck_at <= now)
    found = set(db.session.scalars(select(Mark.profile_id).union(timed)))
    return {other for others in turning.sharing(found).values() for other in others}


def _definition(purpose: str, now: datetime) -> int:
    in_force = (PurposeVersion.code == purpose, PurposeVersion.effective_from <= now)
    return int(db.session.scalar(select(func.max(PurposeVersion.version)).where(*in_force)) or 0)

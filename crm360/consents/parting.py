"""After a split: what was done in the name of a person who turned out to be two. Errors fall on the quiet side.

Stops set while they were one are both's. A consent given while they were one stays with the address it was given for;
where both hold that address nobody can say whose it was, so it counts no more and has to be asked for again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from crm360.consents import operations, stopping
from crm360.consents.models import Statement, Stop, StopLifted
from crm360.identity import as_of
from crm360.identity.models import Contact, ContactIdentifier
from crm360.kernel.db import db

WHO = "identity"
REASON = "ambiguous_identity"


def after_moves(*, profile_ids: Collection[int], now: datetime) -> None:
    """Of the profiles that were parted at this moment: copies stops, and lets ambiguous consents count no more."""
    for profile_id, went in as_of.parted(profile_ids, at=now).items():
        sides = _sides(profile_id, went, now)
        if len(sides) > 1:
            since = _together_since(profile_id, sides, before=now)
            _copy_stops(sides, since, now)
            _invalidate(sides, since, now)


def missing_stops(stops: Iterable[Any], sides: Sequence[Collection[int]], since: datetime) -> list[tuple[Any, int]]:
    """(stop, contact) for every stop set since then that a side lacks, and a contact of that side to place it on."""
    placed = [each for each in stops if each.recorded_at >= since]
    has: defaultdict[str, set[int]] = defaultdict(set)
    for stop in placed:
        has[stop.kind] |= {number for number, side in enumerate(sides) if stop.contact_id in side}
    found: dict[tuple[str, int], tuple[Any, int]] = {}
    for stop in placed:
        for number, side in enumerate(sides):
            if number not in has[stop.kind]:
                for contact_id in side:
                    found.setdefault((stop.kind, contact_id), (stop, contact_id))
    return list(found.values())


def ambiguous(
    acts: Iterable[Any], holding: Mapping[tuple[str, str], Collection[int]], sides: Sequence[Collection[int]],
    since: datetime,
) -> list[Any]:  # fmt: skip
    """The consents recorded since then at addresses that more than one side holds."""

    def shared(address: tuple[str, str]) -> bool:
        return sum(bool(set(holding.get(address, ())) & set(side)) for side in sides) > 1

    return [
        act
        for act in acts
        if act.state == "given" and act.recorded_at >= since and shared((act.identifier_kind, act.identifier_normal))
    ]


def _sides(profile_id: int, went: Sequence[int], now: datetime) -> list[list[int]]:
    """The contacts that were one, by the profile each is in now; whoever came to the profile in the same move was not."""
    stayed = set(as_of.members_of([profile_id])) - set(went) - as_of.arrived(profile_id, at=now)
    sides: defaultdict[int, list[int]] = defaultdict(list)
    for contact_id, place in as_of.members({*went, *stayed}).items():
        sides[place.profile_id].append(contact_id)
    return [sorted(side) for _, side in sorted(sides.items())]


def _together_since(profile_id: int, sides: Sequence[Sequence[int]], *, before: datetime) -> datetime:
    """When contacts last came to the profile before; else when the later side came into being."""
    came = as_of.joined_at([profile_id], before=before).get(profile_id)
    if came is not None:
        return came
    rows = db.session.execute(
        select(Contact.id, Contact.created_at).where(Contact.id.in_([each for side in sides for each in side]))
    )
    kept = {row.id: row.created_at for row in rows}
    return max(min(kept[each] for each in side) for side in sides)


def _copy_stops(sides: Sequence[Sequence[int]], since: datetime, now: datetime) -> None:
    lifted = select(StopLifted.stop_id).where(StopLifted.stop_id == Stop.id).exists()
    query = select(Stop).where(Stop.contact_id.in_([each for side in sides for each in side]), ~lifted)
    for stop, contact_id in missing_stops(db.session.scalars(query).all(), sides, since):
        stopping.place(
            contact_ids=[contact_id], kind=stop.kind, since=stop.since, until=stop.until,
            ground=stop.ground or "copied when the customer was split", by=WHO, now=now,
        )  # fmt: skip


def _invalidate(sides: Sequence[Sequence[int]], since: datetime, now: datetime) -> None:
    contacts = [each for side in sides for each in side]
    held = db.session.execute(
        select(ContactIdentifier.kind, ContactIdentifier.normal, ContactIdentifier.contact_id).where(
            ContactIdentifier.contact_id.in_(contacts)
        )
    )
    holding: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for kind, normal, contact_id in held:
        holding[kind, normal].add(contact_id)
    normals = [normal for (_, normal), holders in holding.items() if len(holders) > 1]
    query = select(Statement).where(Statement.identifier_normal.in_(normals), Statement.recorded_at >= since)
    found = ambiguous(db.session.scalars(query).all() if normals else (), holding, sides, since)
    if found:
        operations.invalidate(
            statement_ids=[each.id for each in found], by=WHO, reason=REASON, now=now, method="identity.split"
        )

"""An address passes from one person to another: a number given out again, a mailbox of a colleague who left.

Its passing closes the tenure; what was said in it counts no more, and the new holder starts from nothing (`judging`).
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from sqlalchemy import select, update

from crm360.consents.models import Tenure
from crm360.identity.models import ContactIdentifier
from crm360.kernel import dialects
from crm360.kernel.db import db
from crm360.kernel.errors import Conflict, Invalid
from crm360.profiles import feed

KINDS = ("email", "phone")


class UnusablePassing(Invalid):
    """What was said of an address that passed on cannot be kept."""


class PassedBefore(Conflict):
    """The address passed on at that moment or later already."""


def pass_on(
    *, kind: str, normal: str, since: datetime, to: int | None = None, reason: str, by: str, now: datetime
) -> str:
    """The address is another person's since then: the contact `to`, or whoever is first seen with it from then on.

    Returns the pseudonym of the new tenure. Raises UnusablePassing, PassedBefore.
    """
    if kind not in KINDS or not reason.strip() or not normal:
        raise UnusablePassing("Say which address passed on and how you know.", errors={"reason": ["Say how you know."]})
    since = min(since, now)
    dialects.lock_partition(db.session)
    current = db.session.scalar(
        select(Tenure).where(Tenure.kind == kind, Tenure.normal == normal, Tenure.until.is_(None))
    )
    if current is not None and current.since is not None and current.since >= since:
        raise PassedBefore("This address passed on later already.")
    _close(kind, normal, since, reason)
    feed.mark_contacts(shared_by(kind=kind, normal=normal), now=now, cause="consent")
    if current is None:
        _add(kind=kind, normal=normal, since=None, until=since, reason=reason.strip())
    return _add(
        kind=kind, normal=normal, since=since, holder_id=to, noted_at=now, noted_by=by, reason=reason.strip(),
    )  # fmt: skip


def tenures_of(addresses: Collection[tuple[str, str]]) -> dict[tuple[str, str], list[Tenure]]:
    """Address → its tenures, the latest first, of those that ever passed from one person to another."""
    rows = db.session.scalars(select(Tenure).where(Tenure.normal.in_({normal for _, normal in addresses})))
    found: defaultdict[tuple[str, str], list[Tenure]] = defaultdict(list)
    for row in sorted(rows, key=_begun, reverse=True):
        if (row.kind, row.normal) in addresses:
            found[row.kind, row.normal].append(row)
    return {address: held for address, held in found.items() if len(held) > 1}


def shared_by(*, kind: str, normal: str) -> Sequence[int]:
    """The contacts seen with an address."""
    same = (ContactIdentifier.kind == kind) & (ContactIdentifier.normal == normal)
    return list(db.session.scalars(select(ContactIdentifier.contact_id).where(same).order_by(ContactIdentifier.id)))


def _begun(tenure: Tenure) -> datetime:
    return tenure.since or datetime.min.replace(tzinfo=UTC)


def _close(kind: str, normal: str, at: datetime, reason: str) -> None:
    same = (Tenure.kind == kind) & (Tenure.normal == normal) & Tenure.until.is_(None)
    db.session.execute(update(Tenure).where(same).values(until=at, reason=reason.strip()))


def _add(**values: object) -> str:
    subject = secrets.token_hex(16)
    db.session.add(Tenure(subject_key=subject, **values))
    db.session.flush()
    return subject

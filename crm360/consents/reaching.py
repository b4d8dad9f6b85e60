"""Whom may we reach? For each customer the one address a message of a purpose would go to, or what stands in the way.

The waterfall of a segment, the audience of a campaign and the send itself all count with this. Nothing here writes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from crm360.consents import asking
from crm360.consents.policy import Verdict
from crm360.identity.models import Contact, ContactIdentifier
from crm360.kernel import dialects
from crm360.kernel.batches import chunked
from crm360.kernel.db import db

#: Channel → the kind of identifier it reaches.
ADDRESSES = {"email": "email", "sms": "phone", "phone": "phone", "push": "device"}

#: What stands in the way, in the order in which a waterfall leaves people behind; the last: nothing does.
STEPS = ("no_address", "undeliverable", "stopped", "no_consent", "withdrawn", "reachable")

_HELD = (
    select(
        Contact.profile_id, ContactIdentifier.contact_id, ContactIdentifier.id, ContactIdentifier.kind,
        ContactIdentifier.value, ContactIdentifier.normal, ContactIdentifier.verified, ContactIdentifier.last_seen_at,
    )
    .join(Contact, Contact.id == ContactIdentifier.contact_id)
    .where(dialects.Among(Contact.profile_id))
)  # fmt: skip


class _Held(NamedTuple):
    profile_id: int
    contact_id: int
    identifier_id: int
    kind: str
    value: str
    normal: str
    verified: bool
    last_seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """One customer: the address that would be used (that of the best answer), the verdict over it, and the step.

    Without an address `contact_id`, `identifier_id` and `verdict` are None. `step` is one of STEPS.
    """

    profile_id: int
    step: str
    contact_id: int | None = None
    identifier_id: int | None = None
    kind: str = ""
    value: str = ""
    normal: str = ""
    verdict: Verdict | None = None

    @property
    def reachable(self) -> bool:
        return self.step == STEPS[-1]

    @property
    def reason(self) -> str:
        """A code of policy.REASONS, or "no_address"."""
        return self.verdict.reason if self.verdict else self.step


def reach(profile_ids: Collection[int], *, purpose: str, channel: str, now: datetime) -> list[Reached]:
    """One answer per profile, in the order given. Of several addresses the one that may be used counts, else the one
    that came furthest; among equals a proved one, then the one seen last."""
    return [found for some in chunked(profile_ids) for found in _reach(some, purpose, channel, now)]


def step_of(verdict: Verdict) -> str:
    """Where a waterfall leaves an address with this verdict."""
    if verdict.permitted:
        return "reachable"
    if verdict.state == "suppressed":
        return "withdrawn" if verdict.reason == "unsubscribed" else "undeliverable"
    if verdict.state == "stopped":
        return "stopped"
    return "withdrawn" if verdict.state in ("withdrawn", "refused") else "no_consent"


def _reach(profile_ids: list[int], purpose: str, channel: str, now: datetime) -> Iterator[Reached]:
    kind = ADDRESSES[channel]
    held = [row for row in map(_Held._make, db.session.execute(_HELD, {"values": profile_ids})) if row.kind == kind]
    questions = [asking.Question(row.contact_id, kind, row.normal, purpose, channel) for row in held]
    known: defaultdict[int, list[tuple[_Held, Verdict]]] = defaultdict(list)
    for row, verdict in zip(held, asking.ask(questions, now=now), strict=True):
        known[row.profile_id].append((row, verdict))
    for profile_id in profile_ids:
        yield _best(known[profile_id]) if profile_id in known else Reached(profile_id=profile_id, step=STEPS[0])


def _best(candidates: list[tuple[_Held, Verdict]]) -> Reached:
    row, verdict = max(
        candidates,
        key=lambda each: (
            STEPS.index(step_of(each[1])),
            each[0].verified,
            each[0].last_seen_at,
            -each[0].identifier_id,
        ),
    )
    return Reached(
        profile_id=row.profile_id, step=step_of(verdict), contact_id=row.contact_id, identifier_id=row.identifier_id,
        kind=row.kind, value=row.value, normal=row.normal, verdict=verdict,
    )  # fmt: skip

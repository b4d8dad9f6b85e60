"""May we use this address, for this purpose, on this channel? Absence is not permission; a bare claim never permits.

A withdrawal stands until the person consents again with grade A evidence, at least five minutes later: plain "latest
wins" would let an import or a wrong clock revive a consent. A consent is permitted by grades A to C while no withdrawal
stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

#: Clocks of two systems may differ by this much; within it a withdrawal counts as the later act.
SKEW = timedelta(minutes=5)
PERMITTING_GRADES = frozenset("ABC")
OVERRULING_GRADE = "A"
REFUSALS = frozenset({"withdrawn", "refused"})

#: Reason codes and what they mean, in words the pages translate.
REASONS = {
    "nothing_stated": "Nobody stated a consent.",
    "consent_given": "The person consented.",
    "consent_renewed": "The person consented again after withdrawing.",
    "withdrawn": "The person withdrew.",
    "refused": "The person refused.",
    "withdrawal_outweighs": "The person withdrew; a later consent without double opt-in does not outweigh that.",
    "unconfirmed": "The person was asked to confirm and has not.",
    "unproven": "A consent is claimed without evidence.",
    "complained": "The person marked our mail as spam.",
    "hard_bounced": "Mail to this address comes back for good.",
    "unsubscribed": "The person unsubscribed.",
}


class Act(Protocol):
    """What the ledger holds of a statement; `occurred_at` is never after the time it was recorded."""

    @property
    def id(self) -> int: ...
    @property
    def state(self) -> str: ...
    @property
    def occurred_at(self) -> datetime: ...
    @property
    def recorded_at(self) -> datetime: ...
    @property
    def evidence_grade(self) -> str: ...


#: Why an address is suppressed, the gravest first.
SUPPRESSIONS = ("complained", "hard_bounced", "unsubscribed")


class Suppressed(Protocol):
    """An address nobody may write to. `reason` is one of SUPPRESSIONS."""

    @property
    def reason(self) -> str: ...
    @property
    def since(self) -> datetime: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer. `state`: given, withdrawn, refused, pending_confirmation, imported_unverified, unknown, suppressed.

    `reason` is a code of REASONS, `explanation` its English words; `evidence` the ids of the statements it rests on.
    """

    permitted: bool
    state: str
    reason: str
    evidence: tuple[int, ...] = ()
    since: datetime | None = None

    @property
    def explanation(self) -> str:
        """The reason in words, a key of the translations."""
        return REASONS[self.reason]


def decide(statements: Iterable[Act], *, now: datetime, suppressed: Iterable[Suppressed] = ()) -> Verdict:
    """The verdict over all statements of one address, purpose and channel, in any order, as of `now`.

    A suppressed address is not written to whatever was stated, except that who unsubscribed may subscribe again: as
    after a withdrawal, with grade A evidence and later.
    """
    acts = list(statements)
    standing = [each for each in suppressed if each.since <= now and not _lifted(each, acts, now)]
    if standing:
        gravest = min(standing, key=lambda each: (SUPPRESSIONS.index(each.reason), each.since))
        return Verdict(permitted=False, state="suppressed", reason=gravest.reason, since=gravest.since)
    return _decide(acts, now)


def _lifted(suppression: Suppressed, acts: list[Act], now: datetime) -> bool:
    return suppression.reason == "unsubscribed" and any(
        act.state == "given"
        and act.evidence_grade == OVERRULING_GRADE
        and _at(act) <= now
        and _at(act) - suppression.since >= SKEW
        for act in acts
    )


def _decide(statements: list[Act], now: datetime) -> Verdict:
    acts = sorted((act for act in statements if _at(act) <= now), key=lambda act: (_at(act), act.id))
    refusals = [act for act in acts if act.state in REFUSALS]
    grants = [act for act in acts if act.state == "given" and act.evidence_grade in PERMITTING_GRADES]
    if refusals:
        return _after_refusal(refusals[-1], grants)
    if grants:
        return _verdict(True, "given", "consent_given", grants[-1:], since=_at(grants[0]))
    pending = [act for act in acts if act.state == "pending_confirmation"]
    if pending:
        return _verdict(False, "pending_confirmation", "unconfirmed", pending[-1:])
    claims = [act for act in acts if act.state == "given"]
    if claims:
        return _verdict(False, "imported_unverified", "unproven", claims[-1:])
    return _verdict(False, "unknown", "nothing_stated", acts[-1:])


def _after_refusal(refusal: Act, grants: list[Act]) -> Verdict:
    overruling = [act for act in grants if act.evidence_grade == OVERRULING_GRADE and _at(act) - _at(refusal) >= SKEW]
    if overruling:
        return _verdict(True, "given", "consent_renewed", [overruling[-1], refusal], since=_at(overruling[0]))
    later = [act for act in grants if _at(act) > _at(refusal)]
    if later:
        return _verdict(False, refusal.state, "withdrawal_outweighs", [refusal, later[-1]], since=_at(refusal))
    return _verdict(False, refusal.state, refusal.state, [refusal])


def _verdict(permitted: bool, state: str, reason: str, acts: list[Act], *, since: datetime | None = None) -> Verdict:
    start = since or (_at(acts[0]) if acts else None)
    return Verdict(permitted=permitted, state=state, reason=reason, evidence=tuple(a.id for a in acts), since=start)


def _at(act: Act) -> datetime:
    """A time later than the record of it is a wrong clock's."""
    return min(act.occurred_at, act.recorded_at)

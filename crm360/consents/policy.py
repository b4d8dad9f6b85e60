"""May we use this address, for this purpose, on this channel? Absence is not permission; a bare claim never permits.

A withdrawal stands until the person consents again with grade A evidence, at least five minutes later: plain "latest
wins" would let an import or a wrong clock revive a consent. A consent is permitted by the grades its purpose takes (A
to C at most) while no withdrawal stands and for as long as the purpose lets it last. Above all that stands what stops us
whatever was consented to: a restriction, an objection, a suppressed address.
A statement may be invalidated (an import that brought it was taken back): a consent then counts no more, while a refusal
stays, for only the person may take that back.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

from crm360.consents.purposes import GRADES, Purpose, unknown

#: Clocks of two systems may differ by this much; within it a withdrawal counts as the later act.
SKEW = timedelta(minutes=5)
#: What a person's own word, or the law, stops whatever was consented to, the gravest first.
STOPS = ("erased", "restriction", "deceased", "minor", "objection_marketing", "objection_interests", "conflict")
OVERRULING_GRADE = "A"
REFUSALS = frozenset({"withdrawn", "refused"})
INVALIDATED = "invalidated"

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
    "forgotten": "The person was erased after saying no; only a new consent with proof opens the address.",
    "consent_expired": "The consent has run out.",
    "too_weak": "The evidence of the consent is weaker than this purpose needs.",
    "other_basis": "This purpose rests on another ground than consent.",
    "erased": "The person was erased.",
    "restriction": "Processing is restricted.",
    "deceased": "The person has died.",
    "minor": "The person is a minor; only a guardian consents.",
    "objection_marketing": "The person objected to direct marketing.",
    "objection_interests": "The person objected; our interests have to be weighed again.",
    "conflict": "Statements contradict each other and cannot be put in order.",
    "address_reassigned": "The address passed to another person; what was said before counts no more.",
    "shared_objection": "Another customer with this address objected or may not be contacted.",
    "unconfirmed_link": "A record that is only likely the same person refused; a person has to confirm it first.",
    "not_reaffirmed": "Two customers were joined; the consent of one does not cover the other's data.",
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
    @property
    def invalidates_id(self) -> int | None: ...


#: Why an address is suppressed, the gravest first.
SUPPRESSIONS = ("complained", "hard_bounced", "unsubscribed", "forgotten")
#: Those a new consent with proof lifts: they were the person's own word.
_LIFTABLE = ("unsubscribed", "forgotten")


class Suppressed(Protocol):
    """An address nobody may write to. `reason` is one of SUPPRESSIONS."""

    @property
    def reason(self) -> str: ...
    @property
    def since(self) -> datetime: ...


class Standing(Protocol):
    """A stop that was not lifted. `kind` is one of STOPS; `until` None: for ever."""

    @property
    def kind(self) -> str: ...
    @property
    def since(self) -> datetime: ...
    @property
    def until(self) -> datetime | None: ...


class Tenure(NamedTuple):
    """How an address is held that passed to another person at `since`, which was noted at `noted_at`.

    `current`: whether the person asked about holds it now; `own` the contacts of its present holders; `former` the stops
    of those who held it before.
    """

    since: datetime
    noted_at: datetime
    current: bool
    own: frozenset[int] = frozenset()
    former: tuple[Standing, ...] = ()

    def counts(self, act: Act) -> bool:
        """Whether a statement speaks for the present holder: a yes only from themselves, a no from anybody."""
        return moment_of(act) >= self.since and (
            act.state in REFUSALS or act.state == INVALIDATED or getattr(act, "contact_id", None) in self.own
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer. `state`: given, withdrawn, refused, pending_confirmation, imported_unverified, expired, unknown,
    other_basis, suppressed, stopped, conflict.

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


def decide(
    statements: Iterable[Act],
    *,
    now: datetime,
    suppressed: Iterable[Suppressed] = (),
    stops: Iterable[Standing] = (),
    purpose: Purpose | None = None,
    tenure: Tenure | None = None,
) -> Verdict:
    """The verdict over all statements of one address, purpose and channel, in any order, as of `now`.

    A suppressed address is not written to whatever was stated, except that who unsubscribed may subscribe again: as
    after a withdrawal, with grade A evidence and later. `stops` are those of the person; without `purpose` one counts
    that nothing but a consent permits. `tenure`: the address passed to another person.
    """
    acts, rule = _valid(statements, now), purpose or _ANY
    if stop := gravest(stops, rule, acts=acts, now=now):
        return Verdict(permitted=False, state="stopped", reason=stop.kind, since=stop.since)
    if tenure is not None and tenure.since <= now:
        return _passed(acts, list(suppressed), rule, tenure, now)
    return _unstopped(acts, suppressed, rule, now)


def _unstopped(acts: list[Act], suppressed: Iterable[Suppressed], rule: Purpose, now: datetime) -> Verdict:
    standing = [
        each for each in suppressed if each.since <= now and _heard(each, rule) and not _lifted(each, acts, now)
    ]
    if standing:
        worst = min(standing, key=lambda each: (SUPPRESSIONS.index(each.reason), each.since))
        return Verdict(permitted=False, state="suppressed", reason=worst.reason, since=worst.since)
    return _decide(acts, now, rule)


def _passed(acts: list[Act], suppressed: list[Suppressed], rule: Purpose, tenure: Tenure, now: datetime) -> Verdict:
    """Of an address with a new holder: only what they said themselves, and nothing that its passing alone would permit."""
    if not tenure.current:
        gone = tuple(act.id for act in acts if act.state == "given")[-1:]
        return Verdict(False, "expired", "address_reassigned", gone, tenure.since)
    own = [act for act in acts if tenure.counts(act)]
    kept = [each for each in suppressed if not _renewed(each, own, tenure, now)]
    verdict = _unstopped(own, kept, rule, now)
    if not verdict.permitted or any(_speaks(act, rule, tenure) for act in own if act.id in verdict.evidence):
        return verdict
    before = _unstopped(acts, suppressed, rule, now)
    if before.permitted and not gravest(tenure.former, rule, acts=acts, now=now):
        return verdict
    return Verdict(False, "unknown", "address_reassigned", (), tenure.since)


def _speaks(act: Act, rule: Purpose, tenure: Tenure) -> bool:
    """Whether the new holder said yes, with proof that counts, since their holding the address is known."""
    return act.state == "given" and act.evidence_grade in permitting(rule) and moment_of(act) >= tenure.noted_at


def _renewed(suppression: Suppressed, own: list[Act], tenure: Tenure, now: datetime) -> bool:
    """What the former holder's mail came back with ends when the new one proves to hold the address."""
    return suppression.since < tenure.noted_at and any(
        act.state == "given" and act.evidence_grade == OVERRULING_GRADE and tenure.noted_at <= moment_of(act) <= now
        for act in own
    )


_ANY = unknown("")


def _heard(suppression: Suppressed, purpose: Purpose) -> bool:
    """Who was forgotten is not written to for what needs a consent; service they ask for anew may be given."""
    return suppression.reason != "forgotten" or purpose.asks_consent or purpose.commercial


def gravest(stops: Iterable[Standing], purpose: Purpose, *, acts: Iterable[Act] = (), now: datetime) -> Standing | None:
    """The gravest stop in force that this purpose must heed; `acts` may hold the word of a minor's guardian."""
    acts = list(acts)
    heeded = [
        stop
        for stop in stops
        if stop.since <= now and (stop.until is None or now < stop.until) and _heeds(purpose, stop, acts, now)
    ]
    return min(heeded, key=lambda stop: (STOPS.index(stop.kind), stop.since)) if heeded else None


def _heeds(purpose: Purpose, stop: Standing, acts: list[Act], now: datetime) -> bool:
    """Erasure, restriction, death and contradiction stop everything; the others what they are about.

    What a law obliges us to say (an answer to a request about their data) is said also to who is restricted.
    """
    if purpose.basis == "legal_obligation":
        return stop.kind == "deceased"
    if stop.kind == "objection_marketing":
        return purpose.commercial or purpose.profiling
    if stop.kind == "objection_interests":
        return purpose.basis in ("legitimate_interests", "soft_opt_in")
    if stop.kind == "minor":
        return purpose.min_age is not None and not any(_by_guardian(act) and moment_of(act) <= now for act in acts)
    return True


def _by_guardian(act: Act) -> bool:
    return act.state == "given" and getattr(act, "method", "").startswith("guardian")


def _valid(statements: Iterable[Act], now: datetime) -> list[Act]:
    """Without statements invalidated by now, and what invalidated them; a refusal stays."""
    acts = list(statements)
    void = {act.invalidates_id for act in acts if act.state == INVALIDATED and moment_of(act) <= now}
    return [act for act in acts if act.state in REFUSALS or (act.id not in void and act.state != INVALIDATED)]


def _lifted(suppression: Suppressed, acts: list[Act], now: datetime) -> bool:
    return suppression.reason in _LIFTABLE and any(
        act.state == "given"
        and act.evidence_grade == OVERRULING_GRADE
        and moment_of(act) <= now
        and moment_of(act) - suppression.since >= SKEW
        for act in acts
    )


def _decide(statements: list[Act], now: datetime, purpose: Purpose) -> Verdict:
    acts = sorted((act for act in statements if moment_of(act) <= now), key=lambda act: (moment_of(act), act.id))
    refusals = [act for act in acts if act.state in REFUSALS]
    proved = [act for act in acts if act.state == "given" and act.evidence_grade in permitting(purpose)]
    grants = [act for act in proved if now < runs_out(act, purpose)]
    if refusals:
        return _after_refusal(refusals[-1], grants)
    if not purpose.asks_consent:
        return _verdict(True, "other_basis", "other_basis", acts[-1:])
    if grants:
        return _verdict(True, "given", "consent_given", grants[-1:], since=moment_of(grants[0]))
    if proved:
        return _verdict(False, "expired", "consent_expired", proved[-1:], since=runs_out(proved[-1], purpose))
    return _without_proof(acts)


def _without_proof(acts: list[Act]) -> Verdict:
    """Asked and not confirmed, claimed without evidence that would do, or never spoken of."""
    pending = [act for act in acts if act.state == "pending_confirmation"]
    if pending:
        return _verdict(False, "pending_confirmation", "unconfirmed", pending[-1:])
    claims = [act for act in acts if act.state == "given"]
    if claims:
        reason = "unproven" if claims[-1].evidence_grade not in GRADES else "too_weak"
        return _verdict(False, "imported_unverified", reason, claims[-1:])
    return _verdict(False, "unknown", "nothing_stated", acts[-1:])


def permitting(purpose: Purpose) -> frozenset[str]:
    """The evidence grades that permit for a purpose; a bare claim (D) never does."""
    return frozenset(GRADES[: GRADES.index(purpose.min_grade) + 1])


def runs_out(act: Act, purpose: Purpose) -> datetime:
    """The moment a consent runs out: the same day so many months later, the last of a shorter month."""
    if purpose.validity_months is None:
        return datetime.max.replace(tzinfo=UTC)
    start = moment_of(act)
    years, month = divmod(start.month - 1 + purpose.validity_months, 12)
    year = start.year + years
    return start.replace(year=year, month=month + 1, day=min(start.day, monthrange(year, month + 1)[1]))


def _after_refusal(refusal: Act, grants: list[Act]) -> Verdict:
    proved = [act for act in grants if act.evidence_grade == OVERRULING_GRADE]
    overruling = [act for act in proved if not _undated(act) and moment_of(act) - moment_of(refusal) >= SKEW]
    if overruling:
        return _verdict(True, "given", "consent_renewed", [overruling[-1], refusal], since=moment_of(overruling[0]))
    if _undated(refusal) and any(not _undated(act) and moment_of(act) < moment_of(refusal) for act in proved):
        return _verdict(False, "conflict", "conflict", [refusal, proved[-1]], since=moment_of(refusal))
    if proved and all(map(_undated, proved)) and moment_of(proved[-1]) - moment_of(refusal) >= SKEW:
        return _verdict(False, "conflict", "conflict", [refusal, proved[-1]], since=moment_of(refusal))
    later = [act for act in grants if moment_of(act) > moment_of(refusal)]
    if later:
        return _verdict(False, refusal.state, "withdrawal_outweighs", [refusal, later[-1]], since=moment_of(refusal))
    return _verdict(False, refusal.state, refusal.state, [refusal])


def _undated(act: Act) -> bool:
    """Whether the source did not say when it was said: the moment is only that of the list."""
    return bool((getattr(act, "evidence", None) or {}).get("undated"))


def _verdict(permitted: bool, state: str, reason: str, acts: list[Act], *, since: datetime | None = None) -> Verdict:
    start = since or (moment_of(acts[0]) if acts else None)
    return Verdict(permitted=permitted, state=state, reason=reason, evidence=tuple(a.id for a in acts), since=start)


def moment_of(act: Act) -> datetime:
    """A time later than the record of it is a wrong clock's."""
    return min(act.occurred_at, act.recorded_at)

"""The verdict over one question, from everything that is known of the address and of the people who hold it. Pure.

Consents are never merged: they are recomputed. What was stated is keyed by address; who is one person only decides whose
stops count and whose refusals a guess has to respect. So a merge may narrow what is permitted and never widens it:
- stops of a person are those of all their contacts;
- whatever stops anybody who holds a shared address stops the address, or a second record of a person would undo it;
- an address that passed to another person starts anew, and nothing is permitted by its passing;
- where only likeness, no value in common and no human, joined two records, the refusal of one counts for both;
- a consent of the person as such (`Purpose.scope`) has to be there in every part of a merged person, until they consent
  again, provably, after the merge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from crm360.consents.policy import OVERRULING_GRADE, REFUSALS, Standing, Suppressed, Tenure, Verdict, decide, gravest
from crm360.consents.policy import moment_of as at
from crm360.consents.purposes import Purpose

Address = tuple[str, str]
Key = tuple[str, str, str, str]


class Question(NamedTuple):
    """May this address of this contact's person be used for this purpose on this channel?

    `kind` and `normal` as identifiers are kept ("email", "anna@example.com").
    """

    contact_id: int | None
    kind: str
    normal: str
    purpose: str
    channel: str


class Holder(NamedTuple):
    """A contact an address was seen with, and since when."""

    contact_id: int
    since: datetime


class Passed(NamedTuple):
    """An address passed to another person: since when, when that was noted, and to whose contact if it is known."""

    since: datetime
    noted_at: datetime
    to: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What a profile is made of: contact → its first profile, and → a label that contacts share which are surely one."""

    homes: Mapping[int, int | None]
    sure: Mapping[int, int]
    addresses: Mapping[int, Sequence[Address]]
    joined_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Everything that bears on some questions. `suppressed` by normalised address; `stops` by profile; `written`: contact
    → (kind, normal, value as written, since) of what it was seen with."""

    profile_of: Mapping[int, int] = field(default_factory=dict)
    people: Mapping[int, Person] = field(default_factory=dict)
    holders: Mapping[Address, Sequence[Holder]] = field(default_factory=dict)
    stated: Mapping[Key, Sequence[Any]] = field(default_factory=dict)
    suppressed: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    stops: Mapping[int, Sequence[Standing]] = field(default_factory=dict)
    passed: Mapping[Address, Passed] = field(default_factory=dict)
    written: Mapping[int, Sequence[tuple[str, str, str, datetime]]] = field(default_factory=dict)
    purpose: Callable[[str], Purpose]


def judge(question: Question, known: Known, *, now: datetime) -> Verdict:
    """The verdict as of `now`, by what is known."""
    purpose = known.purpose(question.purpose)
    profile_id = known.profile_of.get(question.contact_id or 0)
    person = known.people.get(profile_id or 0)
    if purpose.scope == "person" and profile_id is not None and person is not None:
        return _of_person(question, profile_id, person, purpose, known, now)
    verdict = _of_address(question, profile_id, purpose, known, now)
    if not verdict.permitted or profile_id is None:
        return verdict
    narrowed = _shared(question, profile_id, purpose, known, now)
    if narrowed is None and person is not None:
        narrowed = _unsure(question, person, purpose, known, now)
    return narrowed or verdict


def _of_address(question: Question, profile_id: int | None, purpose: Purpose, known: Known, now: datetime) -> Verdict:
    return decide(
        known.stated.get(question[1:], ()), now=now, suppressed=_suppressed(question, known), purpose=purpose,
        stops=known.stops.get(profile_id or 0, ()), tenure=tenure(question[1:3], profile_id, known, now),
    )  # fmt: skip


def _suppressed(question: Question, known: Known) -> list[Suppressed]:
    return [each for each in known.suppressed.get(question.normal, ()) if each.channel == question.channel]


def tenure(address: Address, profile_id: int | None, known: Known, now: datetime) -> Tenure | None:
    """How a profile holds an address that passed from one person to another; None for one that never did."""
    passed = known.passed.get(address)
    if passed is None or passed.since > now:
        return None
    own = set() if passed.to is None else {passed.to}
    former: list[Standing] = []
    for holder in known.holders.get(address, ()):
        if holder.contact_id == passed.to or holder.since >= passed.since:
            own.add(holder.contact_id)
        else:
            former += known.stops.get(known.profile_of.get(holder.contact_id, 0), ())
    current = profile_id is None or any(known.profile_of.get(each) == profile_id for each in own)
    return Tenure(passed.since, passed.noted_at, current, frozenset(own), tuple(former))


def _shared(question: Question, profile_id: int, purpose: Purpose, known: Known, now: datetime) -> Verdict | None:
    """What stops somebody else who holds the address."""
    address = question[1:3]
    others = {known.profile_of.get(each.contact_id) for each in known.holders.get(address, ())} - {profile_id, None}
    for other in sorted(each for each in others if each is not None):
        held = tenure(address, other, known, now)
        if held is not None and not held.current:
            continue
        acts = known.stated.get(question[1:], ())
        stop = gravest(known.stops.get(other, ()), purpose, acts=acts, now=now)
        if stop:
            return Verdict(permitted=False, state="stopped", reason="shared_objection", since=stop.since)
    return None


def _unsure(question: Question, person: Person, purpose: Purpose, known: Known, now: datetime) -> Verdict | None:
    """The refusal, at another address, of a record that only likeness joined to those with this address."""
    holding = {each.contact_id for each in known.holders.get(question[1:3], ())}
    certain = {person.sure[each] for each in holding if each in person.sure}
    for contact_id, label in sorted(person.sure.items()):
        if label in certain:
            continue
        for kind, normal in person.addresses.get(contact_id, ()):
            if kind == question.kind and normal != question.normal:
                other = Question(contact_id, kind, normal, question.purpose, question.channel)
                said = _of_address(other, None, purpose, known, now)
                if said.state in REFUSALS or said.reason == "unsubscribed":
                    return Verdict(False, "stopped", "unconfirmed_link", said.evidence, said.since)
    return None


def _of_person(
    question: Question, profile_id: int, person: Person, purpose: Purpose, known: Known, now: datetime
) -> Verdict:
    """A consent of the person as such: there in every part that once was a profile, or given anew after they were joined."""
    stops, suppressed = known.stops.get(profile_id, ()), _suppressed(question, known)

    def over(acts: Iterable[Any]) -> Verdict:
        return decide(acts, now=now, suppressed=suppressed, stops=stops, purpose=purpose)

    parts = {home: [each for each, one in person.homes.items() if one == home] for home in set(person.homes.values())}
    said = {home: list(_said(part, profile_id, person, question, known, now)) for home, part in parts.items()}
    together = {act.id: act for acts in said.values() for act in acts}
    whole = over(together.values())
    if not whole.permitted or all(over(acts).permitted for acts in said.values()):
        return whole
    again = [together[each] for each in whole.evidence if each in together]
    if person.joined_at and any(
        act.state == "given" and act.evidence_grade == OVERRULING_GRADE and at(act) >= person.joined_at for act in again
    ):
        return whole
    return Verdict(False, "unknown", "not_reaffirmed", whole.evidence, person.joined_at)


def _said(
    part: Sequence[int], profile_id: int, person: Person, question: Question, known: Known, now: datetime
) -> Iterator[Any]:
    """What the records of a part said of a purpose on a channel, and every refusal at an address of theirs."""
    for address in sorted({each for contact_id in part for each in person.addresses.get(contact_id, ())}):
        held = tenure(address, profile_id, known, now)
        for act in known.stated.get((*address, question.purpose, question.channel), ()):
            if act.state in REFUSALS or (
                act.contact_id in part and (held is None or (held.current and held.counts(act)))
            ):
                yield act

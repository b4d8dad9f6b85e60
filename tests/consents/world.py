"""A little world of people, addresses and what was said, as a log in memory: any moment is replayed from its beginning.

It knows nothing of the database. `known` builds what the policy judges from, so the policy is tried at the speed of a
dictionary; `tests.consents.twin` does the same to a database and compares.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from crm360.consents import parting
from crm360.consents.judging import Address, Holder, Key, Known, Passed, Person, Question, judge
from crm360.consents.policy import REFUSALS
from crm360.consents.purposes import DEFAULTS, Purpose, unknown

START = datetime(2026, 1, 1, tzinfo=UTC)
PURPOSES = {code: DEFAULTS[code] for code in ("marketing", "profiling", "service")}
SOURCE = "shop"


@dataclass(frozen=True, slots=True)
class Said:
    id: int
    contact_id: int
    identifier_kind: str
    identifier_normal: str
    purpose: str
    state: str
    occurred_at: datetime
    recorded_at: datetime
    evidence_grade: str
    channel: str = "email"
    method: str = "form"
    evidence: dict[str, Any] = field(default_factory=dict)
    invalidates_id: int | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    id: int
    contact_id: int
    kind: str
    since: datetime
    recorded_at: datetime
    until: datetime | None = None
    ground: str = ""


class Suppressed(NamedTuple):
    normal: str
    channel: str
    reason: str
    since: datetime
    recorded_at: datetime


def purpose_of(code: str) -> Purpose:
    return PURPOSES.get(code) or unknown(code)


class World:
    """Operations happen at `self.now`, each a second after the one before."""

    def __init__(self) -> None:
        self.now = START
        self.created: dict[int, datetime] = {}
        self.home: dict[int, int] = {}
        self.place: dict[int, int] = {}
        self.moves: list[tuple[datetime, int, int, int]] = []
        self.held: list[tuple[int, Address, datetime]] = []
        self.said: list[Said] = []
        self.stops: list[Stop] = []
        self.lifted: dict[int, datetime] = {}
        self.suppressed: list[Suppressed] = []
        self.passed: list[tuple[Address, Passed]] = []
        self.gone: set[int] = set()

    # what happens

    def tick(self, by: timedelta = timedelta(seconds=1)) -> None:
        self.now += by

    def arrive(self, addresses: Collection[str]) -> int:
        contact = self.new_contact(addresses)
        self.created[contact] = self.now
        self.home[contact] = self.place[contact] = self.new_profile(contact)
        self.held += [(contact, ("email", each), self.now) for each in addresses]
        return contact

    def say(
        self, contact: int, address: str, purpose: str, state: str, grade: str, ago: timedelta = timedelta()
    ) -> None:
        at = min(self.now - ago, self.now)
        said = Said(self.next_said(), contact, "email", address, purpose, state, at, self.now, grade)
        self.keep(said)

    def keep(self, said: Said) -> None:
        self.said.append(said)

    def stop(self, profile: int, kind: str) -> None:
        for contact in self.members(profile):
            self.keep_stop(Stop(self.next_stop(), contact, kind, self.now, self.now))

    def keep_stop(self, stop: Stop) -> None:
        self.stops.append(stop)

    def lift(self, profile: int) -> None:
        for stop in self.stops:
            if self.place.get(stop.contact_id) == profile:
                self.lifted.setdefault(stop.id, self.now)

    def silence(self, address: str, reason: str, ago: timedelta = timedelta()) -> None:
        self.suppressed.append(Suppressed(address, "email", reason, self.now - ago, self.now))

    def merge(self, one: int, other: int) -> None:
        """The profile `other` becomes part of `one`."""
        self.move(self.members(other), one)

    def split(self, contacts: Collection[int], profile: int) -> None:
        """These leave the profile for the first one each of them was in, or the first of theirs that is free."""
        stayed = [each for each in self.members(profile) if each not in contacts]
        since = self.together_since(profile, [sorted(contacts), stayed])
        free = [
            self.home[each] for each in contacts if self.home[each] != profile and not self.members(self.home[each])
        ]
        self.move(contacts, min(free) if free else self.new_profile(None))
        self.put_right([sorted(contacts), stayed], since)

    def put_right(self, sides: list[list[int]], since: datetime) -> None:
        live = [each for each in self.stops if each.id not in self.lifted]
        stops = [each for each in live if any(each.contact_id in side for side in sides)]
        for stop, contact in parting.missing_stops(stops, sides, since):
            self.keep_stop(replace(stop, id=self.next_stop(), contact_id=contact, recorded_at=self.now))
        holding: defaultdict[Address, set[int]] = defaultdict(set)
        for contact, address, _ in self.held:
            holding[address].add(contact)
        void = {each.invalidates_id for each in self.said}
        for act in parting.ambiguous(self.said, holding, sides, since):
            if act.id not in void:
                self.keep(replace(act, id=self.next_said(), state="invalidated", occurred_at=self.now,
                                  recorded_at=self.now, evidence_grade="C", invalidates_id=act.id))  # fmt: skip

    def together_since(self, profile: int, sides: list[list[int]]) -> datetime:
        came = [at for at, _, _, new in self.moves if new == profile and at < self.now]
        return max(came) if came else max(min(self.created[each] for each in side) for side in sides)

    def pass_on(self, address: str, to: int | None, ago: timedelta = timedelta()) -> None:
        since = self.now - ago
        if all(old.since < since for each, old in self.passed if each == ("email", address)):
            self.passed.append((("email", address), Passed(since, self.now, to)))

    def erase(self, profile: int) -> None:
        """The person: each of their records."""
        members = self.members(profile)
        addresses = {normal for who, (_, normal), _ in self.held if who in members}
        quiet = (
            any(each.contact_id in members and each.id not in self.lifted for each in self.stops)
            or any(each.normal in addresses and each.reason == "unsubscribed" for each in self.suppressed)
            or any(
                each.identifier_normal in addresses and each.state in REFUSALS
                and not purpose_of(each.purpose).asks_consent
                for each in self.said
            )
        )  # fmt: skip
        for address in sorted(addresses):
            self.silence(address, "unsubscribed" if quiet else "forgotten")
        for said in [each for each in self.said if each.contact_id in members and each.state in REFUSALS]:
            address = (said.identifier_kind, said.identifier_normal)
            heirs = [who for who, held, _ in self.held if held == address and who not in members]
            if heirs and purpose_of(said.purpose).scope == "person":
                self.keep(replace(said, id=self.next_said(), contact_id=min(heirs), recorded_at=self.now))
        for contact in members:
            self.forget(contact)

    def forget(self, contact: int) -> None:
        self.gone.add(contact)
        self.said = [each for each in self.said if each.contact_id != contact]
        self.stops = [each for each in self.stops if each.contact_id != contact]
        self.held = [each for each in self.held if each[0] != contact]
        self.moves = [each for each in self.moves if each[1] != contact]
        self.passed = [(each, old._replace(to=None) if old.to == contact else old) for each, old in self.passed]
        for known in (self.created, self.home, self.place):
            known.pop(contact, None)

    # numbers, which a database gives itself

    def new_contact(self, addresses: Collection[str]) -> int:
        return max([*self.created, 0, *self.gone]) + 1

    def new_profile(self, contact: int | None) -> int:
        return max([0, *self.home.values(), *self.place.values(), *(new for *_, new in self.moves)]) + 1

    def next_said(self) -> int:
        return (len(self.said) and self.said[-1].id + 1) or 1

    def next_stop(self) -> int:
        return (len(self.stops) and self.stops[-1].id + 1) or 1

    def members(self, profile: int) -> list[int]:
        return [each for each, where in self.place.items() if where == profile]

    def move(self, contacts: Iterable[int], to: int) -> None:
        for contact in list(contacts):
            self.moves.append((self.now, contact, self.place[contact], to))
            self.place[contact] = to

    # what is known of it

    def known(self, *, at: datetime | None = None, until: datetime | None = None, alone: bool = False) -> Known:
        """Replayed from the beginning: what was recorded until then; `alone`: as if nobody had ever been merged."""
        until, at = until or self.now, at or self.now
        place = self._place(until, alone)
        stated: defaultdict[Key, list[Said]] = defaultdict(list)
        for each in self.said:
            if each.recorded_at <= until:
                stated[each.identifier_kind, each.identifier_normal, each.purpose, each.channel].append(each)
        stops: defaultdict[int, list[Stop]] = defaultdict(list)
        for stop in self.stops:
            lifted = self.lifted.get(stop.id, until + timedelta(1)) <= min(at, until)
            if stop.recorded_at <= until and not lifted and stop.contact_id in place:
                stops[place[stop.contact_id]].append(stop)
        suppressed: defaultdict[str, list[Suppressed]] = defaultdict(list)
        for one in self.suppressed:
            if one.recorded_at <= until:
                suppressed[one.normal].append(one)
        holders: defaultdict[Address, list[Holder]] = defaultdict(list)
        for contact, address, since in self.held:
            if contact in place and since <= at:
                holders[address].append(Holder(contact, since))
        passed = {each: old for each, old in self.passed if old.noted_at <= until and old.since <= at}
        return Known(
            profile_of=place, people=self._people(place, holders, until, [] if alone else self.moves), holders=holders,
            stated=stated, suppressed=suppressed, stops=stops, passed=passed, purpose=purpose_of,
        )  # fmt: skip

    def questions(self, addresses: Iterable[str] = ()) -> list[Question]:
        """One per purpose for everybody who holds an address, and for `addresses` nobody holds (now)."""
        holding: list[tuple[int | None, Any, str]] = [(contact, *address) for contact, address, _ in self.held]
        last = dict(self.passed)
        free = set(addresses) - {
            normal
            for contact, (kind, normal), since in self.held
            if (old := last.get((kind, normal))) is None or contact == old.to or since >= old.since
        }
        holding += [(None, "email", each) for each in sorted(free)]
        return [Question(*each, purpose, "email") for each in holding for purpose in PURPOSES]

    def permitted(self, addresses: Iterable[str], *, alone: bool = False) -> set[Key]:
        """The addresses, purposes and channels that somebody may be reached by, caution about likely links left out: it
        only narrows, and ends when the link is confirmed."""
        known = self.known(alone=alone)
        verdicts = ((each, judge(each, known, now=self.now)) for each in self.questions(addresses))
        return {each[1:] for each, said in verdicts if said.permitted or said.reason == "unconfirmed_link"}

    def _place(self, until: datetime, alone: bool) -> dict[int, int]:
        born = [each for each, created in self.created.items() if created <= until]
        place = {each: each if alone else self.home[each] for each in born}
        if not alone:
            place |= {contact: new for at, contact, _, new in self.moves if at <= until and contact in place}
        return place

    def _people(
        self, place: dict[int, int], holders: dict[Address, list[Holder]], until: datetime, moves: Sequence[Any]
    ) -> dict[int, Person]:
        of: defaultdict[int, list[int]] = defaultdict(list)
        for contact, profile in sorted(place.items()):
            of[profile].append(contact)
        people = {}
        for profile, contacts in of.items():
            came = [at for at, _, _, new in moves if new == profile and at <= until]
            addresses = {
                each: [address for address, held in holders.items() if any(one.contact_id == each for one in held)]
                for each in contacts
            }
            people[profile] = Person(
                homes={each: self.home[each] for each in contacts}, sure=_together(addresses) if len(contacts) > 1 else {},
                addresses=addresses, joined_at=max(came, default=None),
            )  # fmt: skip
        return people


def _together(addresses: dict[int, list[Address]]) -> dict[int, int]:
    """Contacts that share an address, directly or by a third, carry the same label."""
    label = {each: each for each in addresses}
    for _ in addresses:
        for one, ones in addresses.items():
            for other, others in addresses.items():
                if set(ones) & set(others):
                    label[one] = label[other] = min(label[one], label[other])
    return label

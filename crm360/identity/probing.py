"""Who would this be? Data of a person nobody recorded, held against the whole base; nothing is stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from crm360.facts import ContactRef, ContactSeen, Identifier
from crm360.identity import folding, guards, in_force, judging, partition, repartition, ruling
from crm360.identity.compared import compared_form
from crm360.identity.models import Contact
from crm360.identity.small_table import SmallTable
from crm360.identity.thresholds import Thresholds, thresholds
from crm360.kernel.db import db

#: Contacts count from 1, so this is nobody's.
_NOBODY = 0
#: Bits the fields compared must say for one person, or nobody would see a likeness.
_WORTH = 10.0
_NEVER = ContactRef("", "")
#: Of equal pairs those that are there come first.
_LAST = ("\U0010ffff", "")
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)

Form = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Likeness:
    """A profile the data may belong to, by the most alike of its contacts.

    `weight` in bits. `verdict`: join, review, apart, or conflict with the reason in `conflict`. A pair above the
    joining line whose profile as a whole speaks against it is for review, as it would be on arrival.
    """

    profile_id: int
    contact_id: int
    weight: float
    verdict: str
    conflict: str
    evidence: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Probed:
    """The answer: `likely` most alike first; `weak_keys` of the data that belong to too many to be looked up by.

    `model` is the name of the one that says so; `unreadable`: kinds of identifiers given in a form that holds none.
    """

    model: str
    thresholds: Thresholds
    likely: list[Likeness]
    weak_keys: list[str]
    unreadable: list[str]

    @property
    def profile_id(self) -> int | None:
        """The profile a contact with this data would join; None when it would be a customer of its own."""
        return next((each.profile_id for each in self.likely if each.verdict == "join"), None)


class _Near(NamedTuple):
    contact_id: int
    profile_id: int
    weight: float
    barred: bool
    said: float


def probe(
    *, fields: Mapping[str, str], identifiers: Sequence[Identifier], region: str = "PL", limit: int = 10
) -> Probed:
    """The `limit` profiles most like the data, which is read, looked up and compared as that of an arriving contact.

    `fields` by the names of facts.CONTACT_FIELDS; `region` (ISO alpha-2): how national phone numbers are read.
    """
    form, unreadable = _read(fields, identifiers, region)
    now = in_force.current()
    known = judging.Known(now.judge)
    known.forms[_NOBODY] = form
    near, table = _near(known)
    joins = _joins(near, known)
    nearest = _best(near)[:limit]
    members = _members([each.profile_id for each in nearest])
    likely = [
        _likeness(form, each, members[each.profile_id], table, joined=each.profile_id in joins) for each in nearest
    ]
    weak = known.weak(judging.identifier_keys(form))
    return Probed(now.name, thresholds(), likely, sorted(weak), unreadable)


def _read(fields: Mapping[str, str], identifiers: Sequence[Identifier], region: str) -> tuple[Form, list[str]]:
    seen = ContactSeen(ref=_NEVER, occurred_at=_ANY_TIME, fields=fields, identifiers=tuple(identifiers))
    state = folding.fold(None, [seen], region=region)
    unreadable = sorted(name.removeprefix("unreadable_") for name in state.attributes)
    blocked = ruling.blocked(f"{kind}:{normal}" for kind, normal in state.identifiers)
    return compared_form(state.fields, state.identifiers, names=state.names, blocked=blocked), unreadable


def _near(known: judging.Known) -> tuple[list[_Near], SmallTable]:
    """Every contact that shares a block with the data, as it would be with one more in it."""
    keys, found = known.keys(_NOBODY), set[int]()
    known.blocks.read(keys)
    dead = known.dead([_NOBODY])
    for key, rule in keys.items():
        if key in dead:
            continue
        members = known.blocks.members(key)
        if len(members) < rule.limit:
            found |= members
    homes = select(Contact.id, Contact.profile_id).where(Contact.id.in_(sorted(found)), Contact.profile_id.is_not(None))
    profiles = dict(tuple(row) for row in db.session.execute(homes)) if found else {}
    table = known.table({_NOBODY, *profiles}, among=[_NOBODY])
    judged = table.judge([(_NOBODY, contact) for contact in profiles])
    weighed = zip(judged.weights.tolist(), judged.barred.tolist(), judged.weighed.fields.tolist(), strict=True)
    near = [_Near(contact, home, *told) for (contact, home), told in zip(profiles.items(), weighed, strict=True)]
    return [each for each in near if each.said >= _WORTH], table


def _best(near: Iterable[_Near]) -> list[_Near]:
    """Each profile's most alike contact, most alike first."""
    best: dict[int, _Near] = {}
    for each in sorted(near, key=lambda each: (-each.weight, each.contact_id)):
        best.setdefault(each.profile_id, each)
    return list(best.values())


def _joins(near: Iterable[_Near], known: judging.Known) -> set[int]:
    """Profiles of the contacts the data would be one person with: its component is parted as on arrival."""
    join = known.judge.model.join
    strong = [
        partition.Pair(_NOBODY, each.contact_id, each.weight)
        for each in near
        if each.weight >= join and not each.barred
    ]
    if not strong:
        return set()
    found = repartition.closure({pair.right for pair in strong}, join)
    rows, contacts = found.rows, {contact for group in found.groups for contact in group}
    keys = {_NOBODY: _LAST, **{contact: (rows[contact].source, rows[contact].external_id) for contact in contacts}}
    persons = repartition.persons_of(keys, [*strong, *found.pairs], found.links, known, ruling.limits_in_force())
    mine = next(person for person in persons if _NOBODY in person)
    return {profile for contact in mine - {_NOBODY} if (profile := rows[contact].profile_id) is not None}


def _members(profiles: Iterable[int]) -> dict[int, dict[int, Form]]:
    """profile id → contact id → compared form, visitors left out."""
    query = select(Contact.profile_id, Contact.id, Contact.compared).where(
        Contact.profile_id.in_(sorted(profiles)), Contact.anonymous.is_(False)
    )
    found: dict[int, dict[int, Form]] = {}
    for profile, contact, compared in db.session.execute(query):
        found.setdefault(profile, {})[contact] = compared
    return found


def _likeness(form: Form, near: _Near, members: Mapping[int, Form], table: SmallTable, *, joined: bool) -> Likeness:
    kinds = guards.hard(table.judge_model.conflicts)
    reasons = (guards.conflict(form, member, kinds) for _, member in sorted(members.items()))
    conflict = next((reason for reason in reasons if reason), "")
    asked = "review" if near.weight >= table.judge_model.review else "apart"
    verdict = "join" if joined else "conflict" if conflict else asked
    pair = [(_NOBODY, near.contact_id)]
    evidence = table.evidence(pair, table.judge(pair))[0]
    return Likeness(near.profile_id, near.contact_id, near.weight, verdict, conflict, evidence)

"""Who would this be? Data of a person nobody recorded, held against the whole base; nothing is stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from crm360.facts import ContactRef, ContactSeen, Identifier
from crm360.identity import blocking, comparing, folding, guards, limits, ruling, scoring, weakness, whole
from crm360.identity.compared import compared_form
from crm360.identity.models import BlockingKey, Contact
from crm360.kernel.db import db

#: Contacts count from 1, so this is nobody's.
_NOBODY = 0
_NEVER = ContactRef("", "")
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

    `unreadable`: kinds of identifiers given in a form that holds none.
    """

    model: scoring.Model
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
    score: scoring.Score


def probe(
    *, fields: Mapping[str, str], identifiers: Sequence[Identifier], region: str = "PL", limit: int = 10
) -> Probed:
    """The `limit` profiles most like the data, which is read, looked up and compared as that of an arriving contact.

    `fields` by the names of facts.CONTACT_FIELDS; `region` (ISO alpha-2): how national phone numbers are read.
    """
    form, unreadable = _read(fields, identifiers, region)
    model, keys = scoring.current_model(), blocking.keys(form)
    weak = frozenset(weakness.known_weak(keys))
    nearest = _nearest(form, keys - weak, weak, model)[:limit]
    members = _members([near.profile_id for near in nearest])
    most = ruling.limits_in_force() if nearest else {}
    likely = [_likeness(form, near, members[near.profile_id], weak, model, most) for near in nearest]
    return Probed(model, likely, sorted(weak), unreadable)


def _read(fields: Mapping[str, str], identifiers: Sequence[Identifier], region: str) -> tuple[Form, list[str]]:
    seen = ContactSeen(ref=_NEVER, occurred_at=_ANY_TIME, fields=fields, identifiers=tuple(identifiers))
    state = folding.fold(None, [seen], region=region)
    unreadable = sorted(name.removeprefix("unreadable_") for name in state.attributes)
    blocked = ruling.blocked(f"{kind}:{normal}" for kind, normal in state.identifiers)
    return compared_form(state.fields, state.identifiers, names=state.names, blocked=blocked), unreadable


def _nearest(form: Form, live: frozenset[str], weak: frozenset[str], model: scoring.Model) -> list[_Near]:
    """Each profile's most alike contact among those that share a live key, most alike first."""
    carriers = select(BlockingKey.contact_id).where(BlockingKey.key.in_(sorted(live)))
    query = select(Contact.id, Contact.profile_id, Contact.compared).where(
        Contact.id.in_(carriers), Contact.profile_id.is_not(None)
    )
    best: dict[int, _Near] = {}
    for contact, profile, compared in db.session.execute(query) if live else ():
        near = _Near(
            contact, profile or 0, scoring.score(comparing.compare(form, compared, comparing.by_kind(weak)), model)
        )
        if near.profile_id not in best or _rank(near) < _rank(best[near.profile_id]):
            best[near.profile_id] = near
    return sorted(best.values(), key=_rank)


def _rank(near: _Near) -> tuple[float, int]:
    return -near.score.weight, near.contact_id


def _members(profiles: Iterable[int]) -> dict[int, dict[int, Form]]:
    """profile id → contact id → compared form, visitors left out."""
    query = select(Contact.profile_id, Contact.id, Contact.compared).where(
        Contact.profile_id.in_(sorted(profiles)), Contact.anonymous.is_(False)
    )
    found: dict[int, dict[int, Form]] = {}
    for profile, contact, compared in db.session.execute(query):
        found.setdefault(profile, {})[contact] = compared
    return found


def _likeness(
    form: Form,
    near: _Near,
    members: Mapping[int, Form],
    weak: frozenset[str],
    model: scoring.Model,
    most: Mapping[str, int],
) -> Likeness:
    score = near.score
    reasons = (guards.conflict(form, member) for _, member in sorted(members.items()))
    conflict = next((reason for reason in reasons if reason), "")
    verdict = "conflict" if conflict else "review" if score.weight >= model.review else "apart"
    fits = limits.excess([_NOBODY], members, {**members, _NOBODY: form}, most) is None
    if not conflict and score.weight >= model.join and fits and _agree(form, members, weak, model):
        verdict = "join"
    return Likeness(near.profile_id, near.contact_id, score.weight, verdict, conflict, score.as_json())


def _agree(form: Form, members: Mapping[int, Form], weak: frozenset[str], model: scoring.Model) -> bool:
    """Whether all the profile's contacts taken together speak for it, as clustering asks."""
    opinion = whole.opinion({**members, _NOBODY: form}, weak, model)
    said = [opinion(_NOBODY, member) for member in members]
    return None not in said and sum(weight or 0.0 for weight in said) > 0

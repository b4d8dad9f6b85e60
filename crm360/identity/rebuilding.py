"""Stored = recomputed: the whole partition computed anew and held against the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import exists, select

from crm360.identity import in_force, partition, ruling, whole
from crm360.identity.compared import compared_form
from crm360.identity.folding import names_of
from crm360.identity.models import Contact, ContactIdentifier, DecisionLink, DecisionUndone, Edge, WeakValue
from crm360.kernel.db import db

_PAGE = 5_000


class Difference(NamedTuple):
    """A person as recomputed who is stored otherwise: their contacts, and the profiles these are in now."""

    contact_ids: tuple[int, ...]
    profile_ids: tuple[int | None, ...]


class Rebuilt(NamedTuple):
    """What the comparison found. `stale_forms`: contacts whose compared form is not what their fields give.

    `stale_pairs`: how many weighed pairs are stored otherwise, `stale_values` how many values of many, by key.
    """

    contacts: int
    persons: int
    stale_forms: tuple[int, ...]
    differences: tuple[Difference, ...]
    stale_pairs: int
    stale_values: tuple[str, ...]

    @property
    def in_order(self) -> bool:
        return not (self.stale_forms or self.differences or self.stale_pairs or self.stale_values)


class Loaded(NamedTuple):
    """Everything the partition depends on, and what is stored: contact → profile, contact → its first profile.

    `stale`: contacts whose stored form is not what their fields give; `together`: profile → its contacts.
    """

    base: whole.Base
    stored: dict[int, int | None]
    homes: dict[int, int | None]
    stale: list[int]
    together: dict[int, set[int]]


def rebuild() -> Rebuilt:
    """Recompute every compared form and the whole partition; reports what the database holds otherwise. Writes nothing."""
    loaded = load()
    found = whole.outcome(loaded.base, in_force.current().judge)
    return Rebuilt(
        len(loaded.stored), len(found.persons), tuple(loaded.stale), tuple(_differences(found.persons, loaded)),
        len(_stored_pairs() ^ {(one, other, weight, barred) for one, other, weight, barred in found.pairs}),
        tuple(sorted(_stored_values() ^ {f"{kind}:{value}" for kind, values in found.shared.items() for value in values})),
    )  # fmt: skip


def load() -> Loaded:
    """Read everything the partition depends on."""
    forms, keys, devices, stale = {}, {}, {}, []
    stored: dict[int, int | None] = {}
    homes: dict[int, int | None] = {}
    together: dict[int, set[int]] = {}
    found, blocked = _identifiers(), ruling.blocked()
    columns = (
        Contact.id,
        Contact.source,
        Contact.external_id,
        Contact.anonymous,
        Contact.fields,
        Contact.compared,
        Contact.profile_id,
        Contact.home_profile_id,
    )
    for row in db.session.execute(select(*columns).order_by(Contact.id).execution_options(yield_per=_PAGE)):
        held = found.get(row.id, [])
        form = compared_form(row.fields, held, names=names_of(row.compared), anonymous=row.anonymous, blocked=blocked)
        if form != row.compared:
            stale.append(row.id)
        forms[row.id], keys[row.id] = form, (row.source, row.external_id)
        stored[row.id], homes[row.id] = row.profile_id, row.home_profile_id
        if row.profile_id is not None:
            together.setdefault(row.profile_id, set()).add(row.id)
        if own := [normal for kind, normal in held if kind == "device"]:
            devices[row.id] = own
    base = whole.Base(forms, keys, devices, _links(), ruling.limits_in_force(), ruling.personal())
    return Loaded(base, stored, homes, stale, together)


def differs(person: frozenset[int], loaded: Loaded) -> bool:
    """Whether the contacts of a person are stored as anything but one profile of their own."""
    profiles = {loaded.stored[contact] for contact in person}
    if len(profiles) > 1:
        return True
    only = next(iter(profiles))
    if only is None:  # visitors nobody names stand alone
        return len(person) > 1 or not all(loaded.base.forms[contact].get("anonymous") for contact in person)
    return loaded.together[only] != person


def _stored_pairs() -> set[tuple[int, int, float, bool]]:
    query = select(Edge.left_id, Edge.right_id, Edge.weight, Edge.barred).execution_options(yield_per=_PAGE)
    return {(left, right, weight, barred) for left, right, weight, barred in db.session.execute(query)}


def _stored_values() -> set[str]:
    return set(db.session.scalars(select(WeakValue.key)))


def _identifiers() -> dict[int, list[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = {}
    columns = (ContactIdentifier.contact_id, ContactIdentifier.kind, ContactIdentifier.normal)
    for contact, kind, normal in db.session.execute(select(*columns).execution_options(yield_per=_PAGE)):
        found.setdefault(contact, []).append((kind, normal))
    return found


def _links() -> list[partition.Link]:
    undone = exists().where(DecisionUndone.decision_id == DecisionLink.decision_id)
    columns = (DecisionLink.decision_id, DecisionLink.left_id, DecisionLink.right_id, DecisionLink.same)
    return [partition.Link(*row) for row in db.session.execute(select(*columns).where(~undone))]


def _differences(persons: Iterable[frozenset[int]], loaded: Loaded) -> Iterator[Difference]:
    for person in persons:
        if differs(person, loaded):
            profiles = {loaded.stored[contact] for contact in person}
            yield Difference(tuple(sorted(person)), tuple(sorted(profiles, key=lambda p: p or 0)))

"""Stored = recomputed: the whole partition computed anew and held against the database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import exists, select

from crm360.identity import partition, ruling, whole
from crm360.identity.compared import compared_form
from crm360.identity.folding import names_of
from crm360.identity.models import Contact, ContactIdentifier, DecisionLink, DecisionUndone
from crm360.kernel.db import db

_PAGE = 5_000


class Difference(NamedTuple):
    """A person as recomputed who is stored otherwise: their contacts, and the profiles these are in now."""

    contact_ids: tuple[int, ...]
    profile_ids: tuple[int | None, ...]


class Rebuilt(NamedTuple):
    """What the comparison found. `stale_forms`: contacts whose compared form is not what their fields give."""

    contacts: int
    persons: int
    stale_forms: tuple[int, ...]
    differences: tuple[Difference, ...]


def rebuild() -> Rebuilt:
    """Recompute every compared form and the whole partition; reports what the database holds otherwise. Writes nothing."""
    base, stored, stale = load()
    persons = whole.persons(base)
    return Rebuilt(len(stored), len(persons), tuple(stale), tuple(_differences(persons, stored)))


def load() -> tuple[whole.Base, dict[int, int | None], list[int]]:
    """Everything the partition depends on; contact → profile as stored; contacts whose stored form is stale."""
    forms, keys, devices, stored, stale = {}, {}, {}, {}, []
    found, blocked = _identifiers(), ruling.blocked()
    columns = (
        Contact.id,
        Contact.source,
        Contact.external_id,
        Contact.anonymous,
        Contact.fields,
        Contact.compared,
        Contact.profile_id,
    )
    for row in db.session.execute(select(*columns).order_by(Contact.id).execution_options(yield_per=_PAGE)):
        held = found.get(row.id, [])
        form = compared_form(row.fields, held, names=names_of(row.compared), anonymous=row.anonymous, blocked=blocked)
        if form != row.compared:
            stale.append(row.id)
        forms[row.id], keys[row.id], stored[row.id] = form, (row.source, row.external_id), row.profile_id
        devices[row.id] = [normal for kind, normal in held if kind == "device"]
    base = whole.Base(forms, keys, devices, _links(), ruling.limits_in_force(), ruling.personal())
    return base, stored, stale


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


def _differences(persons: list[frozenset[int]], stored: dict[int, int | None]) -> Iterator[Difference]:
    together: dict[int, set[int]] = {}
    for contact, profile in stored.items():
        if profile is not None:
            together.setdefault(profile, set()).add(contact)
    for person in persons:
        profiles = {stored[contact] for contact in person}
        only = next(iter(profiles))
        alone = only is None and len(person) == 1
        if len(profiles) > 1 or not (alone or (only is not None and together[only] == person)):
            yield Difference(tuple(sorted(person)), tuple(sorted(profiles, key=lambda p: p or 0)))

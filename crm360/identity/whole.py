"""The whole partition computed at once from compared contacts and decisions: the definition the database must agree with.

Pure. It is the batch engine on the contacts' compared forms. The online path reaches the same result step by step;
`flask identity rebuild` and the property tests hold one against the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from crm360.identity import comparing, limits, partition, shipped
from crm360.identity.engine import forms, resolution, sharing
from crm360.identity.engine.judging import Judge
from crm360.identity.engine.resolution import Progress
from crm360.identity.engine.table import Column


class Base(NamedTuple):
    """Everything the partition depends on. `keys`: contact → its own stable key; `devices`: contact → device ids.

    `limits`: kind → how many a profile collects; `personal`: identifier keys that staff call one person's own. Blocked
    values are not in the forms.
    """

    forms: Mapping[int, Mapping[str, Any]]
    keys: Mapping[int, partition.StableKey]
    devices: Mapping[int, Sequence[str]]
    links: Sequence[partition.Link]
    limits: Mapping[str, int] = limits.DEFAULTS
    personal: frozenset[str] = frozenset()


class Outcome(NamedTuple):
    """`persons`: disjoint sets of contacts, visitors nobody names alone; `held`: pairs of two persons worth a review.

    `pairs`: every pair worth keeping, those that join included; `shared`: by kind the values of many.
    """

    persons: list[frozenset[int]]
    held: list[partition.Pair]
    pairs: list[partition.Pair]
    shared: Mapping[str, frozenset[str]]
    #: the named contacts as a table, in order of their ids
    columns: Mapping[str, Column]


def persons(base: Base, judge: Judge | None = None) -> list[frozenset[int]]:
    """Disjoint sets of contacts, one per person, by a model (the shipped one by default)."""
    return outcome(base, judge).persons


def outcome(base: Base, judge: Judge | None = None, progress: Progress = lambda step: None) -> Outcome:
    """Who is who, and which pairs would wait for a person's answer."""
    judge = judge or shipped.judge()
    contacts = sorted(contact for contact, form in base.forms.items() if not form.get("anonymous"))
    listed = [base.forms[contact] for contact in contacts]
    columns = forms.columns(listed)
    shared = {
        kind: frozenset(value for value in values if f"{kind}:{value}" not in base.personal)
        for kind, values in sharing.shared(forms.with_names(columns, listed)).items()
    }
    place = {contact: at for at, contact in enumerate(contacts)}
    links = [
        link._replace(left=place[link.left], right=place[link.right])
        for link in base.links
        if link.left in place and link.right in place
    ]
    rank = resolution.by_key([base.keys[contact] for contact in contacts])
    found = resolution.outcome(
        columns, len(contacts), judge, {**shared, comparing.OWN: comparing.own_mailboxes(base.personal)}, rank=rank, links=links, most=base.limits,
        progress=progress,
    )  # fmt: skip
    labels = found.labels.tolist()
    groups: dict[int, set[int]] = {}
    for contact, label in zip(contacts, labels, strict=True):
        groups.setdefault(label, set()).add(contact)
    named = [frozenset(group) for group in groups.values()]
    kept = found.judged.weights >= judge.model.review
    pairs = [
        partition.Pair(contacts[left], contacts[right], weight, barred)
        for left, right, weight, barred in zip(
            found.left[kept].tolist(),
            found.right[kept].tolist(),
            found.judged.weights[kept].tolist(),
            found.judged.barred[kept].tolist(),
            strict=True,
        )
    ]
    held = [pair for pair in pairs if labels[place[pair.left]] != labels[place[pair.right]]]
    return Outcome(_with_visitors(named, base), held, pairs, shared, columns)


def _with_visitors(named: list[frozenset[int]], base: Base) -> list[frozenset[int]]:
    """Each anonymous contact joins the one person all named contacts on its devices belong to, else stays alone."""
    person_of = {contact: number for number, person in enumerate(named) for contact in person}
    on_device: dict[str, set[int]] = {}
    for contact, devices in base.devices.items():
        if contact in person_of:
            for device in devices:
                on_device.setdefault(device, set()).add(person_of[contact])
    groups = [set(person) for person in named]
    for contact in sorted(base.forms.keys() - person_of.keys()):
        owners = {owner for device in base.devices.get(contact, ()) for owner in on_device.get(device, ())}
        if len(owners) == 1:
            groups[owners.pop()].add(contact)
        else:
            groups.append({contact})
    return [frozenset(group) for group in groups]

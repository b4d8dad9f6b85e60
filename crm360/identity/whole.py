"""The whole partition computed at once from compared contacts and decisions: the definition the database must agree with.

Pure. The online path reaches the same result step by step; `flask identity rebuild` and the property tests hold one
against the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from crm360.identity import blocking, comparing, guards, limits, partition, scoring
from crm360.identity.compared import NAMES_KEPT
from crm360.identity.folding import names_of


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
    """`persons`: disjoint sets of contacts, visitors nobody names alone; `held`: pairs of two persons worth a review."""

    persons: list[frozenset[int]]
    held: list[partition.Pair]


def persons(base: Base, model: scoring.Model | None = None) -> list[frozenset[int]]:
    """Disjoint sets of contacts, one per person, by `model` (the one in force by default)."""
    return outcome(base, model).persons


def outcome(base: Base, model: scoring.Model | None = None) -> Outcome:
    """Who is who by `model`, and which pairs would wait for a person's answer."""
    model = model or scoring.current_model()
    blocks = _blocks(base.forms)
    weak = _weak(blocks, base.forms) - base.personal
    pairs = _reviewable(_candidates(blocks, weak), base.forms, weak, model)
    joining = [pair for pair in pairs if pair.weight >= model.join]
    groups = _components(base, joining)
    home = {contact: number for number, group in enumerate(groups) for contact in group}
    inside: dict[int, list[partition.Pair]] = {}
    for pair in joining:
        inside.setdefault(home[pair.left], []).append(pair)
    known, fits = opinion(base.forms, weak, model), limits.fitting(base.forms, base.limits)
    named = [
        person
        for number, group in enumerate(groups)
        for person in partition.cluster(
            {c: base.keys[c] for c in group}, inside.get(number, []), base.links if len(group) > 1 else (), known, fits
        )
    ]
    return Outcome(_with_visitors(named, base), _held(pairs, named))


def _blocks(forms: Mapping[int, Mapping[str, Any]]) -> dict[str, list[int]]:
    blocks: dict[str, list[int]] = {}
    for contact, form in forms.items():
        for key in blocking.keys(form):
            blocks.setdefault(key, []).append(contact)
    return blocks


def _weak(blocks: Mapping[str, Sequence[int]], forms: Mapping[int, Mapping[str, Any]]) -> frozenset[str]:
    return frozenset(key for key, members in blocks.items() if _is_weak(key, members, forms))


def _is_weak(key: str, members: Sequence[int], forms: Mapping[int, Mapping[str, Any]]) -> bool:
    if len(members) > blocking.limit(key):
        return True
    if not blocking.is_identifier_key(key) or key.startswith("national_id:"):
        return False
    names = [names_of(forms[member]) for member in members]
    crowded = any(len(seen) >= NAMES_KEPT for seen in names)
    return crowded or guards.distinct_people(name for seen in names for name in seen) >= guards.SHARED_FROM


def _candidates(blocks: Mapping[str, Sequence[int]], weak: frozenset[str]) -> set[tuple[int, int]]:
    return {
        pair for key, members in blocks.items() if key not in weak for pair in combinations(sorted(members), 2)
    }  # fmt: skip


def _reviewable(
    candidates: Iterable[tuple[int, int]],
    forms: Mapping[int, Mapping[str, Any]],
    weak: frozenset[str],
    model: scoring.Model,
) -> list[partition.Pair]:
    shared = comparing.by_kind(weak)
    scored = (
        partition.Pair(a, b, scoring.score(comparing.compare(forms[a], forms[b], shared), model).weight)
        for a, b in sorted(candidates)
    )
    return [pair for pair in scored if pair.weight >= model.review]


def _held(pairs: Iterable[partition.Pair], named: Sequence[frozenset[int]]) -> list[partition.Pair]:
    person_of = {contact: number for number, person in enumerate(named) for contact in person}
    return [pair for pair in pairs if person_of[pair.left] != person_of[pair.right]]


def _components(base: Base, pairs: Sequence[partition.Pair]) -> list[set[int]]:
    near: dict[int, list[tuple[int, int]]] = {}
    for left, right in [(p.left, p.right) for p in pairs] + [(x.left, x.right) for x in base.links if x.same]:
        near.setdefault(left, []).append((left, right))
        near.setdefault(right, []).append((left, right))
    named = [contact for contact, form in base.forms.items() if not form.get("anonymous")]
    return partition.components(named, lambda frontier: [pair for c in frontier for pair in near.get(c, ())])


def opinion(forms: Mapping[int, Mapping[str, Any]], weak: frozenset[str], model: scoring.Model) -> partition.Opinion:
    """What is known of any pair of contacts (see partition.Opinion)."""

    shared = comparing.by_kind(weak)

    def of(left: int, right: int) -> float | None:
        if guards.conflict(forms[left], forms[right]):
            return None
        score = scoring.score(comparing.compare(forms[left], forms[right], shared), model)
        if score.capped:
            return model.cap.against
        return score.weight if score.weight >= model.review else scoring.contradiction(score)

    return of


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

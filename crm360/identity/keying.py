"""Blocking keys kept true to the contacts; and whose pairs must be looked at anew because a block grew too large, or shrank."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from crm360.identity.judging import Form, Known


class Crossed(NamedTuple):
    """Blocks that crossed their limit. `shrunk`: contacts of those that propose pairs again; `full`: blocks that stopped."""

    shrunk: set[int]
    full: list[set[int]]


def follow(changed: set[int], before: Mapping[int, Form], known: Known, *, gone: Mapping[int, Form]) -> Crossed:
    """Write the keys that `changed` contacts gained and lost.

    `before`: the forms contacts had; one without any is new. `gone`: forms of contacts that are no more, nor their keys.
    A block that is too large proposes nobody, in either direction: pairs that leaned on it alone are looked at again.
    """
    gained: dict[int, set[int]] = {}
    lost: dict[int, set[int]] = {}
    limits: dict[int, int] = {}
    for contact in changed:
        new = known.keys(contact)
        old = known.keys_of(before[contact]) if contact in before else {}
        limits.update((key, rule.limit) for key, rule in ({**old, **new}).items())
        for key in new.keys() - old.keys():
            gained.setdefault(key, set()).add(contact)
        for key in old.keys() - new.keys():
            lost.setdefault(key, set()).add(contact)
    went: dict[int, set[int]] = {}
    for contact, form in gone.items():
        for key, rule in known.keys_of(form).items():
            limits[key] = rule.limit
            went.setdefault(key, set()).add(contact)
    known.blocks.read(limits)
    touched = gained.keys() | lost.keys() | went.keys()
    were = {key: known.blocks.members(key) | went.get(key, set()) for key in touched}
    known.blocks.change(gained, lost)
    crossed = Crossed(set(), [])
    for key in touched:
        now, fitted = known.blocks.members(key), len(were[key]) <= limits[key]
        if fitted and len(now) > limits[key]:
            crossed.full.append(were[key])
        elif not fitted and len(now) <= limits[key]:
            crossed.shrunk.update(now)
    return crossed

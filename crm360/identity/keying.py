"""Blocking keys kept true to the contacts; and who must be compared anew because a block grew too large, or shrank."""

from __future__ import annotations

from collections.abc import Mapping

from crm360.identity.judging import Form, Known


def follow(changed: set[int], before: Mapping[int, Form], known: Known, *, gone: Mapping[int, Form]) -> set[int]:
    """Write the keys that `changed` contacts gained and lost; returns contacts whose blocks crossed their limit.

    `before`: the forms contacts had; one without any is new. `gone`: forms of contacts that are no more, nor their keys. A block that is too large proposes nobody, in either
    direction: whoever leaned on it is judged again.
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
    dirty: set[int] = set()
    for key in touched:
        now = known.blocks.members(key)
        if (len(were[key]) <= limits[key]) != (len(now) <= limits[key]):
            dirty |= were[key] | now
    return dirty - gone.keys()

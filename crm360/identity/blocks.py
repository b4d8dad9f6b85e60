"""Blocks in the database: which contacts share a key. A key is a number (see `engine.rules`); blocks grow and shrink."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from crm360.identity.engine import rules
from crm360.identity.engine.rules import Rule
from crm360.identity.models import BlockingKey
from crm360.kernel import bulk, dialects
from crm360.kernel.db import db, table_of

Keys = Mapping[int, Rule]


def keys_of(blocking: Iterable[Rule], form: Mapping[str, object]) -> Keys:
    """The keys of a compared form; none for an anonymous visitor (a device alone compares to nobody)."""
    return {} if form.get("anonymous") else rules.keys(blocking, form)


class Blocks:
    """Blocks as stored, each read once and no further than its rule lets it count.

    `sizes` is right up to one more than the limit: from there on a block is too large to propose anybody.
    """

    def __init__(self, most: int):
        self._most = most + 1
        self._members: dict[int, set[int]] = {}

    def read(self, keys: Collection[int]) -> None:
        """Read blocks not read before; one statement."""
        missing = [key for key in keys if key not in self._members]
        if missing:
            found = dialects.some_of_each(db.session, table_of(BlockingKey), "key", "contact_id", missing, self._most)
            self._members.update((key, set(found.get(key, ()))) for key in missing)

    def members(self, key: int) -> set[int]:
        """Contacts in a block that was read; of one too large some."""
        return self._members[key]

    def proposes(self, key: int, rule: Rule) -> bool:
        """Whether the block is within its rule's limit."""
        return len(self._members[key]) <= rule.limit

    def change(self, gained: Mapping[int, set[int]], lost: Mapping[int, set[int]]) -> None:
        """Write contacts that gained or lost keys; what was read is true afterwards."""
        rows = [{"key": key, "contact_id": contact} for key in sorted(gained) for contact in sorted(gained[key])]
        bulk.insert_rows(db.session, table_of(BlockingKey), rows, on_conflict="keep", keys=["key", "contact_id"])
        dialects.delete_pairs(
            db.session, table_of(BlockingKey), ("key", "contact_id"),
            [(key, contact) for key in sorted(lost) for contact in sorted(lost[key])],
        )  # fmt: skip
        cut = [key for key in lost if len(self._members[key]) >= self._most]
        for key, contacts in gained.items():
            self._members[key] |= contacts
        for key, contacts in lost.items():
            self._members[key] -= contacts
        for key in cut:  # of a block read in part nobody knows who moves up
            del self._members[key]
        self.read(cut)

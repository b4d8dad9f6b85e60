"""Pairs worth comparing → edges: the weight kept for every pair at or above the review threshold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import delete, select, union

from crm360.identity import blocks, comparing, partition, ruling
from crm360.identity.engine import rules
from crm360.identity.engine.judging import Judge
from crm360.identity.engine.sharing import KINDS
from crm360.identity.models import Contact, Edge, WeakValue
from crm360.identity.small_table import Pair, SmallTable
from crm360.kernel import asking, bulk, dialects
from crm360.kernel.db import db, table_of
from crm360.kernel.dialects import Among

Form = Mapping[str, Any]

_FORMS = select(Contact.id, Contact.compared).where(Among(Contact.id))
_WEAK = select(WeakValue.key).where(Among(WeakValue.key))
# Each end by its own index: SQLite reads the whole table for an OR of the two.
_ENDS = (Among(Edge.left_id), Among(Edge.right_id))
_PAIR = select(Edge.left_id, Edge.right_id, Edge.weight, Edge.barred)
_EDGES = union(*(_PAIR.where(end) for end in _ENDS))
_FROM = _PAIR.where(Among(Edge.left_id))
_DROPS = tuple(delete(Edge).where(end).execution_options(synchronize_session=False) for end in _ENDS)


class Known:
    """What one resolution has read of the base: compared forms, blocks, values of many; each once."""

    def __init__(self, judge: Judge):
        self.judge = judge
        self.forms: dict[int, Form] = {}
        self.blocks = blocks.Blocks(max((rule.limit for rule in judge.model.blocking), default=0))
        self._keys: dict[int, blocks.Keys] = {}
        self._weak: dict[str, bool] = {}
        self._own: frozenset[str] | None = None

    def load(self, contact_ids: Iterable[int]) -> None:
        """Read the compared forms of contacts not known yet."""
        missing = set(contact_ids) - self.forms.keys()
        if missing:
            self.forms.update(asking.rows(db.session, _FORMS, values=missing))

    def keys(self, contact: int) -> blocks.Keys:
        """The blocking keys of a contact that was loaded."""
        if contact not in self._keys:
            self._keys[contact] = self.keys_of(self.forms[contact])
        return self._keys[contact]

    def keys_of(self, form: Form) -> blocks.Keys:
        """The blocking keys of any compared form."""
        return blocks.keys_of(self.judge.model.blocking, form)

    def weak(self, keys: Iterable[str]) -> set[str]:
        """Those identifier keys that belong to many."""
        listed = set(keys)
        if missing := listed - self._weak.keys():
            found = set(asking.scalars(db.session, _WEAK, values=missing))
            self._weak.update((key, key in found) for key in missing)
        return {key for key in listed if self._weak[key]}

    def own(self) -> frozenset[str]:
        """Mailboxes that staff call one person's own, an office's by their look."""
        if self._own is None:
            self._own = comparing.own_mailboxes(ruling.personal())
        return self._own

    def dead(self, contacts: Iterable[int]) -> set[int]:
        """Blocking keys of contacts' identifiers that belong to many: they propose nobody."""
        weak = self.weak({key for contact in contacts for key in identifier_keys(self.forms[contact])})
        return {rules.key((kind,), (value,)) for kind, _, value in (key.partition(":") for key in weak)}

    def became(self, *, weak: Iterable[str], free: Iterable[str]) -> None:
        """Values crossed the line."""
        self._weak.update(dict.fromkeys(weak, True) | dict.fromkeys(free, False))

    def table(self, contact_ids: Iterable[int], *, among: Iterable[int] | None = None) -> SmallTable:
        """Contacts to be judged; every pair has an end in `among` (None: in any of them)."""
        contacts = set(contact_ids)
        self.load(contacts)
        keys = {
            key for contact in (contacts if among is None else among) for key in identifier_keys(self.forms[contact])
        }
        weak: dict[str, set[str]] = {}
        for key in self.weak(keys):
            kind, _, value = key.partition(":")
            weak.setdefault(kind, set()).add(value)
        return SmallTable(contacts, self.forms, {**weak, comparing.OWN: self.own()}, self.judge)


def identifier_keys(form: Form) -> set[str]:
    """`kind:value` of every identifier of a form that many can share."""
    return {f"{kind}:{value}" for kind in KINDS if kind in form for value in form[kind]}


def judge(dirty: set[int], known: Known, *, fresh: frozenset[int] = frozenset()) -> set[int]:
    """Compare `dirty` contacts with all they share a block with and replace their edges.

    Returns who is at the ends of pairs that can join, old or new: who is whom depends on no others. `fresh` contacts are
    new and have no edges yet.
    """
    known.load(dirty)
    pairs = _candidates(dirty, known)
    ends = _drop_edges(dirty - fresh, known.judge)
    if not pairs:
        return ends
    table = known.table({contact for pair in pairs for contact in pair}, among=dirty)
    judged = table.judge(pairs)
    kept = np.flatnonzero(judged.weights >= known.judge.model.review)
    told = zip(kept.tolist(), judged.weights[kept].tolist(), judged.barred[kept].tolist(), strict=True)
    edges = [partition.Pair(*pairs[at], weight, barred) for at, weight, barred in told]
    write(edges)
    return ends | _at_ends(edges, known.judge)


def write(edges: Sequence[partition.Pair]) -> None:
    """Keep pairs that are worth it; none of them is there yet."""
    if edges:
        columns = dict(zip(("left_id", "right_id", "weight", "barred"), zip(*edges, strict=True), strict=True))
        bulk.insert_columns(db.session, table_of(Edge), columns)


def forget(full: Sequence[set[int]], dirty: set[int], known: Known) -> set[int]:
    """Drop the edges inside blocks that grew too large, unless another block still proposes the pair.

    Returns who was at the ends of those that can join; pairs of `dirty` contacts were judged already.
    """
    members = {contact for block in full for contact in block} - dirty
    if not members:
        return set()
    home: dict[int, set[int]] = {}
    for number, block in enumerate(full):
        for contact in block:
            home.setdefault(contact, set()).add(number)
    found = map(partition.Pair._make, asking.rows(db.session, _FROM, values=members))
    edges = [edge for edge in found if edge.right in members and home[edge.left] & home[edge.right]]
    known.load({edge.left for edge in edges})
    keys = {edge.left: known.keys(edge.left) for edge in edges}
    known.blocks.read({key for own in keys.values() for key in own})
    dead = known.dead(keys)
    dropped = [
        edge
        for edge in edges
        if not any(
            edge.right in known.blocks.members(key) and known.blocks.proposes(key, rule)
            for key, rule in keys[edge.left].items()
            if key not in dead
        )
    ]
    dialects.delete_pairs(db.session, table_of(Edge), ("left_id", "right_id"), [edge[:2] for edge in dropped])
    return _at_ends(dropped, known.judge)


def _candidates(dirty: set[int], known: Known) -> list[Pair]:
    keys = {contact: known.keys(contact) for contact in dirty}
    known.blocks.read({key for own in keys.values() for key in own})
    dead = known.dead(dirty)
    found: set[Pair] = set()
    for contact, own in keys.items():
        near: set[int] = set()
        for key, rule in own.items():
            if key not in dead and known.blocks.proposes(key, rule):
                near |= known.blocks.members(key)
        near.discard(contact)
        found.update((contact, other) if contact < other else (other, contact) for other in near)
    return sorted(found)


def _drop_edges(contacts: set[int], judge: Judge) -> set[int]:
    """Delete every edge at `contacts`; returns the contacts that were at the ends of those that can join."""
    edges = list(map(partition.Pair._make, asking.rows(db.session, _EDGES, values=contacts))) if contacts else []
    if edges:
        for drop in _DROPS:
            db.session.execute(drop, {"values": contacts})
    return _at_ends(edges, judge)


def _at_ends(edges: Iterable[partition.Pair], judge: Judge) -> set[int]:
    """Contacts at the ends of edges that can join."""
    join = judge.model.join
    return {end for edge in edges if edge.weight >= join and not edge.barred for end in edge[:2]}

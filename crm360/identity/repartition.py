"""The partition brought up to date around some contacts: components, persons, stable ids, lineage."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Float, Row, bindparam, delete, exists, insert, select, union, update

from crm360.identity import assigning, judging, limits, partition, ruling, scoring
from crm360.identity.models import Contact, DecisionLink, DecisionUndone, Edge, Lineage, Profile, Redirect
from crm360.kernel.db import db, table_of
from crm360.kernel.dialects import Among

Rows = dict[int, Row[Any]]

_UNDONE = exists().where(DecisionUndone.decision_id == DecisionLink.decision_id)
_LINK = select(DecisionLink.decision_id, DecisionLink.left_id, DecisionLink.right_id, DecisionLink.same)
_JOINING = select(Edge.left_id, Edge.right_id, Edge.weight).where(Edge.weight >= bindparam("join", type_=Float))
# Each end by its own index: SQLite reads the whole table for an OR of the two.
_LINKS = union(*(_LINK.where(Among(end), ~_UNDONE) for end in (DecisionLink.left_id, DecisionLink.right_id)))
_PAIRS = union(*(_JOINING.where(Among(end)) for end in (Edge.left_id, Edge.right_id)))
_ROWS = select(
    Contact.id, Contact.source, Contact.external_id, Contact.profile_id, Contact.home_profile_id, Contact.anonymous
).where(Among(Contact.id))
_MATES = select(Contact.id).where(Among(Contact.profile_id), Contact.anonymous.is_(False))
_REDIRECTED = select(Redirect.profile_id).where(Among(Redirect.profile_id))


def repartition(
    seeds: Iterable[int], *, forms: judging.Forms, now: datetime, cause: str, decision_id: int | None = None
) -> tuple[set[int], set[int]]:
    """Recompute everything connected with `seeds`; returns (profile ids touched, contact ids moved)."""
    groups, rows = _closure(set(seeds))
    persons = _persons(groups, rows, forms)
    standing = {c: assigning.Standing(rows[c].profile_id, rows[c].home_profile_id) for group in persons for c in group}
    retired = _retired({s.home_id for s in standing.values() if s.home_id is not None})
    ids = _with_new(assigning.assign(persons, standing, retired), now)
    moves = [(c, rows[c].profile_id, i) for group, i in zip(persons, ids, strict=True) for c in sorted(group)]
    moved = [move for move in moves if move[1] != move[2]]
    _write_moves(moved, rows, now=now, cause=cause, decision_id=decision_id)
    _write_redirects(moves, revived=set(ids) & retired, now=now)
    return {i for _, old, new in moves for i in (old, new) if i is not None}, {contact for contact, _, _ in moved}


def live_links(contact_ids: Iterable[int]) -> list[partition.Link]:
    """Decisions in force that speak of any of the contacts."""
    listed = set(contact_ids)
    if not listed:
        return []
    return sorted(partition.Link(*row) for row in db.session.execute(_LINKS, {"values": listed}))


def _closure(seeds: set[int]) -> tuple[list[set[int]], Rows]:
    """Components holding `seeds` and every contact that shares a profile with one of them."""
    rows: Rows = {}
    while True:
        groups = partition.components(seeds, _neighbours)
        contacts = {contact for group in groups for contact in group}
        _load_rows(rows, contacts)
        profiles = {rows[c].profile_id for c in contacts if rows[c].profile_id is not None}
        mates = _contacts_in(profiles) - contacts
        if not mates:
            return [named for group in groups if (named := {c for c in group if not rows[c].anonymous})], rows
        seeds = contacts | mates


def _neighbours(frontier: set[int]) -> list[tuple[int, int]]:
    found = [(link.left, link.right) for link in live_links(frontier) if link.same]
    return found + [(pair.left, pair.right) for pair in _joining_pairs(frontier)]


def _persons(groups: list[set[int]], rows: Rows, forms: judging.Forms) -> list[frozenset[int]]:
    """Every group parted into persons. What clustering asks of the database is asked once for all groups."""
    several = [group for group in groups if len(group) > 1]
    members = {contact for group in several for contact in group}
    home = {contact: number for number, group in enumerate(several) for contact in group}
    pairs: dict[int, list[partition.Pair]] = {}
    for pair in _joining_pairs(members):
        pairs.setdefault(home[pair.left], []).append(pair)
    links: dict[int, list[partition.Link]] = {}
    for link in live_links(members):
        if link.left in home and home[link.left] == home.get(link.right):
            links.setdefault(home[link.left], []).append(link)
    opinion = judging.opinion_of(forms, members)
    fits = limits.fitting(forms, ruling.limits_in_force() if several else {})
    persons = [frozenset(group) for group in groups if len(group) == 1]
    for number, group in enumerate(several):
        keys = {c: (rows[c].source, rows[c].external_id) for c in group}
        persons += partition.cluster(keys, pairs.get(number, []), links.get(number, []), opinion, fits)
    return persons


def _joining_pairs(contacts: set[int]) -> list[partition.Pair]:
    """Pairs strong enough to join that have one of `contacts` at an end."""
    if not contacts:
        return []
    values = {"values": contacts, "join": scoring.current_model().join}
    return [partition.Pair(*row) for row in db.session.execute(_PAIRS, values)]


def _load_rows(rows: Rows, contacts: set[int]) -> None:
    missing = contacts - rows.keys()
    if missing:
        rows.update((row.id, row) for row in db.session.execute(_ROWS, {"values": missing}))


def _contacts_in(profiles: set[int]) -> set[int]:
    return set(db.session.scalars(_MATES, {"values": profiles})) if profiles else set()


def _retired(homes: set[int]) -> frozenset[int]:
    return frozenset(db.session.scalars(_REDIRECTED, {"values": homes}) if homes else ())


def _with_new(ids: list[int | None], now: datetime) -> list[int]:
    missing = ids.count(None)
    made = iter(new_profiles(missing, now))
    return [next(made) if profile is None else profile for profile in ids]


def new_profiles(count: int, now: datetime) -> list[int]:
    """Ids of `count` new profiles."""
    if not count:
        return []
    statement = insert(Profile).returning(Profile.id, sort_by_parameter_order=True)
    return list(db.session.scalars(statement, [{"created_at": now}] * count))


def _write_moves(
    moved: list[tuple[int, int | None, int]], rows: Rows, *, now: datetime, cause: str, decision_id: int | None
) -> None:
    table = table_of(Contact)
    if moved:
        homes = [{"b_id": c, "profile": new, "home": rows[c].home_profile_id or new} for c, _, new in moved]
        values: dict[str, Any] = {"profile_id": bindparam("profile"), "home_profile_id": bindparam("home")}
        db.session.connection().execute(update(table).where(table.c.id == bindparam("b_id")).values(values), homes)
    lineage = [
        {
            "contact_id": c,
            "from_profile_id": old,
            "to_profile_id": new,
            "at": now,
            "cause": cause,
            "decision_id": decision_id,
        }
        for c, old, new in moved
        if old is not None
    ]
    if lineage:
        db.session.execute(insert(Lineage), lineage)


def _write_redirects(moves: list[tuple[int, int | None, int]], *, revived: set[int], now: datetime) -> None:
    """An id nobody has any more leads to where most of its contacts went; an id that came back leads nowhere."""
    if revived:
        db.session.execute(delete(Redirect).where(Redirect.profile_id.in_(revived)))
    alive = {new for _, _, new in moves}
    went: dict[int, dict[int, int]] = {}
    for _, old, new in moves:
        if old is not None and old not in alive:
            counts = went.setdefault(old, {})
            counts[new] = counts.get(new, 0) + 1
    rows = [
        {"profile_id": old, "target_id": min(counts, key=lambda i: (-counts[i], i)), "since": now}
        for old, counts in sorted(went.items())
    ]
    if rows:
        db.session.execute(insert(Redirect), rows)

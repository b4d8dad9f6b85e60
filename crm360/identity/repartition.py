"""The partition brought up to date around some contacts: components, persons, stable ids, lineage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

import numpy as np
from sqlalchemy import Float, bindparam, delete, exists, select, union_all

from crm360.identity import assigning, judging, limits, partition, ruling
from crm360.identity.engine import linking
from crm360.identity.engine.limiting import Limited
from crm360.identity.engine.resolution import by_key
from crm360.identity.models import Contact, DecisionLink, DecisionUndone, Edge, Lineage, Profile, Redirect
from crm360.kernel import asking, bulk, dialects
from crm360.kernel.db import db, table_of
from crm360.kernel.dialects import Among


class Known(NamedTuple):
    """What of a contact's row its place in the partition depends on."""

    id: int
    source: str
    external_id: str
    profile_id: int | None
    home_profile_id: int | None
    anonymous: bool


Rows = dict[int, Known]

_DECIDED = select(exists(select(DecisionLink.decision_id)))
_UNDONE = exists().where(DecisionUndone.decision_id == DecisionLink.decision_id)
_LINK = select(DecisionLink.decision_id, DecisionLink.left_id, DecisionLink.right_id, DecisionLink.same)
_JOINING = select(Edge.left_id, Edge.right_id, Edge.weight).where(
    Edge.weight >= bindparam("join", type_=Float), ~Edge.barred
)
# Each end by its own index: SQLite reads the whole table for an OR of the two.
_LINKS = union_all(*(_LINK.where(Among(end), ~_UNDONE) for end in (DecisionLink.left_id, DecisionLink.right_id)))
_PAIRS = union_all(*(_JOINING.where(Among(end)) for end in (Edge.left_id, Edge.right_id)))
_ROWS = select(
    Contact.id, Contact.source, Contact.external_id, Contact.profile_id, Contact.home_profile_id, Contact.anonymous
).where(Among(Contact.id))
_MATES = select(Contact.id).where(Among(Contact.profile_id), Contact.anonymous.is_(False))
_REDIRECTED = select(Redirect.profile_id).where(Among(Redirect.profile_id))


def repartition(
    seeds: Iterable[int], *, known: judging.Known, now: datetime, cause: str, decision_id: int | None = None
) -> tuple[set[int], set[int]]:
    """Recompute everything connected with `seeds`; returns (profile ids touched, contact ids moved)."""
    found = closure(set(seeds), known.judge.model.join)
    rows, persons = found.rows, _persons(found, known)
    standing = {c: assigning.Standing(rows[c].profile_id, rows[c].home_profile_id) for group in persons for c in group}
    out_of_use = retired(standing.values())
    ids = with_new(assigning.assign(persons, standing, out_of_use), now)
    moves = [(c, rows[c].profile_id, i) for group, i in zip(persons, ids, strict=True) for c in sorted(group)]
    moved = [move for move in moves if move[1] != move[2]]
    _write_moves(moved, rows, now=now, cause=cause, decision_id=decision_id)
    write_redirects(moves, revived=set(ids) & out_of_use, now=now)
    return {i for _, old, new in moves for i in (old, new) if i is not None}, {contact for contact, _, _ in moved}


def live_links(contact_ids: Iterable[int]) -> list[partition.Link]:
    """Decisions in force that speak of any of the contacts."""
    listed = set(contact_ids)
    if not listed:
        return []
    return sorted({partition.Link(*row) for row in asking.rows(db.session, _LINKS, values=listed)})


class Closure(NamedTuple):
    """Contacts that hang together, visitors left out, with what binds them: pairs that can join, decisions in force."""

    groups: list[set[int]]
    rows: Rows
    pairs: set[partition.Pair]
    links: set[partition.Link]


def closure(seeds: set[int], join: float) -> Closure:
    """Components holding `seeds` and every contact that shares a profile with one of them; each contact is asked once."""
    found = Closure([], {}, set(), set())
    decided = bool(asking.scalars(db.session, _DECIDED)[0])
    seen: set[int] = set()
    asked: set[int] = set()
    frontier = set(seeds)
    while frontier:
        seen |= frontier
        found.pairs.update(joining_pairs(frontier, join))
        if decided:
            found.links.update(live_links(frontier))
        reached = {end for pair in found.pairs for end in pair[:2]}
        frontier = (reached | {end for link in found.links if link.same for end in (link.left, link.right)}) - seen
        if not frontier:
            _load_rows(found.rows, seen)
            profiles = {profile for contact in seen if (profile := found.rows[contact].profile_id) is not None} - asked
            asked |= profiles
            frontier = _contacts_in(profiles) - seen
    tied = [(pair.left, pair.right) for pair in found.pairs]
    tied += [(link.left, link.right) for link in found.links if link.same]
    for group in partition.components(seen, tied):
        if named := {contact for contact in group if not found.rows[contact].anonymous}:
            found.groups.append(named)
    return found


def _persons(found: Closure, known: judging.Known) -> list[frozenset[int]]:
    """Every group parted into persons; all groups at once, for they do not touch each other."""
    several = [group for group in found.groups if len(group) > 1]
    if not several:
        return [frozenset(group) for group in found.groups]
    known.load({contact for group in several for contact in group})
    most = ruling.limits_in_force()
    home = {contact: number for number, group in enumerate(several) for contact in group}
    ties = Counter(home[pair.left] for pair in found.pairs if pair.left in home and pair.right in home)
    spoken_of = {home.get(end) for link in found.links for end in (link.left, link.right)}
    doubtful = {
        number
        for number, group in enumerate(several)
        if ties[number] < len(group) * (len(group) - 1) // 2
        or number in spoken_of
        or len(group) > known.judge.model.linking.crowd
        or not limits.within(group, known.forms, most)
    }
    whole = [frozenset(group) for number, group in enumerate(several) if number not in doubtful]
    keys = {
        contact: (found.rows[contact].source, found.rows[contact].external_id)
        for number in doubtful
        for contact in several[number]
    }
    alone = [frozenset(group) for group in found.groups if len(group) == 1]
    return alone + whole + persons_of(keys, found.pairs, found.links, known, most)


def persons_of(
    keys: Mapping[int, partition.StableKey], pairs: Iterable[partition.Pair], links: Iterable[partition.Link],
    known: judging.Known, most: Mapping[str, int],
) -> list[frozenset[int]]:  # fmt: skip
    """Contacts (each with its stable key) parted into persons: by what the model says of all their pairs, and decisions.

    `pairs` can join; those with an end elsewhere are left out. `most`: limits of one profile.
    """
    if not keys:
        return []
    table, model = known.table(keys), known.judge.model
    place = table.place
    inside = [pair for pair in pairs if pair.left in place and pair.right in place]
    said = [
        link._replace(left=place[link.left], right=place[link.right])
        for link in sorted(links)
        if link.left in place and link.right in place
    ]
    left, right = table.rows([(pair.left, pair.right) for pair in inside])
    strong = linking.Strong(left, right, np.array([pair.weight for pair in inside], dtype=np.float64))
    limited = Limited(table.columns, most)
    labels = linking.link(
        len(table.contacts), strong, join=model.join, ask=table.ask, rules=model.linking, links=said,
        rank=by_key([keys[contact] for contact in table.contacts]), fits=limited.fits, doubt=limited.doubtful,
    )  # fmt: skip
    found: dict[int, set[int]] = {}
    for contact, label in zip(table.contacts, labels.tolist(), strict=True):
        found.setdefault(label, set()).add(contact)
    return [frozenset(person) for person in found.values()]


def joining_pairs(contacts: set[int], join: float) -> list[partition.Pair]:
    """Pairs strong enough to join that have one of `contacts` at an end."""
    if not contacts:
        return []
    found = dict.fromkeys(
        asking.rows(db.session, _PAIRS, values=contacts, join=join)
    )  # a pair of two of them comes twice
    return [partition.Pair(*row) for row in found]


def _load_rows(rows: Rows, contacts: set[int]) -> None:
    missing = contacts - rows.keys()
    if missing:
        rows.update((row[0], Known(*row)) for row in asking.rows(db.session, _ROWS, values=missing))


def _contacts_in(profiles: set[int]) -> set[int]:
    return set(asking.scalars(db.session, _MATES, values=profiles)) if profiles else set()


def retired(standing: Collection[assigning.Standing]) -> frozenset[int]:
    """First profiles of contacts that are out of use; an id somebody has is not."""
    homes = {each.home_id for each in standing if each.home_id is not None} - {each.profile_id for each in standing}
    return frozenset(asking.scalars(db.session, _REDIRECTED, values=homes) if homes else ())


def with_new(ids: list[int | None], now: datetime) -> list[int]:
    missing = ids.count(None)
    made = iter(new_profiles(missing, now))
    return [next(made) if profile is None else profile for profile in ids]


def new_profiles(count: int, now: datetime) -> list[int]:
    """Ids of `count` new profiles."""
    if not count:
        return []
    ids = list(dialects.new_ids(db.session, table_of(Profile), count))
    bulk.insert_rows(db.session, table_of(Profile), [{"id": profile, "created_at": now} for profile in ids])
    return ids


def _write_moves(
    moved: list[tuple[int, int | None, int]], rows: Rows, *, now: datetime, cause: str, decision_id: int | None
) -> None:
    if moved:
        homes = [
            {"b_id": c, "profile_id": new, "home_profile_id": rows[c].home_profile_id or new} for c, _, new in moved
        ]
        bulk.update_rows(db.session, table_of(Contact), homes)
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
    bulk.insert_rows(db.session, table_of(Lineage), lineage)


def write_redirects(moves: list[tuple[int, int | None, int]], *, revived: set[int], now: datetime) -> None:
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
    bulk.insert_rows(db.session, table_of(Redirect), rows)

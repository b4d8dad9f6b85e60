"""Values and blocks that belong to too many to tell people apart, learned from the whole base.

Weakness is a function of the base, not of the order it grew in: whenever a value crosses the line, in either direction,
every contact that carries it is judged again.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, func, select

from crm360.identity import blocking, guards, ruling
from crm360.identity.compared import NAMES_KEPT
from crm360.identity.folding import names_of
from crm360.identity.models import BlockingKey, Contact, WeakValue
from crm360.kernel import dialects
from crm360.kernel.db import db, table_of
from crm360.kernel.dialects import Among

_WEAK = select(WeakValue.key).where(Among(WeakValue.key))
_SIZES = select(BlockingKey.key, func.count()).where(Among(BlockingKey.key)).group_by(BlockingKey.key)
_BEARERS = (
    select(BlockingKey.key, Contact.compared)
    .join(Contact, Contact.id == BlockingKey.contact_id)
    .where(Among(BlockingKey.key))
)
_CARRIERS = select(BlockingKey.contact_id).where(Among(BlockingKey.key))
_FREE = delete(WeakValue).where(Among(WeakValue.key))


def settle(*, touched: set[str], lost: Iterable[str]) -> set[int]:
    """Bring the weak values among `touched` and `lost` keys up to date; returns contacts to judge again.

    A key already weak is looked at again only when a contact lost it: a value does not become one person's own by
    being seen with more people.
    """
    lost = set(lost)
    known = known_weak(touched | lost)
    counts = _counts((touched | lost) - (known - lost))
    now_weak: dict[str, tuple[str, int]] = {}
    doubtful: set[str] = set()
    for key, count in counts.items():
        if count > blocking.limit(key):
            now_weak[key] = ("carried by too many contacts", count)
        elif blocking.is_identifier_key(key) and not key.startswith("national_id:"):
            # a state's number names one person however badly the names beside it are spelt
            doubtful.add(key)
    for key, people in _people(doubtful).items():
        if people >= guards.SHARED_FROM:
            now_weak[key] = ("seen with different names", people)
    for key in ruling.personal(now_weak):
        del now_weak[key]  # staff know better whose it is
    gained = now_weak.keys() - known
    freed = (known & lost) - now_weak.keys()
    _write(now_weak, freed)
    return _carriers(gained | freed)


def known_weak(keys: Iterable[str]) -> set[str]:
    """Those of `keys` that are weak now."""
    listed = set(keys)
    return set(db.session.scalars(_WEAK, {"values": listed})) if listed else set()


def _counts(keys: set[str]) -> dict[str, int]:
    counts = dict.fromkeys(keys, 0)
    counts.update((key, count) for key, count in db.session.execute(_SIZES, {"values": keys}))
    return counts


def _people(keys: set[str]) -> dict[str, int]:
    """identifier key → clearly different people whose names were seen with it (counted up to the line)."""
    names: dict[str, set[str]] = {}
    crowded: set[str] = set()
    for key, compared in db.session.execute(_BEARERS, {"values": keys}):
        seen = names_of(compared)
        names.setdefault(key, set()).update(seen)
        if len(seen) >= NAMES_KEPT:  # one record that served a crowd; further names are not kept
            crowded.add(key)
    counted = {key: guards.distinct_people(seen) for key, seen in names.items() if len(seen) >= guards.SHARED_FROM}
    return counted | dict.fromkeys(crowded, guards.SHARED_FROM)


def _carriers(keys: set[str]) -> set[int]:
    return set(db.session.scalars(_CARRIERS, {"values": keys})) if keys else set()


def _write(weak: dict[str, tuple[str, int]], freed: set[str]) -> None:
    rows = [{"key": key, "reason": reason, "count": count} for key, (reason, count) in sorted(weak.items())]
    dialects.upsert(db.session, table_of(WeakValue), rows, ["key"])
    if freed:
        db.session.execute(_FREE, {"values": freed})

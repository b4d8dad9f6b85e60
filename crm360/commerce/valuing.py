"""Keeps every customer's value true to their purchases: marks who changed, computes them anew, follows each day's fit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, exists, func, insert, or_, select

from crm360.commerce import purchase_rows, value_fits, value_scores
from crm360.commerce.models import Cart, CustomerValue, Order, ValueMark
from crm360.commerce.purchase_history import bought
from crm360.identity.models import Contact
from crm360.kernel import dialects
from crm360.kernel.batches import chunked
from crm360.kernel.db import db, table_of
from crm360.kernel.errors import Conflict
from crm360.profiles import feed

BATCH = 500


def mark(profile_ids: Collection[int]) -> None:
    """Let the values of these customers be computed anew. Marks are only ever appended, so that none is lost."""
    feed.append(ValueMark, profile_ids)


def mark_contacts(contact_ids: Collection[int | None]) -> None:
    """The same of whoever these contacts belong to now; who is resolved later is marked then."""
    feed.append_holders(ValueMark, (each for each in contact_ids if each is not None))


def anything_marked() -> bool:
    """Whether somebody's value is to be computed anew, because of themselves or of a new fit."""
    marked = db.session.scalar(select(ValueMark.id).limit(1)) is not None
    return marked or bool(_outdated(1))


class Work(NamedTuple):
    """Values as they should be, of customers by id, and the marks that asked for them."""

    marks: list[int]
    profile_ids: list[int]
    rows: list[dict[str, Any]]


class Overtaken(Conflict):
    """Another worker has written these values meanwhile."""


def work_off(*, now: datetime, limit: int = BATCH) -> int:
    """Compute the values of customers marked longest ago, then of those an older fit scored; returns how many."""
    mark_outdated(limit=limit)
    work = prepare(now=now, limit=limit)
    settle(work, now=now)
    return len(work.profile_ids)


def mark_outdated(*, limit: int = BATCH) -> None:
    """When nobody is marked: mark customers an older fit scored."""
    if db.session.scalar(select(ValueMark.id).limit(1)) is None:
        mark(_outdated(limit))


def prepare(*, now: datetime, limit: int = BATCH) -> Work:
    """The next values to be written. Only reads: what happens meanwhile leaves a mark of its own."""
    marks = db.session.execute(select(ValueMark.id, ValueMark.profile_id).order_by(ValueMark.id).limit(limit)).all()
    ids = sorted({row.profile_id for row in marks})
    rows = [row for chunk in chunked(ids) for row in computed(chunk, now=now)]
    return Work([row.id for row in marks], ids, rows)


def settle(work: Work, *, now: datetime) -> None:
    """Write prepared values; who neither bought nor left a cart has none. The feed hears of whose changed.

    Raises Overtaken when the marks are gone: somebody else saw at least as much and has written it.
    """
    dropped = [db.session.execute(delete(ValueMark).where(ValueMark.id.in_(each))) for each in chunked(work.marks)]
    if sum(result.rowcount for result in dropped) != len(work.marks):
        raise Overtaken("Another worker has written these values.")
    before = {whose: told for chunk in chunked(work.profile_ids) for whose, told in _told(chunk).items()}
    dialects.upsert(db.session, table_of(CustomerValue), work.rows, ["profile_id"])
    gone = before.keys() - {row["profile_id"] for row in work.rows}
    for chunk in chunked(sorted(gone)):
        db.session.execute(delete(CustomerValue).where(CustomerValue.profile_id.in_(chunk)))
    changed = {row["profile_id"] for row in work.rows if _without_moments(row) != before.get(row["profile_id"])}
    feed.mark(changed | gone, now=now)


def refresh(*, profile_ids: Collection[int], now: datetime) -> None:
    """Compute and write these customers' values."""
    for chunk in chunked(sorted(set(profile_ids))):
        settle(Work([], chunk, computed(chunk, now=now)), now=now)


def _told(profile_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Values as they are kept."""
    kept = table_of(CustomerValue)
    rows = db.session.execute(select(kept).where(kept.c.profile_id.in_(profile_ids))).mappings()
    return {row["profile_id"]: _without_moments(row) for row in rows}


def _without_moments(row: Mapping[str, Any]) -> dict[str, Any]:
    """What of a value others derive from."""
    return {name: value for name, value in row.items() if name not in ("fit_id", "as_of", "refreshed_at")}


def computed(profile_ids: Sequence[int], *, now: datetime) -> list[dict[str, Any]]:
    """Rows of `commerce_value` as they should be. Only reads."""
    histories = {whose: bought(documents) for whose, documents in purchase_rows.documents(profile_ids)}
    carts = purchase_rows.abandoned(profile_ids)
    products, _ = purchase_rows.kept_products(profile_ids)
    known = value_scores.Known(
        histories={each: histories.get(each) or bought([]) for each in sorted(histories.keys() | carts.keys())},
        categories=purchase_rows.categories(profile_ids),
        carts=carts,
        products=products,
    )
    found = value_fits.newest()
    return value_scores.rows(known, fit_id=found[0] if found else None, fit=found[1] if found else None, now=now)


def mark_missing() -> None:
    """Mark whoever bought or left a cart and has no value yet: after an upgrade, and with each new fit."""
    for fact in (Order, Cart):
        owed = exists().where(fact.contact_id == Contact.id)
        valued = exists().where(CustomerValue.profile_id == Contact.profile_id)
        whose = select(Contact.profile_id).where(Contact.profile_id.is_not(None), owed, ~valued).distinct()
        db.session.execute(insert(ValueMark).from_select(["profile_id"], whose))


def buyers() -> int:
    """How many customers who bought have a value."""
    count = select(func.count()).select_from(CustomerValue).where(CustomerValue.purchase_days > 0)
    return int(db.session.scalar(count) or 0)


def _outdated(limit: int) -> list[int]:
    """Customers an older fit scored."""
    newest = value_fits.newest_id()
    if newest is None:
        return []
    stale = or_(CustomerValue.fit_id < newest, CustomerValue.fit_id.is_(None))
    return list(db.session.scalars(select(CustomerValue.profile_id).where(stale).limit(limit)))

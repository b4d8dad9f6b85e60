"""Reviews as pages and flows ask for them. Nothing here writes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, or_, select

from crm360.identity.models import Contact
from crm360.kernel.batches import chunked
from crm360.kernel.db import db, table_of
from crm360.kernel.errors import NotFound
from crm360.kernel.expressions import Folded, PlaceOf
from crm360.kernel.keyed_rows import find_by_key
from crm360.reviews import stars
from crm360.reviews.models import Desk, Review
from crm360.reviews.stars import Mean

HANDLED = ("open", "answered", "closed")
STATES = ("published", "waiting", "removed")
TONES = ("bad", "fair", "good", "unrated")


class NoSuchReview(NotFound):
    """The review is not there."""

    def __init__(self, review_id: int) -> None:
        super().__init__(f"There is no review {review_id}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """Reviews to list: handled so, of a tone (bad, fair, good, unrated) or some stars, of a source, about a product."""

    handled: str = ""
    state: str = ""
    tone: str = ""
    rating: int | None = None
    source: str = ""
    #: Part of the product's name, or its id.
    product: str = ""
    since: datetime | None = None


class Told(NamedTuple):
    """A review with the customer whose it is now; None when nobody is known to have written it."""

    review: Review
    profile_id: int | None


class Product(NamedTuple):
    """A product with the mean of its stars and how many bad reviews of it nobody answered yet."""

    name: str
    mean: Mean
    bad_open: int


def get(review_id: int) -> Review:
    """Raises NoSuchReview."""
    found = db.session.get(Review, review_id)
    if found is None:
        raise NoSuchReview(review_id)
    return found


def told(review_id: int) -> Told:
    """Raises NoSuchReview."""
    review = get(review_id)
    return Told(review, db.session.scalar(select(Contact.profile_id).where(Contact.id == review.contact_id)))


def known(keys: Collection[tuple[str, str]]) -> list[Told]:
    """Reviews by (source, its id) with their customers, in the order of their numbers."""
    ids = {row["id"] for row in find_by_key(table_of(Review), keys).values()}
    columns = select(Review, Contact.profile_id).outerjoin(Contact, Contact.id == Review.contact_id)
    found: list[Told] = []
    for chunk in chunked(sorted(ids)):
        found += [Told(*row) for row in db.session.execute(columns.where(Review.id.in_(chunk)).order_by(Review.id))]
    return found


def listed(which: Which = Which(), *, before: int | None = None, limit: int = 50) -> list[Told]:
    """Reviews, the latest told of first."""
    columns = select(Review, Contact.profile_id).outerjoin(Contact, Contact.id == Review.contact_id)
    wanted = [*_chosen(which), *([Review.id < before] if before is not None else [])]
    rows = db.session.execute(columns.where(*wanted).order_by(Review.id.desc()).limit(limit))
    return [Told(*row) for row in rows]


def counts(which: Which = Which()) -> dict[int, int]:
    """Stars → reviews; what its source took away does not count."""
    query = select(Review.rating, func.count()).where(*_chosen(which), *_shown(), Review.rating.is_not(None))
    return {
        rating: number for rating, number in db.session.execute(query.group_by(Review.rating)) if rating is not None
    }


def waiting() -> dict[str, int]:
    """{"open": reviews nobody looked after, "bad": of these the bad ones}."""
    query = select(func.count(), func.count().filter(Review.rating <= stars.BAD))
    row = db.session.execute(query.where(Review.handled == "open", *_shown())).one()
    return {"open": int(row[0]), "bad": int(row[1])}


def products(*, limit: int = 20) -> list[Product]:
    """Products by bad reviews without an answer, then by how many reviews they have."""
    bad_open = func.count().filter(Review.rating <= stars.BAD, Review.handled == "open")
    query = select(Review.product, Review.rating, func.count(), bad_open).where(*_shown(), Review.product != "")
    grouped: dict[str, tuple[dict[int, int], int]] = {}
    rated = query.where(Review.rating.is_not(None)).group_by(Review.product, Review.rating)
    for name, rating, number, waits in db.session.execute(rated):
        counted, before = grouped.get(name, ({}, 0))
        counted[rating or 0] = number
        grouped[name] = (counted, before + waits)
    found = [Product(name, each, waits) for name, (counted, waits) in grouped.items() if (each := stars.mean(counted))]
    return sorted(found, key=lambda each: (-each.bad_open, -each.mean.reviews, each.name))[:limit]


def sources() -> list[str]:
    """Who told of reviews."""
    return list(db.session.scalars(select(Review.source).distinct().order_by(Review.source)))


def owner() -> int | None:
    """Who looks after bad reviews of customers that are nobody's; None until somebody said so."""
    return db.session.scalar(select(Desk.owner_id).where(Desk.id == 1))


def _shown() -> tuple[ColumnElement[bool], ...]:
    return (Review.state != "removed",)


def _chosen(which: Which) -> list[ColumnElement[bool]]:
    rating: Any = Review.rating
    tones: dict[str, ColumnElement[bool]] = {
        "bad": rating <= stars.BAD,
        "good": rating >= stars.GOOD,
        "fair": rating.between(stars.BAD + 1, stars.GOOD - 1),
        "unrated": rating.is_(None),
    }
    plain = ((Review.handled, which.handled), (Review.state, which.state), (Review.source, which.source))
    wanted: list[ColumnElement[bool]] = [column == value for column, value in plain if value]
    if which.tone in tones:
        wanted.append(tones[which.tone])
    if which.rating is not None:
        wanted.append(rating == which.rating)
    if which.product:
        spelled = {which.product.lower(), *map(_folded, (which.product, which.product.capitalize()))}
        named = [PlaceOf(Folded(Review.product), each) > 0 for each in sorted(spelled)]
        wanted.append(or_(Review.product_id == which.product, *named))
    if which.since is not None:
        wanted.append(Review.written_at >= which.since)
    return wanted


def _folded(text: str) -> str:
    """As `Folded` does: A to Z alone, so a letter such as Ł is looked for as it was typed and small."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)

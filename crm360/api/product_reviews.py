"""Reviews of products over REST: read, answered, closed. They come in as events of the type "review"."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from crm360.accounts import audit
from crm360.api import disclosing, slices
from crm360.api.door import door, failing
from crm360.api.fields import BIGGEST_ID, Instant, Said, limit, one_of, text
from crm360.api.policy import actor, key, requires
from crm360.api.schemas import listed, moment, number, word
from crm360.flows import tending_reviews
from crm360.kernel import clock
from crm360.reviews import queries
from crm360.reviews.queries import Told, Which

TAGS = ["Product reviews"]
ID = "/product-reviews/<int(min=1, max=9223372036854775807):review_id>"
_AT = "2026-03-02T10:30:00.000000Z"
_REVIEW = {
    "id": 41, "profile_id": 17, "href": "/api/v1/profiles/17", "source": "shop", "external_id": "r-88", "rating": 2,
    "title": "", "body": "The cup came broken.", "author": "Anna", "product_id": "sku-7", "product": "Cup", "url": "",
    "verified": True, "state": "published", "handled": "open", "answer": "", "reason": "", "handled_by": "",
    "handled_at": None, "written_at": _AT,
}  # fmt: skip
refused = failing(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


class AskedReviews(Said):
    handled = one_of(queries.HANDLED, load_default="")
    state = one_of(queries.STATES, load_default="")
    tone = one_of(queries.TONES, load_default="", metadata={"description": "bad: 1–2 stars, fair: 3, good: 4–5."})
    rating = fields.Integer(load_default=None, validate=validate.Range(1, 5))
    source = text(most=100, load_default="")
    product = text(most=100, load_default="", metadata={"description": "Part of its name, or its id."})
    since = Instant(load_default=None, metadata={"description": "Written then or later."})
    before = fields.Integer(load_default=None, validate=validate.Range(1, BIGGEST_ID))
    limit = limit()


class ReviewAnswered(Said):
    text = text(most=20_000, least=1, required=True)


class ReviewClosed(Said):
    reason = text(most=500, least=1, required=True)


class ProductReview(ma.Schema):
    id = number()
    profile_id = fields.Integer(allow_none=True, metadata={"description": "Null: nobody is known to have written it."})
    href = fields.String(allow_none=True)
    source, external_id, title, body, author = word(), fields.String(allow_none=True), word(), word(), word()
    rating = fields.Integer(allow_none=True)
    product_id, product, url = word(), word(), word()
    verified = fields.Boolean()
    state, handled, answer, reason, handled_by = word(), word(), word(), word(), word()
    handled_at = Instant(allow_none=True)
    written_at = moment()


class ProductReviewPage(ma.Schema):
    items = listed(ProductReview)
    next_before = fields.Integer(allow_none=True)


@door.get("/product-reviews", tags=TAGS)
@requires("customers.read")
@refused
@door.arguments(AskedReviews, location="query")
@door.response(HTTPStatus.OK, ProductReviewPage, example={"items": [_REVIEW], "next_before": None})
@door.doc(operationId="listProductReviews")
def product_reviews(asked: dict[str, Any]) -> dict[str, Any]:
    """Read reviews, the latest told of first"""
    most, before = asked.pop("limit"), asked.pop("before")
    found = queries.listed(Which(**asked), before=before, limit=most + 1)
    shown, following = slices.newest(found, lambda each: each.review.id, limit=most)
    return disclosing.of_somebody([_said(each) for each in shown], {"next_before": following})


@door.get(ID, tags=TAGS)
@requires("customers.read")
@refused
@door.response(HTTPStatus.OK, ProductReview, example=_REVIEW)
@door.doc(operationId="getProductReview")
def product_review(review_id: int) -> dict[str, Any]:
    """Read one review"""
    return _shown(review_id)


@door.post(f"{ID}/answer", tags=TAGS)
@requires("reviews.answer")
@refused
@door.arguments(ReviewAnswered, example={"text": "We are sorry, a new cup is on its way."})
@door.response(HTTPStatus.OK, ProductReview, example=_REVIEW | {"handled": "answered"})
@door.doc(operationId="answerProductReview")
def answer_product_review(body: dict[str, Any], review_id: int) -> dict[str, Any]:
    """Keep what the customer is answered

    It stands on the customer's timeline and ends the colleague's task. The review's source is not told of it.
    """
    tending_reviews.answer(review_id=review_id, text=body["text"], by=key().name, now=clock.now())
    return _noted("review.answered", review_id)


@door.post(f"{ID}/closing", tags=TAGS)
@requires("reviews.answer")
@refused
@door.arguments(ReviewClosed, example={"reason": "Answered by phone"})
@door.response(HTTPStatus.OK, ProductReview, example=_REVIEW | {"handled": "closed"})
@door.doc(operationId="closeProductReview")
def close_product_review(body: dict[str, Any], review_id: int) -> dict[str, Any]:
    """Close a review that needs no answer, and why"""
    tending_reviews.close(review_id=review_id, reason=body["reason"], by=key().name, now=clock.now())
    return _noted("review.closed", review_id)


def _noted(action: str, review_id: int) -> dict[str, Any]:
    audit.record(actor=actor(), action=action, subject_kind="review", subject_id=review_id, now=clock.now())
    return _shown(review_id)


def _shown(review_id: int) -> dict[str, Any]:
    told = queries.told(review_id)
    return disclosing.told([told.profile_id], _said(told))


def _said(told: Told) -> dict[str, Any]:
    names = [name for name in ProductReview().fields if name not in ("profile_id", "href")]
    said = {name: getattr(told.review, name) for name in names}
    return said | disclosing.whose(told.profile_id)

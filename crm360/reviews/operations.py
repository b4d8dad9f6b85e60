"""Reviews are kept as their sources have them, answered, closed. Idempotent, in whatever order they are told of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from crm360.accounts.queries import get_staff
from crm360.facts import Received, ReviewWritten
from crm360.kernel import dialects
from crm360.kernel.db import db, table_of
from crm360.kernel.errors import Conflict, Invalid
from crm360.kernel.keyed_rows import find_by_key, save
from crm360.profiles import timeline
from crm360.reviews import queries, stars
from crm360.reviews.models import Desk, Review
from crm360.tone import guessing

LONGEST_BODY, LONGEST_TEXT, LONGEST_REASON = 20_000, 300, 500
_SNIPPET = 200
_OPEN = {"handled": "open", "answer": "", "reason": "", "handled_by": "", "handled_at": None}


class BadAnswer(Invalid):
    """The answer, or the reason why there is none, cannot be kept."""


class Settled(Conflict):
    """The review was answered or closed before."""


def record_reviews(*, received: Sequence[Received[ReviewWritten]], now: datetime) -> None:
    """Keep reviews with their lines on the timeline; an older word than the one kept changes nothing."""
    rows = find_by_key(table_of(Review), ((item.fact.source, item.fact.external_id) for item in received))
    changed: dict[tuple[str, str], int | None] = {}
    for item in received:
        key = (item.fact.source, item.fact.external_id)
        said, known = _said(item.fact, item.contact_id), rows.get(key)
        if known is None:
            rows[key] = said | _OPEN | _answered_there(item.fact) | {"recorded_at": now}
        elif _precedence(said) > _precedence(known):
            rows[key] = known | said | (_answered_there(item.fact) if known["handled"] == "open" else {})
        else:
            continue
        changed[key] = item.payload_id
    save(table_of(Review), [rows[key] for key in changed])
    lines = [_line(rows[key], payload_id) for key, payload_id in changed.items() if rows[key]["contact_id"] is not None]
    timeline.note(entries=lines, now=now)


def answer(*, review_id: int, text: str, by: str, now: datetime) -> Review:
    """Keep what the customer is answered, with its line on the timeline. Raises BadAnswer, NoSuchReview, Settled."""
    review = _open(review_id)
    body = text.replace("\r\n", "\n").strip()
    if not body or len(body) > LONGEST_BODY:
        raise BadAnswer(
            "Write what the customer is answered.", errors={"text": ["Write what the customer is answered."]}
        )
    review.handled, review.answer, review.handled_by, review.handled_at = "answered", body, by, now
    db.session.flush()
    if review.contact_id is not None:
        told = {"snippet": body[:_SNIPPET], "by": by, "product": review.product, "review_id": review.id}
        subject = f"review-answer:{review.id}"
        line = timeline.Entry(review.contact_id, "review.answered", now, review.product, told, subject)
        timeline.note(entries=[line], now=now)
    return review


def close(*, review_id: int, reason: str, by: str, now: datetime) -> Review:
    """No answer is needed, and why. Raises BadAnswer, NoSuchReview, Settled."""
    review = _open(review_id)
    if not reason.strip():
        raise BadAnswer("Say why no answer is needed.", errors={"reason": ["Say why no answer is needed."]})
    review.handled, review.reason = "closed", reason.strip()[:LONGEST_REASON]
    review.handled_by, review.handled_at = by, now
    db.session.flush()
    return review


def reopen(*, review_id: int) -> Review:
    """Take an answer or a closing back; a line that told of an answer stays, for it may have been read. Raises NoSuchReview."""
    review = queries.get(review_id)
    for name, value in _OPEN.items():
        setattr(review, name, value)
    db.session.flush()
    return review


def set_owner(*, staff_id: int, by: str, now: datetime) -> None:
    """Who looks after bad reviews of customers that are nobody's. Raises StaffNotFound."""
    row = {"id": 1, "owner_id": get_staff(staff_id).id, "set_at": now, "set_by": by}
    dialects.upsert(db.session, table_of(Desk), [row], ["id"])


def _open(review_id: int) -> Review:
    review = queries.get(review_id)
    if review.handled != "open":
        raise Settled("This review was answered or closed already; open it again first.")
    return review


def _said(fact: ReviewWritten, contact_id: int | None) -> dict[str, Any]:
    return {
        "contact_id": contact_id,
        "source": fact.source,
        "external_id": fact.external_id,
        "rating": fact.rating,
        "title": fact.title[:LONGEST_TEXT],
        "body": fact.body[:LONGEST_BODY],
        "author": fact.author[:LONGEST_TEXT],
        "product_id": fact.product_id,
        "product": fact.product[:LONGEST_TEXT],
        "url": fact.url,
        "verified": fact.verified,
        "state": fact.state,
        "written_at": fact.occurred_at,
        "version_at": fact.updated_at,
    }


def _answered_there(fact: ReviewWritten) -> dict[str, Any]:
    if not fact.answer:
        return {}
    return {"handled": "answered", "answer": fact.answer[:LONGEST_BODY], "handled_at": fact.updated_at}


def _precedence(row: dict[str, Any]) -> tuple[Any, ...]:
    """Decides between two tellings of one review, whichever came first."""
    words = tuple(
        row[name] for name in ("state", "title", "body", "author", "product_id", "product", "url", "verified")
    )
    return (row["version_at"], row["rating"] or 0, *words, row["contact_id"] or 0)


def words(title: str, body: str) -> str:
    """What a review says, for the guess of its tone."""
    return ". ".join(filter(None, (title, body)))


def _line(row: dict[str, Any], payload_id: int | None) -> timeline.Entry:
    of = f"{row['rating']}/{stars.HIGHEST}" if row["rating"] is not None else ""
    said: dict[str, Any] = {
        "product": row["product"],
        "snippet": " ".join(filter(None, (row["title"], row["body"])))[:_SNIPPET],
        "bad": stars.is_bad(row["rating"]),
        "verified": row["verified"],
        "state": row["state"],
        "source": row["source"],
        "review_id": row["id"],
    }
    if row["rating"] is not None:
        said |= {"rating": row["rating"], "of": stars.HIGHEST}
    said |= guessing.marked(words(row["title"], row["body"]))
    title = ": ".join(filter(None, (row["product"], of)))
    return timeline.Entry(
        row["contact_id"], "review.written", row["written_at"], title, said, f"review:{row['id']}", payload_id
    )

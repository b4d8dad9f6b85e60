"""Reviews of products: what review apps of shops send, and how one review is read whoever tells of it.

Judge.me, Yotpo, Loox, Okendo and their like send one review per call, flat or under `review`, with their own names for
the same things. They are not signed alike: the unguessable address is the proof.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from crm360.facts import ContactRef, Fact, ReviewWritten
from crm360.normalise.email import email as normal_email
from crm360.sources import buyers, deliveries
from crm360.sources import json_fields as read_json
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.channel import Channel, Hook, Item
from crm360.sources.instants import instant
from crm360.sources.local_times import zone_of

CHANNEL = "product_reviews"

State = Literal["published", "waiting", "removed"]
_STATES: dict[str, State] = {
    "approved": "published", "published": "published", "ok": "published", "approve": "published", "unspam": "published",
    "untrash": "published", "hold": "waiting", "pending": "waiting", "waiting": "waiting", "not-yet": "waiting",
    "unpublished": "removed", "hidden": "removed", "rejected": "removed", "spam": "removed", "trash": "removed",
    "deleted": "removed", "removed": "removed",
}  # fmt: skip
_BODY = ("body", "content", "text", "review", "review_body", "comment")
_TAG = re.compile(r"<[^<>]{0,2000}>")
_LONGEST = 20_000


def read(payload: Payload) -> Sequence[Fact]:
    """One review → its writer, when one is named, and the review. Raises Unreadable."""
    document = read_json.load(payload.body)
    said = read_json.obj(document.get("review")) or document
    writer = _writer(said)
    changed = _moment(payload, said, "updated_at", "date_updated", "dateUpdated") or payload.received_at
    written = _moment(payload, said, "created_at", "date_created", "dateCreated", "written_at", "created") or changed
    return facts(payload, said, writer=writer, written=written, changed=max(written, changed))


def facts(
    payload: Payload, said: JsonObject, *, writer: JsonObject, written: datetime, changed: datetime
) -> Sequence[Fact]:  # fmt: skip
    """A review and its writer, of fields under any of their usual names. Raises Unreadable."""
    number = read_json.identity(said, "id", "review_id", "reviewId", "uuid")
    if not number:
        raise Unreadable("The review has no id.")
    name = read_json.first_text(writer, "name", "display_name", "displayName", "reviewer_name")
    email = read_json.first_text(writer, "email")
    seen = buyers.buyer(
        payload,
        occurred_at=written,
        customer_id=read_json.identity(writer, "external_id", "customer_id"),
        email=email if normal_email(email) else "",
        phone=read_json.first_text(writer, "phone", "phone_number"),
        fields={"full_name": name} if name else {},
    )
    review = written_review(
        said, ref=seen.ref if seen else None, source=payload.source, number=number, written=written, changed=changed,
        author=name,
    )  # fmt: skip
    return [seen, review] if seen else [review]


def written_review(
    said: JsonObject, *, ref: ContactRef | None, source: str, number: str, written: datetime, changed: datetime,
    author: str = "",
) -> ReviewWritten:  # fmt: skip
    """The review in these fields. Raises Unreadable for stars out of five."""
    product = read_json.obj(said.get("product"))
    return ReviewWritten(
        ref=ref,
        source=source,
        external_id=number,
        occurred_at=written,
        updated_at=changed,
        rating=rating(said),
        title=plain(read_json.first_text(said, "title", "review_title")),
        body=plain(_words(said)),
        author=author or read_json.first_text(said, "author", "reviewer", "display_name"),
        product_id=read_json.first_text(said, "product_external_id", "product_id", "productId", "sku")
        or read_json.first_text(product, "id", "external_id"),
        product=read_json.first_text(said, "product_title", "product_name", "productName", "name")
        or read_json.first_text(product, "name", "title"),
        url=_address(said),
        verified=said.get("verified") in (True, "true", "buyer", "verified-purchase", "verified_buyer", "yes")
        or said.get("verified_buyer") is True,
        state=_state(said),
        answer=plain(_reply(said)),
    )


def rating(said: JsonObject) -> int | None:
    """Whole stars from 1 to 5, halves rounded up; None when there are none. Raises Unreadable for any other number.

    Other scales are read when they are named: `max_rating`.
    """
    given = next(
        (said[name] for name in ("rating", "score", "stars") if said.get(name) not in (None, "", 0, "0")), None
    )
    if given is None:
        return None
    value, most = read_json.number(given, -1.0), read_json.number(said.get("max_rating"), 5.0)
    if not 0 < value <= most or most < 2:
        raise Unreadable("The rating is no number of stars from 1 to 5; of another scale name its end in max_rating.")
    return max(1, math.floor(5 * value / most + 0.5))


def plain(text: str) -> str:
    """Text without the markup a shop keeps reviews in."""
    bare = _TAG.sub(" ", text) if "<" in text else text
    return "\n".join(" ".join(line.split()) for line in html.unescape(bare).splitlines()).strip()


def _words(said: JsonObject) -> str:
    return next((found for name in _BODY if (found := read_json.text(said.get(name), _LONGEST))), "")


def _reply(said: JsonObject) -> str:
    given = said.get("reply") or said.get("answer") or said.get("comment_by_shop")
    return read_json.text(given.get("content") or given.get("body"), _LONGEST) if isinstance(given, dict) else read_json.text(given, _LONGEST)  # fmt: skip


def _writer(said: JsonObject) -> JsonObject:
    for name in ("reviewer", "customer", "user"):
        if isinstance(said.get(name), dict):
            return dict(said[name])
    own = {"email": ("email", "reviewer_email", "customer_email"), "name": ("nickname", "author", "reviewer", "reviewer_name", "customer_name")}  # fmt: skip
    return {name: read_json.first_text(said, *names) for name, names in own.items()}


def _state(said: JsonObject) -> State:
    if said.get("hidden") is True or said.get("published") is False or said.get("deleted") is True:
        return "waiting" if said.get("curated") == "not-yet" else "removed"
    return _STATES.get(read_json.first_text(said, "status", "state", "curated").lower(), "published")


def _address(said: JsonObject) -> str:
    found = read_json.first_text(said, "url", "product_permalink", "product_url", "link")
    return found if found.startswith(("https://", "http://")) else ""


def _moment(payload: Payload, said: JsonObject, *names: str) -> datetime | None:
    zone: Any = zone_of(payload)
    return next((at for name in names if (at := instant(said.get(name), zone))), None)


_SAMPLE = Item(
    b'{"review":{"id":41,"title":"Pekla","body":"Filizanka przyszla pekni\xc4\x99ta.","rating":2,"product_external_id":"88",'
    b'"product_title":"Filizanka","reviewer":{"email":"ewa@example.com","name":"Ewa"},"published":true,'
    b'"created_at":"2026-03-02T09:00:00Z","updated_at":"2026-03-02T09:00:00Z"}}'
)

ABOUT = Channel(
    label="Product reviews (Judge.me, Yotpo, Loox and others)",
    group="shop",
    hook=Hook(split=deliveries.each(), in_address=True),
    setup=(
        "In the review app: settings, integrations or webhooks; send created and updated reviews to the address below.",
        "Answers written here are kept on the customer's timeline; the app itself is not told of them.",
    ),
    sample=_SAMPLE,
)

"""Reviews out of a file: one row per payload, its columns already mapped to the fields below.

Body: `{"row": {field: text}, "options": {"timezone": "Europe/Warsaw", "decimal": ","}}`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from crm360.facts import Fact
from crm360.sources import json_fields, product_reviews
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.columns import folded
from crm360.sources.written_values import local_moment, unquoted

CHANNEL = "reviews_csv"

#: Field → what exports of shops and review apps, and everyday spreadsheets, call it; the first that a file has counts.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("review id", "id", "numer opinii", "id opinii"),
    "rating": ("rating", "review score", "score", "stars", "ocena", "gwiazdki", "liczba gwiazdek"),
    "title": ("title", "review title", "tytul"),
    "body": ("body", "review body", "review content", "content", "review", "text", "comment", "tresc", "opinia", "tresc opinii", "komentarz"),
    "name": ("reviewer name", "display name", "customer name", "author", "name", "nickname", "autor", "imie", "imie i nazwisko", "klient"),
    "email": ("reviewer email", "customer email", "email", "e mail", "adres e mail"),
    "product_id": ("product id", "product external id", "sku", "id produktu", "kod produktu"),
    "product_name": ("product title", "product name", "product", "produkt", "nazwa produktu", "product handle"),
    "url": ("product url", "url", "link", "adres"),
    "status": ("status", "state", "published", "curated", "stan"),
    "verified": ("verified", "verified buyer", "potwierdzona", "potwierdzony zakup"),
    "answer": ("reply", "answer", "response", "merchant reply", "odpowiedz"),
    "date": ("review date", "created at", "date", "created", "data", "data opinii", "data dodania"),
}  # fmt: skip
_YES = frozenset({"true", "yes", "1", "tak", "buyer", "verified", "verified purchase"})
_OF_FIVE = re.compile(r"([0-9]+(?:[.,][0-9]+)?)\s*(?:/|z|of|na|out of)\s*([0-9]+)\D*|([0-9]+(?:[.,][0-9]+)?)\D*")


def mapping(headers: Sequence[str]) -> dict[str, str]:
    """Header → field, of the headers that are known."""
    by_name = {folded(header): header for header in reversed(headers)}
    chosen = {
        field: next((by_name[name] for name in names if name in by_name), None) for field, names in COLUMNS.items()
    }
    return {header: field for field, header in chosen.items() if header is not None}


def read(payload: Payload) -> Sequence[Fact]:
    """One row → its writer, when one is named, and the review. Raises Unreadable."""
    document = json_fields.load(payload.body)
    row = {
        name: unquoted(json_fields.text(value, 20_000)) for name, value in json_fields.obj(document.get("row")).items()
    }
    if not (row.get("rating") or row.get("body")):
        raise Unreadable("The row has neither a rating nor words.")
    written = _written(row.get("date", ""), document, payload)
    said: JsonObject = {**row, **_stars(row.get("rating", "")), "verified": row.get("verified", "").lower() in _YES}
    said["id"] = row.get("id") or json_fields.digest(
        *(row.get(name, "") for name in ("email", "name", "product_id", "product_name", "date", "body"))
    )
    if row.get("status", "").lower() in ("true", "tak", "yes", "1"):
        said["status"] = "published"
    elif row.get("status", "").lower() in ("false", "nie", "no", "0"):
        said["status"] = "removed"
    writer = {"name": row.get("name", ""), "email": row.get("email", "")}
    return product_reviews.facts(payload, said, writer=writer, written=written, changed=payload.received_at)


def _written(text: str, document: JsonObject, payload: Payload) -> datetime:
    if not text:
        return payload.received_at
    zone = json_fields.text(json_fields.obj(document.get("options")).get("timezone")) or "Europe/Warsaw"
    day, _, hour = text.replace("T", " ").partition(" ")
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    try:
        at = (
            found.astimezone(UTC)
            if found is not None and found.tzinfo
            else local_moment(day, hour.removesuffix(" UTC"), zone)
        )
    except (ValueError, OverflowError):
        raise Unreadable(f"The date {text[:40]!r} cannot be read.") from None
    if at > payload.received_at:
        raise Unreadable(f"The date {text[:40]!r} lies in the future.")
    return at


def _stars(text: str) -> JsonObject:
    """What a cell says of stars: 4, 4/5, 4,5, ★★★★☆, 5 gwiazdek. Raises Unreadable."""
    if not text:
        return {"rating": None}
    if "★" in text or "⭐" in text:
        return {"rating": text.count("★") + text.count("⭐")}
    found = _OF_FIVE.fullmatch(text.strip().lower())
    if found is None:
        raise Unreadable(f"The rating {text[:20]!r} cannot be read.")
    value, most, alone = found.groups()
    number = (value or alone).replace(",", ".")
    return {"rating": float(number), **({"max_rating": float(most)} if most else {})}

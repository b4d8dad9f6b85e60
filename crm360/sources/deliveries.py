"""What sending services deliver, taken apart: JSON arrays into single events, forms into objects."""

from __future__ import annotations

import json
from collections.abc import Sequence

import msgspec

from crm360.kernel import urls
from crm360.sources import json_fields
from crm360.sources.base import JsonObject, Unreadable
from crm360.sources.channel import Delivery, Item, Split

_MOST = 10_000


def events(body: bytes) -> list[bytes]:
    """The elements of a JSON array byte for byte as they stood, or the one object there is. Raises Unreadable."""
    try:
        found = msgspec.json.decode(body, type=list[msgspec.Raw] | dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Unreadable(f"The body is no JSON object and no list: {error}.") from None
    if isinstance(found, dict):
        return [body]
    if len(found) > _MOST:
        raise Unreadable(f"A delivery may hold at most {_MOST} events.")
    return [bytes(each) for each in found]


def each(*keys: str) -> Split:
    """A split into single events; an event is known by its field `keys` (joined), else by its content."""

    def split(delivery: Delivery) -> Sequence[Item]:
        return [Item(body, _key(body, keys)) for body in events(delivery.body)]

    return split


def _key(body: bytes, keys: tuple[str, ...]) -> str:
    if not keys:
        return ""
    try:
        event = json_fields.load(body)
    except Unreadable:
        return ""  # kept by its content; reading it says what is wrong
    values = [json_fields.text(event.get(key)) for key in keys]
    return " ".join(values) if all(values) else ""


def form(body: bytes) -> JsonObject:
    """A form's fields; one given several times is a list. Raises Unreadable."""
    try:
        pairs = urls.form_pairs(body)
    except ValueError as error:
        raise Unreadable(f"The body is no form: {error}.") from None
    found: JsonObject = {}
    for name, value in pairs:
        found[name] = value if name not in found else [*_listed(found[name]), value]
    return found


def as_json(fields: JsonObject) -> bytes:
    """A form's fields as the payload that is kept: the same values, readable like every other."""
    return json.dumps(fields, ensure_ascii=False).encode("utf-8", "surrogatepass")


def is_form(delivery: Delivery) -> bool:
    """Whether a delivery says it is a form."""
    return delivery.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else [value]

"""Reading foreign JSON without trusting it: what is absent, of another type or unusable comes back empty, never raises."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from crm360.kernel.money import to_minor
from crm360.sources.base import JsonObject, Unreadable

_MAX_DEPTH = 60
_MAX_MINOR = 9_000_000_000_000_000
#: What careless clients send for "nobody": taken as an id, one of these would merge every visitor into one person.
_NOBODY = frozenset({"null", "undefined", "none", "nan", "[object object]", "anonymous", "guest"})
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_CURRENCY_SIGNS = (("zł", "PLN"), ("€", "EUR"), ("£", "GBP"), ("$", "USD"), ("Kč", "CZK"))


def load(body: bytes) -> JsonObject:
    """The JSON object in `body`, cleaned: NUL and lone surrogates removed from texts, NaN and Infinity made null.

    Raises Unreadable when the body is no JSON object or nests deeper than 60 levels.
    """
    document = _plain(body)
    if document is None:
        document = _cleaned(_lenient(body), 0)
    if not isinstance(document, dict):
        raise Unreadable("The body must be one JSON object.")
    return document


def _plain(body: bytes) -> Any:
    """The document, when nothing in it can need cleaning; else None. A strict reader refuses all but NUL and depth."""
    if rb"\u0000" in body:
        return None
    try:
        document = msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return None if body.count(b"{") + body.count(b"[") > _MAX_DEPTH and _is_deep(document) else document


def _is_deep(document: Any) -> bool:
    level = [document]
    for _ in range(_MAX_DEPTH):
        found = (item for each in level for item in (each.values() if isinstance(each, dict) else each))
        level = [item for item in found if isinstance(item, (dict, list))]
        if not level:
            return False
    return any(level)


def _lenient(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=lambda _name: None)
    except UnicodeDecodeError as error:
        raise Unreadable(f"The body is not UTF-8 text: {error.reason} at byte {error.start}.") from None
    except json.JSONDecodeError as error:
        raise Unreadable(f"The body is not valid JSON: {error.msg} at character {error.pos}.") from None
    except (ValueError, RecursionError):
        raise Unreadable("The body is not usable JSON: too deep, or a number too long.") from None


def _cleaned(value: Any, depth: int) -> Any:
    if depth > _MAX_DEPTH:
        raise Unreadable(f"The body nests deeper than {_MAX_DEPTH} levels.")
    if isinstance(value, str):
        return _UNSTORABLE.sub("", value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {_UNSTORABLE.sub("", key): _cleaned(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_cleaned(item, depth + 1) for item in value]
    return value


def repeated(body: bytes) -> frozenset[str]:
    """Names that the outermost object of a body that `load` has read says more than once."""
    pairs: list[tuple[str, Any]] = []

    def outermost(found: list[tuple[str, Any]]) -> None:
        pairs[:] = found  # objects end from the inside out

    try:
        json.loads(body.decode("utf-8-sig"), object_pairs_hook=outermost)
    except (ValueError, RecursionError):
        return frozenset()
    names = [name for name, _ in pairs]
    return frozenset(name for name in names if names.count(name) > 1)


def text(value: Any, limit: int = 1000) -> str:
    """A scalar as trimmed text of at most `limit` characters; "" for null, booleans, lists and objects."""
    if isinstance(value, str):
        return value.strip()[:limit]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    # repr of an int beyond 4300 digits raises; such an "id" is nobody's.
    return str(value) if isinstance(value, float) or value.bit_length() < 256 else ""


def first_text(source: Mapping[str, Any], *keys: str) -> str:
    """The first non-empty text under any of `keys`."""
    for key in keys:
        if found := text(source.get(key)):
            return found
    return ""


def identity(source: Mapping[str, Any], *keys: str) -> str:
    """Like `first_text`, but values that mean nobody ("", "null", "undefined", …) are absent."""
    for key in keys:
        found = text(source.get(key))
        if found and found.casefold() not in _NOBODY:
            return found
    return ""


def obj(value: Any) -> JsonObject:
    """`value` when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> list[JsonObject]:
    """The objects of a list; a lone object counts as a list of one, anything else as none."""
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts(value: Any) -> tuple[str, ...]:
    """A list of texts, or a comma-separated text, as distinct non-empty texts in their order."""
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return tuple(dict.fromkeys(found for part in parts if (found := text(part))))


def minor(value: Any, currency: str) -> int | None:
    """An amount in major units (number, or text such as "112,48 zł") in minor units; None when it is no amount."""
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
        return None
    try:
        amount = to_minor(value[:64] if isinstance(value, str) else value, currency)
    except (ValueError, ArithmeticError):
        return None
    return amount if abs(amount) <= _MAX_MINOR else None


def first_minor(source: Mapping[str, Any], currency: str, *keys: str) -> int | None:
    """The first readable amount under any of `keys`."""
    for key in keys:
        amount = minor(source.get(key), currency)
        if amount is not None:
            return amount
    return None


def number(value: Any, default: float) -> float:
    """A finite number (texts too: "2", "1,5"); `default` when there is none."""
    thousandths = minor(value, "KWD")
    return default if thousandths is None else thousandths / 1000


def currency_of(source: Mapping[str, Any], default: str, *amount_keys: str) -> str:
    """ISO 4217 code: the `currency` field, else the sign inside an amount's text ("112,48 zł"), else `default`."""
    code = first_text(source, "currency", "currency_code").upper()
    if len(code) == 3 and code.isascii() and code.isalpha():
        return code
    for key in amount_keys:
        written = text(source.get(key))
        for sign, named in _CURRENCY_SIGNS:
            if sign in written:
                return named
    return default


def digest(*parts: str | bytes) -> str:
    """A short stable name for content that has no id of its own."""
    joined = b"\x1f".join(part if isinstance(part, bytes) else part.encode("utf-8", "replace") for part in parts)
    return hashlib.sha256(joined).hexdigest()[:24]

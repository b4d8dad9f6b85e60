"""Addresses taken apart and put together; nothing here speaks to anybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

MOST_FIELDS = 2000

LONGEST = 2000


class Place(NamedTuple):
    """Scheme and host of an address in lower case; "" for what it lacks."""

    scheme: str
    host: str


def place(url: str) -> Place:
    """Where an address leads. Never raises: what is no address leads nowhere."""
    try:
        parts = urlsplit(url)
        return Place(parts.scheme.lower(), parts.hostname or "")
    except ValueError:
        return Place("", "")


def plain(text: str) -> str:
    """A text as it was before it was encoded for an address; any other as it is."""
    return unquote_plus(text)


def path_of(url: str) -> tuple[str, bool]:
    """The path of an address, decoded, and whether something is asked there. Never raises."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", False
    return plain(parts.path), bool(parts.query)


def with_query(url: str, query: Mapping[str, str | int]) -> str:
    """`url` with a query string, when there is something to ask."""
    return f"{url}?{urlencode(query)}" if query else url


def form(fields: Mapping[str, str]) -> bytes:
    """A body of the type application/x-www-form-urlencoded."""
    return urlencode(fields).encode()


def form_fields(text: str) -> dict[str, str]:
    """The fields of a body of the type application/x-www-form-urlencoded."""
    return dict(parse_qsl(text, keep_blank_values=True))


def is_web_address(text: str) -> bool:
    """Whether it is an absolute http or https address with a host, and no name or password in it."""
    if len(text) > LONGEST or not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0 and "@" not in parts.netloc


def form_pairs(body: bytes) -> list[tuple[str, str]]:
    """Names and values of a form's body in their order, empty ones too. Raises ValueError for what is no form."""
    return parse_qsl(body.decode("utf-8"), keep_blank_values=True, strict_parsing=True, max_num_fields=MOST_FIELDS)

"""Which source a tracking request speaks for: its write key, looked for everywhere a client may carry it."""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Iterator

from flask import request

from crm360.accounts import queries as accounts
from crm360.inbox import operations as inbox
from crm360.inbox import queries as inbox_queries
from crm360.intake.inlets import Inlet, SourcePaused, defaults
from crm360.kernel import clock, signing
from crm360.kernel.errors import Forbidden

CHANNEL = "tracking"
#: A revoked key, or a paused source, works this much longer in a process that has just seen it.
REMEMBERED_SECONDS = 2.0
_MOST_REMEMBERED = 1000

_remembered: dict[str, tuple[float, Inlet]] = {}


class UnknownWriteKey(Forbidden):
    """The request carries no write key, or none that is valid."""

    status, title = 401, "Unknown write key"

    def __init__(self) -> None:
        super().__init__("The write key is missing, unknown or revoked.")


def inlet_of(body_key: str) -> Inlet:
    """The inlet of the first valid key: Authorization header, then body, query, X-Write-Key.

    Raises UnknownWriteKey, SourcePaused.
    """
    for key in _carried(body_key):
        if found := _inlet(key):
            return found
    raise UnknownWriteKey


def check(address_key: str) -> str:
    """The first valid key of a request that only asks; `address_key` is the one in its path. Raises UnknownWriteKey."""
    for key in _carried(address_key):
        if _remembered_inlet(key) or accounts.find_key(key, "write"):
            return key
    raise UnknownWriteKey


def forget() -> None:
    """Look every key up again."""
    _remembered.clear()


def _carried(body_key: str) -> Iterator[str]:
    candidates = (
        _basic_user(request.headers.get("Authorization", "")),
        body_key,
        request.args.get("writeKey", ""),
        request.headers.get("X-Write-Key", "").partition(":")[0],
        request.headers.get("X-Write-Key", ""),
    )
    yield from (key for key in dict.fromkeys(candidates) if key)


def _basic_user(header: str) -> str:
    """The user name of Basic authentication; the colon after it may be missing."""
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(credentials.strip() + "==").decode().partition(":")[0].strip()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _remembered_inlet(key: str) -> Inlet | None:
    until, inlet = _remembered.get(signing.digest(key), (0.0, None))
    return inlet if until > time.monotonic() else None


def _inlet(key: str) -> Inlet | None:
    if inlet := _remembered_inlet(key):
        return inlet
    digest = signing.digest(key)
    _remembered.pop(digest, None)
    found = accounts.find_key(key, "write")
    if found is None:
        return None
    source = inbox_queries.find_source(found.name)
    if source is None:  # not remembered yet: this transaction may still fail
        made = inbox.ensure_source(name=found.name, channel=CHANNEL, settings=defaults(), now=clock.now())
        return Inlet(made.id, CHANNEL)
    if source.settings.get(inbox.PAUSED):
        raise SourcePaused
    if len(_remembered) >= _MOST_REMEMBERED:
        _remembered.clear()
    inlet = Inlet(source.id, CHANNEL)
    _remembered[digest] = (time.monotonic() + REMEMBERED_SECONDS, inlet)
    return inlet

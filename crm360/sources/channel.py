"""What a channel declares beside its reader: how its webhook is checked and taken apart, how it is polled, what a
source of it must be told. Pure data and functions; the doors do the speaking.

A channel is one module of this package with `CHANNEL` (its code), `read` (payload → facts) and, when staff can add a
source of it, `ABOUT` (a `Channel`). The registry finds it; nothing else has to be touched.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One webhook request as it stood on the wire.

    `url` is the address the sender was given, query included (some sign it); header names are in lower case; `body`
    the raw bytes.
    """

    method: str
    url: str
    body: bytes
    received_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)

    def having(self, headers: Mapping[str, str], body: bytes | None = None) -> Delivery:
        """The same with these headers besides, and with another body if one is given."""
        return replace(self, headers={**self.headers, **headers}, body=self.body if body is None else body)


class Item(NamedTuple):
    """One payload to keep of what arrived.

    `key` is the sender's own id of the event or state (a repeat changes nothing); with "" the content is digested
    together with `headers`.
    """

    body: bytes
    key: str = ""
    headers: Mapping[str, str] = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a sender is told when it greets: a ping, a challenge, a look whether the address exists."""

    body: bytes = b'{"success":true}'
    content_type: str = "application/json"
    status: int = 200
    #: An address that must be fetched to agree to the deliveries (Amazon SNS); the clock's door does it later.
    confirm_url: str = ""
    #: A certificate needed to check this sender; it is fetched later, and the sender tries again.
    certificate_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One thing staff must tell when they add a source. `label` and `help` are English message ids.

    Secrets are kept sealed and never shown again.
    """

    name: str
    label: str
    kind: Literal["text", "secret", "url", "number", "choice", "email"] = "text"
    required: bool = True
    default: str = ""
    help: str = ""
    choices: tuple[str, ...] = ()


#: (delivery, secret, settings) → whether it proves that it comes from the source. Over the raw bytes, in constant time.
Check = Callable[[Delivery, str, Mapping[str, Any]], bool]
#: (delivery without a proof, secret, settings) → the delivery as the vendor would sign it at its `received_at`: to send a
#: test. What comes out is held against the channel's own `Check`.
Sign = Callable[[Delivery, str, Mapping[str, Any]], Delivery]
#: Delivery → what to keep of it. Raises Unreadable: it is kept whole in quarantine, with the reason.
Split = Callable[[Delivery], Sequence[Item]]
#: (delivery, secret, settings) → the answer when this is a greeting and holds no event; asked before the check, so
#: whatever must be proved is proved here.
Greeting = Callable[[Delivery, str, Mapping[str, Any]], Answer | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A channel's webhook. `signed` None: the unguessable address is the proof (`in_address` must be true then).

    `sign` None with `signed`: only the vendor holds the key, so a test bears no signature.
    `issuer`: the secret is made by "us" and given to the vendor, or copied from the "vendor"'s console.
    """

    split: Split
    signed: Check | None = None
    sign: Sign | None = None
    in_address: bool = False
    issuer: Literal["us", "vendor"] = "us"
    greeting: Greeting | None = None
    limit: int = 4_000_000

    def proved(self, delivery: Delivery, secrets: Sequence[str], settings: Mapping[str, Any]) -> bool:
        """Whether a delivery comes from its source, whose address it has reached already."""
        if self.signed is None:
            return self.in_address
        return any(self.signed(delivery, secret, settings) for secret in secrets)


class Call(NamedTuple):
    """A request a poll wants made."""

    method: str
    url: str
    headers: Mapping[str, str] = NOTHING
    body: bytes = b""


class Reply(NamedTuple):
    """What came back; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Page(NamedTuple):
    """Payloads found so far and where to go on from; kept together, so a poll that breaks off loses and doubles nothing.

    `credentials` are secrets the system gave in place of older ones (a refresh token counts once): they are sealed into
    the source's own and stand in the settings of the next poll.
    """

    items: Sequence[Item]
    cursor: Mapping[str, Any]
    credentials: Mapping[str, str] = NOTHING


class PollFailed(Exception):
    """The system answered and it cannot be used (a wrong password, a refused query). The message is shown to staff."""


#: (settings with secrets opened, cursor, now) → a conversation without a network: `reply = yield Call(…)`, and
#: `yield Page(…)` (answered with None) whenever something can be kept. Raises PollFailed. HTTP statuses 429 and 5xx
#: never reach it: the poller waits and tries again.
Poll = Callable[[Mapping[str, Any], Mapping[str, Any], datetime], Generator[Call | Page, Reply | None, None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """What staff see when they add a source, and how its payloads get here.

    `setup` are steps in English message ids; `sample` a delivery for "send a test", not signed yet. `watches`: files of a folder
    on this machine are taken, every so often.
    """

    label: str
    group: Literal["site", "shop", "chat", "email", "store", "file"]
    hook: Hook | None = None
    poll: Poll | None = None
    watches: bool = False
    #: A mailbox is read by IMAP, every so often.
    reads_mail: bool = False
    every_seconds: int = 300
    settings: tuple[Setting, ...] = ()
    setup: tuple[str, ...] = ()
    sample: Item | None = None
    #: Its payloads come through the tracking API: a source of it gets a write key instead of an address.
    write_key: bool = False

    @property
    def is_asked(self) -> bool:
        """Whether sources of it have turns: something here goes and looks, again and again."""
        return bool(self.poll or self.watches or self.reads_mail)


def whole(*header_names: str, key: str = "") -> Split:
    """A split for senders of one event per delivery: the body as it is, with some headers, known by the header `key`."""

    def split(delivery: Delivery) -> Sequence[Item]:
        kept = {name: delivery.headers[name] for name in header_names if name in delivery.headers}
        return [Item(delivery.body, delivery.headers.get(key, "") if key else "", kept)]

    return split

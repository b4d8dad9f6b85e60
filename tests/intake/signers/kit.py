"""What a channel tells the test of forged deliveries: a valid body, and how its vendor signs one.

One module per channel with a webhook, named like the channel, holding `SIGNER`. It signs in its own words, never with
the code under test.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib import import_module
from typing import Any

JSON = "application/json"


@dataclass(frozen=True)
class Told:
    """What a vendor knows when it signs. `url` is the address it was given."""

    body: bytes
    secret: str
    url: str
    at: datetime
    delivery_id: str


@dataclass(frozen=True)
class Sent:
    """A request as it stands on the wire."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON

    def having(self, **headers: str) -> Sent:
        """With other headers; `_` stands for `-`, an empty value takes the header away."""
        changed = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return replace(self, headers={name: value for name, value in changed.items() if value})


@dataclass(frozen=True)
class Signer:
    """How a vendor signs. Header names in lower case, "" where there is none.

    `unsigned` names what its signature leaves open, out of "body", "time", "id"; a change of those may be answered
    with success, but must not count as a second event unless it is in `counts_anew`, with the reason.
    """

    body: bytes
    sign: Callable[[Told], Sent]
    secret: str = "a secret of the vendor"
    settings: Mapping[str, Any] = field(default_factory=dict)
    signature: str = ""
    time: str = ""
    delivery_id: str = ""
    #: Seconds after which a right signature is too old; None where the vendor states no time or no limit.
    tolerance: int | None = None
    in_address: bool = False
    unsigned: frozenset[str] = frozenset()
    counts_anew: Mapping[str, str] = field(default_factory=dict)
    #: Puts another time or signature into what was sent, where a header of their own does not hold them.
    retimed: Callable[[Sent, int], Sent] | None = None
    resigned: Callable[[Sent, str], Sent] | None = None


def signers() -> dict[str, Signer]:
    """Channel → its signer, for every channel with a webhook that has one."""
    from crm360.sources import registry

    hooked = [name for name, about in registry.channels().items() if about.hook]
    return {name: import_module(f"tests.intake.signers.{name}").SIGNER for name in hooked}


def document(**values: Any) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode()


def hmac_base64(secret: str, message: bytes, digest: str = "sha256") -> str:
    return base64.b64encode(hmac.new(secret.encode(), message, digest).digest()).decode()


def hmac_hex(secret: str, message: bytes, digest: str = "sha256") -> str:
    return hmac.new(secret.encode(), message, getattr(hashlib, digest)).hexdigest()


def other_text(text: str, rng: random.Random) -> str:
    """The same text with something changed that a careless comparison may miss."""
    place = rng.randrange(len(text)) if text else 0
    changes = (
        lambda: text[:place] + chr((ord(text[place]) - 31) % 94 + 33) + text[place + 1 :],
        lambda: text[:-1],
        lambda: text[1:],
        lambda: text + text[-1],
        lambda: text[:place] + text[place + 1 :],
        lambda: text[::-1] if text[::-1] != text else text + "x",
        lambda: "é" + text,
        lambda: "0" * len(text) if set(text) != {"0"} else "1" * len(text),
        lambda: ",".join((text[:place], text[place:])) if text else "x",
    )
    changed = rng.choice(changes)() if text else "x"
    return changed if changed.strip() not in (text, "") else text + "x"


def other_bytes(body: bytes, rng: random.Random) -> bytes:
    """The same body with a bit flipped, a byte more or less, or a part said twice."""
    place = rng.randrange(len(body))
    changes = (
        lambda: body[:place] + bytes([body[place] ^ (1 << rng.randrange(8))]) + body[place + 1 :],
        lambda: body[:place] + body[place + 1 :],
        lambda: body[:place] + bytes([rng.randrange(256)]) + body[place:],
        lambda: body + rng.choice((b" ", b"\n", b"\x00", b"}")),
        lambda: b" " + body,
        lambda: body[: max(1, place)],
        lambda: body + body,
        lambda: b"{}",
        lambda: b"",
    )
    changed = rng.choice(changes)()
    return changed if changed != body else body + b" "

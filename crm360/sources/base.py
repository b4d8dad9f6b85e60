"""What every source has in common: how a payload reaches it, and how it says a payload cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crm360.facts import Fact


class Unreadable(ValueError):
    """The payload cannot be turned into facts. The message is shown to the operator beside the quarantined payload."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """One raw payload as kept in the inbox.

    `source` is the configured source's name ("web", "shopify-pl"); `body` the bytes as received (one event of a batch
    is one payload); `headers` the few that matter, names in lower case (a topic, a delivery id).
    """

    source: str
    received_at: datetime
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


#: A channel's reader: raw payload → facts in the order they should be applied. Raises Unreadable. May return nothing
#: for a payload that is understood and of no interest.
Reader = Callable[[Payload], Sequence[Fact]]

JsonObject = dict[str, Any]

"""The vocabulary of outgoing events: what each says, ids first and as little else as a receiver needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crm360.kernel.errors import Invalid

#: Grows when the meaning of a key changes; new keys may come without it.
VERSION = 1

CREATED = "profile.created"
UPDATED = "profile.updated"
MERGED = "profile.merged"
SPLIT = "profile.split"
ERASED = "profile.erased"
ENTERED = "segment.entered"
LEFT = "segment.left"
CONSENT = "consent.changed"
TEST = "endpoint.tested"

#: kind → the keys its data has beside `profile_id`, in their order.
KINDS: Mapping[str, tuple[str, ...]] = {
    CREATED: (),
    UPDATED: ("changed",),
    MERGED: ("merged_profile_id",),
    SPLIT: ("new_profile_id",),
    ERASED: (),
    ENTERED: ("segment_id", "segment"),
    LEFT: ("segment_id", "segment"),
    CONSENT: ("purpose", "channel", "state", "identifier_kind", "occurred_at"),
}

#: Keys that name a second customer: an event waits for earlier ones of either.
_OTHER = ("merged_profile_id", "new_profile_id")


class UnknownKind(Invalid):
    """No event of this kind is ever sent."""

    def __init__(self, kind: str) -> None:
        text = f"There is no event {kind!r}; there are: {', '.join(KINDS)}."
        super().__init__(text, errors={"kinds": [text]})


@dataclass(frozen=True, slots=True)
class Happened:
    """One event as a flow tells it: kind, customer, and exactly the keys its kind has."""

    kind: str
    profile_id: int
    data: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UnknownKind(self.kind)
        if set(self.data) != set(KINDS[self.kind]):
            raise ValueError(f"{self.kind} says {KINDS[self.kind]}, not {tuple(self.data)}")

    @property
    def other_profile_id(self) -> int:
        """The second customer it speaks of, else the first again."""
        return int(next((self.data[name] for name in _OTHER if name in self.data), self.profile_id))


def checked(kinds: tuple[str, ...] | list[str]) -> list[str]:
    """Kinds an endpoint asks for, in the order of the vocabulary; none means all. Raises UnknownKind."""
    for kind in kinds:
        if kind not in KINDS:
            raise UnknownKind(kind)
    return [kind for kind in KINDS if kind in kinds]

"""What a source said of one customer over time, folded into one contact: the newest statement of each field. Pure.

Folding is commutative, associative and idempotent: late, repeated and shuffled statements give the same contact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from crm360.facts import ContactSeen, Identifier
from crm360.identity.compared import name_key
from crm360.identity.guards import NAMES_KEPT
from crm360.normalise import identifiers

LONGEST_VALUE = 500

Dated = dict[str, dict[str, Any]]


@dataclass(slots=True)
class Held:
    """An identifier as held on a contact."""

    value: str
    verified: bool
    first_seen_at: datetime
    last_seen_at: datetime


def identifier_row(contact_id: int, kind: str, normal: str, held: Held) -> dict[str, Any]:
    """An identifier of a contact as columns of its table."""
    return {"contact_id": contact_id, "kind": kind, "normal": normal, "value": held.value, "verified": held.verified,
            "first_seen_at": held.first_seen_at, "last_seen_at": held.last_seen_at}  # fmt: skip


@dataclass(slots=True)
class State:
    """All a contact holds, before it is a row."""

    first_seen_at: datetime
    last_seen_at: datetime
    anonymous: bool = True
    fields: Dated = field(default_factory=dict)
    attributes: Dated = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    #: (kind, normal) → what is held
    identifiers: dict[tuple[str, str], Held] = field(default_factory=dict)


def fold(state: State | None, seen: Iterable[ContactSeen], *, region: str = "PL") -> State:
    """`state` (None for a new contact) after the statements `seen`. Changes and returns the given state."""
    for statement in seen:
        if state is None:
            state = _first(statement, region)
        else:
            _fold_one(state, statement, region)
    if state is None:
        raise ValueError("nothing to fold")
    return state


def copied(state: State) -> State:
    """A state to fold into while the other stays as it is."""
    held = {key: replace(each) for key, each in state.identifiers.items()}
    return replace(state, fields=dict(state.fields), attributes=dict(state.attributes), identifiers=held)


def _first(seen: ContactSeen, region: str) -> State:
    """What folding the statement into nothing gives, without comparing with nothing."""
    at, fields = _iso(seen.occurred_at), _texts(seen)
    said = _digest(fields)
    key = name_key(fields)
    state = State(
        seen.occurred_at, seen.occurred_at, seen.anonymous,
        {name: {"value": text, "at": at, "said": said} for name, text in fields.items()},
        {name: {"value": value, "at": at, "said": said} for name, value in seen.attributes.items()},
        frozenset((key,)) if key else frozenset(),
    )  # fmt: skip
    for identifier in seen.identifiers:
        _hold(state, identifier, seen.occurred_at, region)
    return state


def _texts(seen: ContactSeen) -> dict[str, str]:
    return {name: text for name, raw in seen.fields.items() if (text := raw.strip()[:LONGEST_VALUE])}


def _digest(fields: Mapping[str, str]) -> str:
    return digest_of(sorted(fields.items()))


def digest_of(pairs: list[tuple[str, str]]) -> str:
    """What tells one statement from another of the same moment; `pairs`: its fields, (name, text) in order of names."""
    return blake2b(repr(pairs).encode(), digest_size=4).hexdigest()


def _fold_one(state: State, seen: ContactSeen, region: str) -> None:
    at, fields = _iso(seen.occurred_at), _texts(seen)
    said = _digest(fields)
    for name, text in fields.items():
        _newest(state.fields, name, text, at, said)
    for name, value in seen.attributes.items():
        _newest(state.attributes, name, value, at, said)
    if key := name_key(fields):
        state.names = frozenset(sorted(state.names | {key})[:NAMES_KEPT])
    for identifier in seen.identifiers:
        _hold(state, identifier, seen.occurred_at, region)
    state.anonymous = state.anonymous and seen.anonymous
    state.first_seen_at = min(state.first_seen_at, seen.occurred_at)
    state.last_seen_at = max(state.last_seen_at, seen.occurred_at)


@lru_cache(maxsize=256)
def _iso(at: datetime) -> str:
    """Statements of one list or payload share their moment."""
    return at.isoformat()


def _newest(kept: Dated, name: str, value: Any, at: str, said: str) -> None:
    """The later statement stands. Of two at one moment one wins in every field (`said` tells them apart), whatever came
    first: two rows of a list must not become one person with the given name of one and the family name of the other.
    """
    before = kept.get(name)
    if before is None or (before["at"], before.get("said", ""), str(before["value"])) < (at, said, str(value)):
        kept[name] = {"value": value, "at": at, "said": said}


def _hold(state: State, found: Identifier, at: datetime, region: str) -> None:
    normal = identifiers.normal(found.kind, found.value, region=region)
    if normal is None:
        if found.value.strip():  # keep what cannot be an identifier where people still see it
            unreadable = found.value.strip()[:LONGEST_VALUE]
            _newest(state.attributes, f"unreadable_{found.kind}", unreadable, at.isoformat(), "")
        return
    held = state.identifiers.get((found.kind, normal))
    if held is None:
        state.identifiers[found.kind, normal] = Held(found.value.strip(), found.verified, at, at)
        return
    held.value = max((held.last_seen_at, held.value), (at, found.value.strip()))[1]
    held.verified = held.verified or found.verified
    held.first_seen_at, held.last_seen_at = min(held.first_seen_at, at), max(held.last_seen_at, at)


def names_of(compared: Mapping[str, Any]) -> frozenset[str]:
    """The name keys a stored compared form remembers."""
    return frozenset(compared.get("names", ()))

"""What a profile's contacts say, field by field, and the golden record made of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from crm360.normalise import identifiers
from crm360.normalise.name import split_full_name
from crm360.profiles import naming, survivorship
from crm360.profiles.survivorship import Choice, Pinned, Statement


class Told(NamedTuple):
    """A contact as stored: `fields` name → {"value", "at" (ISO time)}."""

    contact_id: int
    source: str
    fields: Mapping[str, Mapping[str, str]]


class Known(NamedTuple):
    """An identifier as stored: `normal` is the form compared."""

    contact_id: int
    kind: identifiers.IdentifierKind
    value: str
    normal: str
    verified: bool
    last_seen_at: datetime


class Record(NamedTuple):
    """A golden record as stored: `fields` as described at `models.GoldenRecord`."""

    display_name: str
    city: str
    fields: dict[str, Any]


#: Identifiers of which one is shown as the customer's own.
_SHOWN = frozenset({"email", "phone", "card"})


def compose(
    contacts: Sequence[Told],
    known: Iterable[Known],
    *,
    profile_id: int,
    trust: Sequence[str] = (),
    pins: Mapping[str, Pinned] = MappingProxyType({}),
    rules: Mapping[str, str] = MappingProxyType({}),
) -> Record:
    """The golden record of a profile's contacts and their identifiers, and of what staff pinned.

    `rules`: field → rule of survivorship, where it is not the usual one.
    """
    said = gather(contacts, known)
    chosen = survivorship.golden(said, trust=trust, pins=pins, rules=rules)
    values = {field: choice.chosen.value for field, choice in chosen.items()}
    return Record(
        naming.display_name(values, profile_id=profile_id),
        values.get("city", ""),
        {field: _stored(choice) for field, choice in chosen.items()},
    )


def gather(contacts: Sequence[Told], known: Iterable[Known]) -> dict[str, list[Statement]]:
    """Statements by field; e-mail, phone and card are fields too, without those that point at nobody."""
    said: dict[str, list[Statement]] = defaultdict(list)
    sources = {}
    for contact in contacts:
        sources[contact.contact_id] = contact.source
        for field, value, at in _of_contact(contact.fields):
            said[field].append(Statement(value, contact.source, contact.contact_id, datetime.fromisoformat(at)))
    for each in known:
        if each.kind in _SHOWN and not identifiers.is_placeholder(each.kind, each.normal):
            value = each.normal if each.kind == "phone" else each.value
            source = sources[each.contact_id]
            said[each.kind].append(Statement(value, source, each.contact_id, each.last_seen_at, each.verified))
    return said


def _of_contact(fields: Mapping[str, Mapping[str, str]]) -> Iterable[tuple[str, str, str]]:
    """(field, value, ISO time); a full name alone counts as given and family name where it can be taken apart."""
    for field, told in fields.items():
        if not told["value"]:
            continue
        given, family = split_full_name(told["value"]) if field == "full_name" else ("", "")
        if not (given and family):
            yield field, told["value"], told["at"]
        elif not (fields.keys() & {"given_name", "family_name"}):
            yield "given_name", given, told["at"]
            yield "family_name", family, told["at"]


def _stored(choice: Choice) -> dict[str, Any]:
    by = {"by": choice.by} if choice.by else {}
    return {**_told(choice.chosen), "rule": choice.rule, **by, "others": [_told(other) for other in choice.others]}


def _told(statement: Statement) -> dict[str, Any]:
    return {
        "value": statement.value,
        "source": statement.source,
        "contact_id": statement.contact_id,
        "at": statement.at.isoformat(),
    }

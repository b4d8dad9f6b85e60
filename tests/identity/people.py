"""Statements about invented customers, and a short way to receive and read them in tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from crm360.facts import ContactRef, ContactSeen, Identifier
from crm360.identity import operations
from crm360.identity.models import Contact
from crm360.kernel.db import db

NOW = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)

Partition = frozenset[frozenset[str]]


def seen(
    external_id: str,
    given: str = "",
    family: str = "",
    *,
    at: int = 0,
    source: str = "shop",
    anonymous: bool = False,
    **said: Any,
) -> ContactSeen:
    """A statement: names, then fields by name; identifiers by kind (`email="a@b.pl"`, or a list of them)."""
    kinds = ("email", "phone", "card", "customer_id", "device", "national_id", "chat_id")
    identifiers = [
        Identifier(kind, value)  # type: ignore[arg-type]
        for kind in kinds
        for value in ([said[kind]] if isinstance(said.get(kind), str) else said.get(kind, ()))
    ]
    fields = {"given_name": given, "family_name": family} | {k: v for k, v in said.items() if k not in kinds}
    return ContactSeen(
        ref=ContactRef(source, external_id),
        occurred_at=NOW - timedelta(days=400) + timedelta(minutes=at),
        fields={name: value for name, value in fields.items() if value},
        identifiers=tuple(identifiers),
        anonymous=anonymous,
    )


def receive(*batches: Sequence[ContactSeen]) -> dict[str, int]:
    """Record and resolve batch after batch; returns external id → contact id."""
    ids: dict[str, int] = {}
    for batch in batches:
        recorded = operations.record_contacts(seen=batch, now=NOW)
        operations.resolve(contact_ids=recorded.changed, before=recorded.before, now=NOW)
        ids |= {ref.external_id: contact for ref, contact in recorded.ids.items()}
    return ids


def partition() -> Partition:
    """Who is together now, by external ids; visitors nobody named stand alone under `?`."""
    groups: dict[int | None, set[str]] = {}
    for external_id, profile in db.session.execute(select(Contact.external_id, Contact.profile_id)):
        groups.setdefault(profile, set()).add(external_id)
    nameless = groups.pop(None, set())
    return frozenset(map(frozenset, groups.values())) | frozenset(frozenset((f"?{one}",)) for one in nameless)


def profile_of(external_id: str) -> int | None:
    """The profile a contact is in."""
    return db.session.scalar(select(Contact.profile_id).where(Contact.external_id == external_id))


def groups(*of: Iterable[str]) -> Partition:
    """A partition written out: `groups("ab", ["c"])`."""
    return frozenset(frozenset(group) for group in of)

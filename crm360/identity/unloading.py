"""Contacts a list wrote, taken back: restored to what they were, or removed where nothing else is known of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, or_, select

from crm360.identity import loading, personal_data
from crm360.identity.compared import Compared
from crm360.identity.folding import names_of
from crm360.identity.layers import Contents, Json
from crm360.identity.models import Contact, ContactIdentifier, Edge, Redirect
from crm360.kernel.db import db, table_of
from crm360.kernel.dialects import Among, upsert
from crm360.kernel.personal_data import Whom

_CONTACTS = select(table_of(Contact)).where(Among(Contact.id))
_IDENTIFIERS = select(table_of(ContactIdentifier)).where(Among(ContactIdentifier.contact_id))


#: What goes with a contact. Nobody has decided anything about it: such contacts are not removed.
_DERIVED = (
    personal_data.erase_lineage,
    personal_data.erase_edges,
    personal_data.erase_blocking_keys,
    personal_data.erase_group_keys,
    personal_data.erase_unresolved,
    personal_data.erase_identifiers,
)


class Gone(NamedTuple):
    """What removed contacts leave behind: contacts to resolve anew, what was compared, profiles to refresh or drop."""

    near: set[int]
    forms: dict[int, Compared]
    profile_ids: set[int]


def contents(contact_ids: Collection[int]) -> dict[int, Contents]:
    """What contacts hold now."""
    identifiers: dict[int, dict[tuple[str, str], Json | None]] = {}
    for row in db.session.execute(_IDENTIFIERS, {"values": list(contact_ids)}):
        identifiers.setdefault(row.contact_id, {})[row.kind, row.normal] = {
            "value": row.value, "verified": row.verified,
            "first_seen_at": row.first_seen_at.isoformat(), "last_seen_at": row.last_seen_at.isoformat(),
        }  # fmt: skip
    return {
        row.id: Contents(
            row.fields, row.attributes, identifiers.get(row.id, {}), names_of(row.compared),
            (row.first_seen_at.isoformat(), row.last_seen_at.isoformat()),
            (row.source_tags, row.source_tags_at.isoformat() if row.source_tags_at else None),
        )
        for row in db.session.execute(_CONTACTS, {"values": list(contact_ids)})
    }  # fmt: skip


def restore(wanted: Mapping[int, Contents], *, anonymous: Mapping[int, bool]) -> dict[int, Compared]:
    """Give contacts these contents, and `anonymous` where it says so. They are to be resolved anew.

    Returns the forms they had: a value fewer names were seen with may be one person's own again.
    """
    held = contents(wanted)
    stored = {row.id: row for row in db.session.execute(_CONTACTS, {"values": list(wanted)})}
    rows, kept, lost = [], [], []
    for contact_id, new in wanted.items():
        row = stored[contact_id]
        compared = {name: value for name, value in row.compared.items() if name != "names"}
        rows.append(
            {"b_id": contact_id, "anonymous": anonymous.get(contact_id, row.anonymous), "fields": new.fields,
             "attributes": new.attributes, "source_tags": new.tags[0], "source_tags_at": _moment(new.tags[1]),
             "compared": compared | ({"names": sorted(new.names)} if new.names else {}),
             "first_seen_at": _moment(new.seen[0]), "last_seen_at": _moment(new.seen[1])}
        )  # fmt: skip
        for key, there in held[contact_id].identifiers.items():
            wanted_there = new.identifiers.get(key)
            if wanted_there is None:
                lost.append((contact_id, *key))
            elif wanted_there != there:
                kept.append({"contact_id": contact_id, "kind": key[0], "normal": key[1], **_dated(wanted_there)})
    loading.write(rows)
    upsert(db.session, table_of(ContactIdentifier), kept, ["kind", "normal", "contact_id"])
    for contact_id, kind, normal in lost:
        theirs = (ContactIdentifier.contact_id == contact_id, ContactIdentifier.kind == kind)
        db.session.execute(delete(ContactIdentifier).where(*theirs, ContactIdentifier.normal == normal))
    return {contact_id: row.compared for contact_id, row in stored.items()}


def remove(contact_ids: Sequence[int], *, keep_empty: Collection[int] = ()) -> Gone:
    """Delete contacts that hold nothing but what is taken back, as if they had never been.

    Those of `keep_empty` stay as an empty record nobody sees: the ledger's statements hang on them.
    """
    if not contact_ids:
        return Gone(set(), {}, set())
    found = list(db.session.execute(_CONTACTS, {"values": list(contact_ids)}))
    forms = {row.id: row.compared for row in found}
    profiles = {row.profile_id for row in found if row.profile_id is not None}
    homes = {row.home_profile_id for row in found if row.home_profile_id is not None}
    near = _near(contact_ids, profiles)
    whom = Whom(tuple(contact_ids))
    for eraser in _DERIVED:
        eraser(whom)
    loading.write([_emptied(row) for row in found if row.id in keep_empty])
    gone = [row.id for row in found if row.id not in keep_empty]
    db.session.execute(delete(Contact).where(Contact.id.in_(gone)))
    _forget_redirects(homes)
    return Gone(near, forms, profiles)


def _near(contact_ids: Sequence[int], profiles: Collection[int]) -> set[int]:
    """Contacts whose partition may change: the others of the same profiles, and the other ends of edges."""
    gone = set(contact_ids)
    mates = select(Contact.id).where(Contact.profile_id.in_(profiles), Contact.anonymous.is_(False))
    either = or_(Edge.left_id.in_(gone), Edge.right_id.in_(gone))
    near = set(db.session.scalars(mates))
    for left, right in db.session.execute(select(Edge.left_id, Edge.right_id).where(either)):
        near |= {left, right}
    return near - gone


def _emptied(row: Any) -> Json:
    return {"b_id": row.id, "profile_id": None, "home_profile_id": None, "anonymous": True, "fields": {},
            "attributes": {}, "source_tags": [], "source_tags_at": None, "compared": {"anonymous": True}}  # fmt: skip


def _forget_redirects(profile_ids: Collection[int]) -> None:
    """Numbers only removed contacts ever had lead nowhere."""
    still = select(Contact.id).where(
        or_(Contact.profile_id == Redirect.profile_id, Contact.home_profile_id == Redirect.profile_id)
    )
    db.session.execute(delete(Redirect).where(Redirect.profile_id.in_(profile_ids), ~still.exists()))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _dated(held: Json) -> Json:
    return held | {name: _moment(held[name]) for name in ("first_seen_at", "last_seen_at")}

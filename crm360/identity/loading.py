"""Contacts of a list written in bulk and left to be resolved, and what each of them was before, to be taken back.

A new contact is a customer of its own at once; whether it is somebody we knew is decided when its turn comes (see
`unresolved`). What a list says that is known already is written nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from crm360.facts import ContactRef, ContactSeen, TagsStated
from crm360.identity import folding, recording
from crm360.identity.models import Contact, ContactIdentifier, Profile, Unresolved
from crm360.kernel import bulk, dialects
from crm360.kernel.db import db, table_of

Kind = Literal["created", "updated", "unchanged"]
Json = dict[str, Any]


class Change(NamedTuple):
    """What a list did to a contact. `before` is what it was, as far as that changed; None for a new contact.

    `state`: the contact as it is now.
    """

    contact_id: int
    kind: Kind
    before: Json | None
    state: folding.State


class Planned(NamedTuple):
    """A contact and what statements about it would do; `kept` is the contact as stored."""

    kind: Kind
    state: folding.State
    kept: recording.Kept | None
    tags: TagsStated | None


def plan(
    *, seen: Sequence[ContactSeen], tags: Sequence[TagsStated] = (), regions: Mapping[str, str] | None = None
) -> dict[ContactRef, Planned]:
    """What statements would do to each contact they speak of, in the order of the contacts' names. Writes nothing."""
    by_ref: dict[ContactRef, list[ContactSeen]] = {}
    for statement in seen:
        by_ref.setdefault(statement.ref, []).append(statement)
    labels = {stated.ref: stated for stated in tags}
    kept = recording.load(by_ref)
    found = {}
    for ref in sorted(by_ref):
        region = (regions or {}).get(ref.source, recording.DEFAULT_REGION)
        there = kept.get(ref)
        state = folding.fold(folding.copied(there.state) if there else None, by_ref[ref], region=region)
        found[ref] = Planned(_kind(there, state, labels.get(ref)), state, there, labels.get(ref))
    return found


def load(*, planned: Mapping[ContactRef, Planned], now: datetime) -> dict[ContactRef, Change]:
    """Write what was planned in this very transaction. Contacts new or updated are unresolved from here on."""
    dialects.lock_partition(db.session)
    made = _create({ref: each for ref, each in planned.items() if each.kept is None}, now)
    changes = dict(made)
    for ref, each in planned.items():
        if each.kept is not None:
            changes[ref] = Change(each.kept.id, each.kind, _before(each), each.state)
    _update([each for each in planned.values() if each.kept is not None])
    waiting = sorted(change.contact_id for change in changes.values() if change.kind != "unchanged")
    rows = [{"contact_id": contact_id} for contact_id in waiting]
    bulk.insert_rows(db.session, table_of(Unresolved), rows, on_conflict="keep", keys=["contact_id"])
    return changes


def _kind(kept: recording.Kept | None, state: folding.State, tags: TagsStated | None) -> Kind:
    if kept is None:
        return "created"
    same = (
        _values(kept.state.fields) == _values(state.fields)
        and _values(kept.state.attributes) == _values(state.attributes)
        and kept.state.identifiers.keys() == state.identifiers.keys()
        and kept.state.anonymous == state.anonymous
        and (tags is None or not _newer(tags, kept) or sorted(set(tags.tags)) == kept.tags)
    )
    return "unchanged" if same else "updated"


def _newer(tags: TagsStated, kept: recording.Kept) -> bool:
    return kept.tags_at is None or kept.tags_at <= tags.occurred_at


def _values(dated: folding.Dated) -> dict[str, Any]:
    return {name: entry["value"] for name, entry in dated.items()}


def _create(new: Mapping[ContactRef, Planned], now: datetime) -> dict[ContactRef, Change]:
    if not new:
        return {}
    contacts = dialects.new_ids(db.session, table_of(Contact), len(new))
    profiles = dialects.new_ids(db.session, table_of(Profile), len(new))
    bulk.insert_rows(db.session, table_of(Profile), [{"id": number, "created_at": now} for number in profiles])
    rows, identifiers, changes = [], [], {}
    for (ref, (_, state, _, tags)), contact_id, profile_id in zip(new.items(), contacts, profiles, strict=True):
        rows.append(_row(ref, state, tags, contact_id, profile_id, now))
        identifiers += [folding.identifier_row(contact_id, *key, held) for key, held in state.identifiers.items()]
        changes[ref] = Change(contact_id, "created", None, state)
    bulk.insert_rows(db.session, table_of(Contact), rows)
    bulk.insert_rows(db.session, table_of(ContactIdentifier), identifiers)
    return changes


def _row(
    ref: ContactRef, state: folding.State, tags: TagsStated | None, contact_id: int, profile_id: int, now: datetime
) -> Json:
    return {
        "id": contact_id,
        "source": ref.source,
        "external_id": ref.external_id,
        "profile_id": profile_id,
        "home_profile_id": profile_id,
        "anonymous": state.anonymous,
        "fields": state.fields,
        "attributes": state.attributes,
        "source_tags": sorted(set(tags.tags)) if tags else [],
        "source_tags_at": tags.occurred_at if tags else None,
        "compared": {"names": sorted(state.names)} if state.names else {},
        "first_seen_at": state.first_seen_at,
        "last_seen_at": state.last_seen_at,
        "created_at": now,
    }


def _update(there: Iterable[Planned]) -> None:
    rewritten, seen_again, identifiers = [], [], []
    for kind, state, kept, tags in there:
        if kept is None:
            continue
        if kind == "unchanged":
            seen_again.append({"b_id": kept.id, "last_seen_at": state.last_seen_at})
            continue
        label = _newest_tags(kept, tags)
        compared = {**kept.compared, "names": sorted(state.names)} if state.names else kept.compared
        rewritten.append(
            {"b_id": kept.id, "anonymous": state.anonymous, "fields": state.fields, "attributes": state.attributes,
             "source_tags": label[0], "source_tags_at": label[1], "compared": compared,
             "first_seen_at": state.first_seen_at, "last_seen_at": state.last_seen_at}
        )  # fmt: skip
        identifiers += [
            folding.identifier_row(kept.id, *key, held)
            for key, held in state.identifiers.items()
            if kept.held.get(key) != held
        ]
    write(rewritten)
    write(seen_again)
    dialects.upsert(db.session, table_of(ContactIdentifier), identifiers, ["contact_id", "kind", "normal"])


def write(rows: Sequence[Json]) -> None:
    """Overwrite columns of contacts: rows of the same columns, each with the contact's id as `b_id`."""
    bulk.update_rows(db.session, table_of(Contact), rows)


def _newest_tags(kept: recording.Kept, tags: TagsStated | None) -> tuple[list[str], datetime | None]:
    if tags is None or not _newer(tags, kept):
        return kept.tags, kept.tags_at
    return sorted(set(tags.tags)), tags.occurred_at


def _before(planned: Planned) -> Json:
    """What the contact held where that is different now, in a form that goes into JSON."""
    kept, state = planned.kept, planned.state
    if kept is None:
        raise ValueError("a new contact was nothing before")
    before: Json = {"seen": [kept.state.first_seen_at.isoformat(), kept.state.last_seen_at.isoformat()]}
    if planned.kind == "unchanged":
        return before
    before["anonymous"] = kept.state.anonymous
    before["names"] = sorted(kept.state.names)
    before["added"] = sorted(state.names - kept.state.names)
    before["fields"] = _differing(kept.state.fields, state.fields)
    before["attributes"] = _differing(kept.state.attributes, state.attributes)
    before["identifiers"] = [
        [kind, normal, _held(kept.held.get((kind, normal)))]
        for (kind, normal), held in sorted(state.identifiers.items())
        if kept.held.get((kind, normal)) != held
    ]
    if planned.tags is not None and _newer(planned.tags, kept):
        before["tags"] = [kept.tags, kept.tags_at.isoformat() if kept.tags_at else None]
    return before


def _differing(before: folding.Dated, after: folding.Dated) -> Json:
    return {name: before.get(name) for name, entry in after.items() if before.get(name) != entry}


def _held(held: folding.Held | None) -> Json | None:
    if held is None:
        return None
    return {"value": held.value, "verified": held.verified,
            "first_seen_at": held.first_seen_at.isoformat(), "last_seen_at": held.last_seen_at.isoformat()}  # fmt: skip

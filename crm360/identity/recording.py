"""Statements about customers → contact rows and identifiers, in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update

from crm360.facts import ContactRef, ContactSeen, Received, TagsStated
from crm360.identity import folding, ruling
from crm360.identity.compared import Compared, compared_form
from crm360.identity.models import Contact, ContactIdentifier
from crm360.kernel import asking, bulk, dialects
from crm360.kernel.batches import chunked
from crm360.kernel.db import db, table_of

DEFAULT_REGION = "PL"
_LOOKED_UP = 5_000


class _Row(NamedTuple):
    """What is read of a contact's row, by the names of its columns."""

    id: int
    external_id: str
    anonymous: bool
    fields: folding.Dated
    attributes: folding.Dated
    source_tags: list[str]
    source_tags_at: datetime | None
    compared: Compared
    first_seen_at: datetime
    last_seen_at: datetime


_OF_SOURCE = select(*(table_of(Contact).c[name] for name in _Row._fields)).where(
    Contact.source == bindparam("source"), dialects.Among(Contact.external_id)
)
_HELD = select(
    ContactIdentifier.contact_id, ContactIdentifier.kind, ContactIdentifier.normal, ContactIdentifier.value,
    ContactIdentifier.verified, ContactIdentifier.first_seen_at, ContactIdentifier.last_seen_at,
).where(dialects.Among(ContactIdentifier.contact_id))  # fmt: skip


class Recorded(NamedTuple):
    """`ids` of every contact spoken of; `changed` are those to resolve anew; `before` the forms they had, if any; `retold`
    those known before of which a source now says something else that no form holds, such as their points. Of those not changed,
    `reworded` are known by other words now, and `confirmed` by the same words said later."""

    ids: dict[ContactRef, int]
    changed: set[int]
    before: dict[int, Compared]
    retold: set[int]
    reworded: set[int]
    confirmed: set[int]


class Kept(NamedTuple):
    """A contact as stored: its state, and what its row and identifiers were before anything was folded into it."""

    id: int
    state: folding.State
    compared: Compared
    before: tuple[Any, ...]
    held: dict[tuple[str, str], folding.Held]
    tags: list[str]
    tags_at: datetime | None


def record_contacts(
    *, seen: Sequence[ContactSeen], now: datetime, regions: Mapping[str, str] | None = None
) -> Recorded:
    """Fold statements into contacts. Nothing is resolved yet; `resolve` takes what came back.

    `regions`: source → ISO alpha-2, how its national phone numbers are read (Poland where nothing is said).
    """
    dialects.lock_partition(db.session)
    by_ref: dict[ContactRef, list[ContactSeen]] = {}
    for statement in seen:
        by_ref.setdefault(statement.ref, []).append(statement)
    kept = load(by_ref)
    regions = regions or {}
    states = {
        ref: folding.fold(_state(kept, ref), by_ref[ref], region=regions.get(ref.source, DEFAULT_REGION))
        for ref in sorted(by_ref)
    }
    blocked = ruling.blocked(f"{kind}:{normal}" for state in states.values() for kind, normal in state.identifiers)
    forms = {ref: _form(state, blocked) for ref, state in states.items()}
    new = [ref for ref in states if ref not in kept]
    ids = {ref: row.id for ref, row in kept.items()} | _insert(new, states, forms, now)
    _update(kept, states, forms)
    _write_identifiers(kept, ids, states)
    changed = {ids[ref] for ref in states if ref not in kept or kept[ref].compared != forms[ref]}
    before = {row.id: row.compared for ref, row in kept.items() if row.id in changed}
    retold = {row.id for ref, row in kept.items() if _said(row.before[4]) != _said(states[ref].attributes)}
    again = {row.id: _words(row.before[3], row.held) == _words(states[ref].fields, states[ref].identifiers)
             for ref, row in kept.items() if row.id not in changed and _told_again(row, states[ref])}  # fmt: skip
    reworded = {contact for contact, same in again.items() if not same}
    return Recorded(ids, changed, before, retold, reworded, again.keys() - reworded)


def _told_again(row: Kept, state: folding.State) -> bool:
    return row.before[3] != state.fields or row.held != state.identifiers


def _words(fields: folding.Dated, held: Mapping[tuple[str, str], folding.Held]) -> Any:
    """What a golden record shows of a contact, without when it was said."""
    return _said(fields), {key: (each.value, each.verified) for key, each in held.items()}


def _said(dated: folding.Dated) -> dict[str, Any]:
    return {name: entry["value"] for name, entry in dated.items()}


def record_tags(*, received: Sequence[Received[TagsStated]], now: datetime) -> None:
    """A source's own labels replace that source's earlier set, unless they are older. `now` is unused by rule."""
    newest: dict[int, TagsStated] = {}
    for contact_id, _, fact, _ in received:
        if contact_id is not None:
            known = newest.get(contact_id)
            if known is None or (known.occurred_at, known.tags) < (fact.occurred_at, fact.tags):
                newest[contact_id] = fact
    for contact_id, fact in newest.items():
        db.session.execute(
            update(Contact)
            .where(Contact.id == contact_id)
            .where(Contact.source_tags_at.is_(None) | (Contact.source_tags_at <= fact.occurred_at))
            .values(source_tags=sorted(set(fact.tags)), source_tags_at=fact.occurred_at)
        )


def _state(kept: Mapping[ContactRef, Kept], ref: ContactRef) -> folding.State | None:
    return kept[ref].state if ref in kept else None


def _form(state: folding.State, blocked: frozenset[str]) -> Compared:
    known = state.identifiers
    return compared_form(state.fields, known, names=state.names, anonymous=state.anonymous, blocked=blocked)


def _row(state: folding.State) -> dict[str, Any]:
    return {
        "anonymous": state.anonymous,
        "fields": state.fields,
        "attributes": state.attributes,
        "first_seen_at": state.first_seen_at,
        "last_seen_at": state.last_seen_at,
    }


def load(refs: Iterable[ContactRef]) -> dict[ContactRef, Kept]:
    """Contacts already there, with their identifiers, as states to fold into."""
    by_source: dict[str, list[str]] = {}
    for source, external_id in refs:
        by_source.setdefault(source, []).append(external_id)
    kept: dict[ContactRef, Kept] = {}
    for source, external_ids in by_source.items():
        for chunk in chunked(external_ids, _LOOKED_UP):
            for row in map(_Row._make, asking.rows(db.session, _OF_SOURCE, source=source, values=chunk)):
                state = folding.State(
                    row.first_seen_at, row.last_seen_at, row.anonymous,
                    {k: dict(v) for k, v in row.fields.items()}, {k: dict(v) for k, v in row.attributes.items()},
                    folding.names_of(row.compared),
                )  # fmt: skip
                before = (row.first_seen_at, row.last_seen_at, row.anonymous, row.fields, row.attributes)
                kept[ContactRef(source, row.external_id)] = Kept(
                    row.id, state, row.compared, before, {}, row.source_tags, row.source_tags_at
                )
    _load_identifiers({row.id: row for row in kept.values()})
    return kept


def _load_identifiers(kept: Mapping[int, Kept]) -> None:
    for chunk in chunked(kept, _LOOKED_UP):
        for contact_id, kind, normal, *held in asking.rows(db.session, _HELD, values=chunk):
            kept[contact_id].held[kind, normal] = folding.Held(*held)
            kept[contact_id].state.identifiers[kind, normal] = folding.Held(*held)


def _insert(
    new: Sequence[ContactRef],
    states: Mapping[ContactRef, folding.State],
    forms: Mapping[ContactRef, Compared],
    now: datetime,
) -> dict[ContactRef, int]:
    if not new:
        return {}
    ids = dict(zip(new, dialects.new_ids(db.session, table_of(Contact), len(new)), strict=True))
    rows = [
        {**_row(states[ref]), "id": ids[ref], "source": ref.source, "external_id": ref.external_id,
         "compared": forms[ref], "source_tags": [], "created_at": now}
        for ref in new
    ]  # fmt: skip
    bulk.insert_rows(db.session, table_of(Contact), rows)
    return ids


def _update(
    kept: Mapping[ContactRef, Kept], states: Mapping[ContactRef, folding.State], forms: Mapping[ContactRef, Compared]
) -> None:
    seen_again, rewritten = [], []
    for ref, row in kept.items():
        state = states[ref]
        now_held = (state.anonymous, state.fields, state.attributes)
        if now_held != row.before[2:] or forms[ref] != row.compared:
            rewritten.append({"b_id": row.id, **_row(state), "compared": forms[ref]})
        elif (state.first_seen_at, state.last_seen_at) != row.before[:2]:
            seen_again.append(
                {"b_id": row.id, "first_seen_at": state.first_seen_at, "last_seen_at": state.last_seen_at}
            )
    for rows in (rewritten, seen_again):
        bulk.update_rows(db.session, table_of(Contact), rows)


def _write_identifiers(
    kept: Mapping[ContactRef, Kept], ids: Mapping[ContactRef, int], states: Mapping[ContactRef, folding.State]
) -> None:
    rows = [
        folding.identifier_row(ids[ref], kind, normal, held)
        for ref, state in states.items()
        for (kind, normal), held in state.identifiers.items()
        if ref not in kept or kept[ref].held.get((kind, normal)) != held
    ]
    dialects.upsert(db.session, table_of(ContactIdentifier), rows, ["kind", "normal", "contact_id"])

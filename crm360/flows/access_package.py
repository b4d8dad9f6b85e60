"""A person's copy of their data (Articles 15 and 20) as named parts: whatever the personal-data map says is told.

Rows of others are never in it; raw payloads that speak of several people give the parts about this one; colleagues
appear by role, not by name (C-579/21).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Table, select

from crm360.accounts import reading_log
from crm360.consents import definitions
from crm360.consents import queries as consents
from crm360.consents.models import Statement
from crm360.evidence import gathering, packing
from crm360.evidence.receipts import Controller
from crm360.flows import access_labels, payloads_about, personal_map
from crm360.flows.subjects import Subject
from crm360.identity import queries as identity
from crm360.kernel.batches import chunked
from crm360.kernel.csvfile import safe_row
from crm360.kernel.db import db
from crm360.kernel.iso8601 import zulu
from crm360.kernel.personal_data import CATEGORIES
from crm360.privacy import vcard
from crm360.profiles import queries as profiles
from crm360.webhooks import queries as webhooks

FORMAT = "crm360 data package 1"
#: Article 20: what the person gave, or gave rise to by what they did.
PORTABLE = (
    "identity_contact", "identity_identifier", "commerce_order", "commerce_order_line", "commerce_cart",
    "conversations_message", "consents_statement", "profiles_timeline_entry", "push_subscription",
)  # fmt: skip
_RAW = "inbox_payload"
#: How the controller and its data protection officer are reached.
_CONTACT = ("address", "contact", "officer", "url")
Rows = list[dict[str, Any]]


class Part(NamedTuple):
    """One file of the package."""

    name: str
    body: bytes


class Copy(NamedTuple):
    """Everything that is told, as data: what pages and files are made of."""

    tables: dict[str, Rows]
    payloads: Rows
    recipients: Rows
    access_log: Rows
    segments: Rows
    consents: Rows
    receipts: Mapping[str, bytes]
    names: Mapping[str, str]


def names(*, portable_only: bool) -> list[str]:
    """The tables a copy is made of, in the map's order: how many there are is how far the making has come."""
    told = [name for name in personal_map.rows() if personal_map.is_told(name) and name != _RAW]
    return [name for name in told if name in PORTABLE] if portable_only else told


def rows_of(subject: Subject, name: str) -> Rows:
    """The person's rows of a table, the columns that are told."""
    table = personal_map.table_of(name)
    columns = [table.c[column] for column in personal_map.told(name)]
    query = select(*columns).where(personal_map.rows()[name](subject.whom)).order_by(*table.primary_key.columns)
    return [
        {key: _plain(value) for key, value in row.items() if value is not None}
        for row in db.session.execute(query).mappings()
    ]


def rest(subject: Subject, tables: dict[str, Rows], *, controller: Controller, locale: str, now: datetime) -> Copy:
    """All that no table says by itself: raw payloads, recipients, who looked, why each label, how consents stand."""
    ids = payloads_about.find_all(subject)
    return Copy(
        tables=tables,
        payloads=[{key: _plain(value) for key, value in told.items()} for told in payloads_about.told(subject, ids)],
        recipients=_recipients(now),
        access_log=_access_log(subject),
        segments=_segments(subject, tables, locale, now),
        consents=_consents(subject, now),
        receipts=_receipts(subject, controller, now),
        names=_names(subject),
    )


def files(copy: Copy, *, case_id: int, controller: Controller, now: datetime, due: Mapping[str, Any]) -> Iterator[Part]:
    """Every file but the pages, the manifest and its signature."""
    head: dict[str, Any] = {
        "format": FORMAT,
        "controller": controller.name,
        "case": case_id,
        "made_at": zulu(now),
    }
    head["controller_contact"] = {name: getattr(controller, name) for name in _CONTACT}
    yield _json("data.json", head | {"tables": copy.tables, "payloads": copy.payloads})
    yield _json("data.schema.json", schema())
    for name, rows in copy.tables.items():
        if rows:
            yield Part(f"csv/{name}.csv", _csv(rows))
    yield Part("contact.vcf", vcard.card(copy.names).encode())
    yield _json("consents.json", copy.consents)
    for name, body in copy.receipts.items():
        yield Part(name, body)
    yield _json("recipients.json", copy.recipients)
    yield Part("access_log.csv", _csv(copy.access_log, ("at", "what", "role")))
    yield _json("segments.json", copy.segments)
    yield _json("deadline.json", due)
    yield from _messages(copy.tables.get("conversations_message", []))
    yield from portable(copy)


def portable(copy: Copy) -> Iterator[Part]:
    """The subset of Article 20, by itself."""
    some = {name: copy.tables[name] for name in PORTABLE if copy.tables.get(name)}
    yield _json("portability/data.json", {"format": FORMAT, "tables": some})
    for name, rows in some.items():
        yield Part(f"portability/csv/{name}.csv", _csv(rows))
    yield Part("portability/contact.vcf", vcard.card(copy.names).encode())


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of data.json, made from the map."""
    tables = {
        name: {"type": "array", "items": _row_schema(personal_map.table_of(name))}
        for name in names(portable_only=False)
    }
    text = {"type": "string"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": FORMAT,
        "type": "object",
        "required": ["format", "controller", "case", "made_at", "tables", "payloads"],
        "properties": {
            "format": {"const": FORMAT}, "controller": text, "case": {"type": "integer"},
            "controller_contact": {"type": "object", "properties": dict.fromkeys(_CONTACT, text), "additionalProperties": False},
            "made_at": text | {"format": "date-time"},
            "tables": {"type": "object", "properties": tables, "additionalProperties": False},
            "payloads": {"type": "array", "items": {"type": "object"}},
        },
    }  # fmt: skip


def _row_schema(table: Table) -> dict[str, Any]:
    categories = personal_map.columns()[table.name]
    properties = {
        name: _type_of(table, name) | {"description": CATEGORIES[categories[name]].title}
        for name in personal_map.told(table.name)
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}


_TYPES = {
    bool: {"type": "boolean"}, int: {"type": "integer"}, float: {"type": "number"},
    datetime: {"type": "string", "format": "date-time"}, date: {"type": "string", "format": "date"},
    str: {"type": "string"},
}  # fmt: skip


def _type_of(table: Table, column: str) -> dict[str, Any]:
    kind = table.c[column].type
    try:
        return dict(_TYPES.get(getattr(kind, "impl_instance", kind).python_type, {}))
    except NotImplementedError:
        return {}


def _names(subject: Subject) -> dict[str, str]:
    if subject.profile_id is None:
        return {}
    found = profiles.golden([subject.profile_id]).get(subject.profile_id)
    fields = {name: str(told["value"]) for name, told in found.fields.items()} if found else {}
    held = identity.identifiers_of(subject.profile_id)
    many = {
        kind: "\n".join(dict.fromkeys(each.value for each in held if each.kind == kind)) for kind in ("email", "phone")
    }
    return {"display_name": found.display_name if found else "", **fields, **many}


def _recipients(now: datetime) -> Rows:
    systems: Rows = [
        {
            "recipient": each.description or each.url,
            "address": each.url,
            "told": each.kinds or ["everything"],
            "how": "webhook",
        }
        for each in webhooks.all_endpoints()
    ]
    for purpose in definitions.catalogue(now=now).known.values():
        systems += [{"recipient": name, "purpose": purpose.code, "how": "processor"} for name in purpose.recipients]
    return systems


def _access_log(subject: Subject) -> Rows:
    """When somebody looked, what for, in which role."""
    if subject.profile_id is None:
        return []
    ids = {subject.profile_id, *(each.home_profile_id or 0 for each in identity.contacts_of(subject.profile_id))}
    return [{"at": _plain(at), "what": what, "role": role} for at, what, role in reading_log.of_profiles(ids)]


def _segments(subject: Subject, tables: Mapping[str, Rows], locale: str, now: datetime) -> Rows:
    """Each label and score, with what put the person there."""
    by_hand = [
        {"name": row["name"], "why": "set by a colleague", "since": row["set_at"]}
        for row in tables.get("profiles_tag", [])
    ]
    by_shop = [
        {"name": tag, "why": f"stated by {row['source']}", "since": row.get("source_tags_at", "")}
        for row in tables.get("identity_contact", [])
        for tag in row.get("source_tags", [])
    ]
    scores = [
        {"name": "customer value", "why": "computed from purchases", "inputs": row}
        for row in tables.get("commerce_value", [])
    ]
    inside = access_labels.segments_of(subject.profile_id, locale=locale, now=now) if subject.profile_id else []
    return [*by_hand, *by_shop, *scores, *inside]


def _receipts(subject: Subject, controller: Controller, now: datetime) -> dict[str, bytes]:
    """The person's own statements as receipts, as a pack of evidence has them."""
    said: list[Statement] = []
    for some in chunked(subject.contact_ids):
        said += db.session.scalars(select(Statement).where(Statement.contact_id.in_(some)).order_by(Statement.id))
    leaves = gathering.places([each.id for each in said])
    told = sorted(((each, leaves[each.id]) for each in said if each.id in leaves), key=lambda one: one[1].tree_index)
    notices = gathering.notices_named(each.notice for each in said)
    return packing.receipts_of(told, notices, definitions.catalogue(now=now), controller)


def _consents(subject: Subject, now: datetime) -> Rows:
    """How each address stands for each purpose and channel, and the statement that rests on."""
    if subject.profile_id is None:
        return []
    return [
        {
            "address": cell.identifier, "purpose": cell.purpose, "channel": cell.channel,
            "permitted": cell.verdict.permitted, "state": cell.verdict.state, "reason": cell.verdict.explanation,
            "since": _plain(cell.since), "notice": cell.statement.notice if cell.statement else "",
            "evidence": cell.statement.evidence if cell.statement else {},
        }
        for cell in consents.matrix(subject.profile_id, now=now)
    ]  # fmt: skip


def _messages(rows: Rows) -> Iterator[Part]:
    for number, row in enumerate(rows, 1):
        head = [f"{name}: {row[name]}" for name in ("sent_at", "direction", "author", "subject") if row.get(name)]
        if row.get("attachments"):
            head.append(f"attachments: {', '.join(map(str, row['attachments']))}")
        yield Part(f"messages/{number:05d}.txt", ("\n".join(head) + f"\n\n{row.get('body', '')}\n").encode())


def _json(name: str, value: Any) -> Part:
    return Part(name, json.dumps(value, ensure_ascii=False, indent=1, default=_plain).encode())


def _csv(rows: Sequence[Mapping[str, Any]], headers: Iterable[str] = ()) -> bytes:
    columns = list(headers) or list(dict.fromkeys(name for row in rows for name in row))
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(columns)
    writer.writerows(safe_row(tuple(_cell(row.get(name)) for name in columns)) for row in rows)
    return stream.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return zulu(value)
    if isinstance(value, date):
        return value.isoformat()
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value

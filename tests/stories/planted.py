"""Canaries: texts found nowhere else, planted in every column, file, raw payload and queue of one person."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Column, Table, select
from sqlalchemy.exc import IntegrityError

from crm360.flows import personal_map, receive
from crm360.identity.models import Contact
from crm360.inbox import operations as inbox
from crm360.inbox.models import Payload, Source
from crm360.kernel.db import Base
from crm360.kernel.personal_data import CATEGORIES

#: What the ledger holds is written by its own operations only; who is who by the resolver's.
BY_DOORS = {
    "consents_statement", "consents_leaf", "consents_opening", "consents_tenure", "consents_checkpoint", "identity_contact",
    "identity_profile", "identity_identifier", "identity_value_rule", "identity_value_rule_lifted", "identity_redirect",
    "identity_unresolved", "identity_lineage", "profiles_golden_record", "profiles_search_term", "profiles_search_variant",
    "profiles_waiting_term", "identity_blocking_key", "identity_model", "identity_model_activation", "inbox_source",
    "identity_weak_value", "privacy_case", "privacy_event", "privacy_step", "privacy_code", "privacy_package", "privacy_tombstone",
}  # fmt: skip
TIMES = 4


@dataclass
class Planted:
    """A person and where their canaries are: place → text. `told`: those a copy must hold; `kept`: those in the books."""

    number: int
    email: str
    told: dict[str, str] = field(default_factory=dict)
    untold: dict[str, str] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    contact_id: int = 0
    profile_id: int = 0

    def canary(self, place: str, *, told: bool = True) -> str:
        text = f"kanarek{secrets.token_hex(8)}"
        (self.told if told else self.untold)[place] = text
        return text

    @property
    def secret(self) -> set[str]:
        """Everything no byte of which may be left."""
        return {*self.told.values(), *self.untold.values()} - set(self.kept.values())


def plant(session: Any, number: int, folder: Path, now: datetime) -> Planted:
    """One person with canaries everywhere; `folder` is the instance's."""
    person = Planted(number, f"kanarek{secrets.token_hex(8)}@example.com")
    person.told["email"] = person.email
    through_doors(session, person, now)
    shop = session.scalar(select(Source.id).where(Source.name == "shop"))
    rows: dict[str, list[dict[str, Any]]] = {
        "identity_contact": [{"id": person.contact_id}],
        "identity_profile": [{"id": person.profile_id}],
        "inbox_source": [{"id": shop}],
    }
    for table in Base.metadata.sorted_tables:
        if table.name not in BY_DOORS:
            for turn in range(TIMES if table.name in personal_map.rows() else 1):
                fill(session, table, person, rows, turn, now)
    in_files(person, folder)
    session.commit()
    return person


def through_doors(session: Any, person: Planted, now: datetime) -> None:
    """A shop's customer, order and consent, a message and payloads nobody could read, as the world sends them."""
    phone = f"+48601{person.number:06d}"
    person.told["phone"] = phone
    customer = {
        "id": 700000 + person.number, "email": person.email, "phone": phone, "first_name": person.canary("first name"),
        "last_name": person.canary("last name"), "note": person.canary("customer note"), "tags": person.canary("shop tag"),
        "created_at": "2026-01-01T10:00:00Z", "updated_at": "2026-01-02T10:00:00Z",
        "default_address": {"address1": person.canary("street"), "city": person.canary("city"), "zip": "00-193", "country_code": "PL"},
        "email_marketing_consent": {"state": "subscribed", "opt_in_level": "confirmed_opt_in", "consent_updated_at": "2026-01-02T10:00:00Z"},
    }  # fmt: skip
    source_id = inbox.ensure_source(name="shop", channel="shopify", now=now).id
    deliver = [("customers/create", customer), ("orders/create", order(person, customer))]
    for turn, (topic, document) in enumerate(deliver):
        item = inbox.NewPayload(
            inbox.senders_key(f"{person.number}-{turn}"), json.dumps(document).encode(), {"x-shopify-topic": topic}
        )
        inbox.keep(source_id=source_id, channel="shopify", items=[item], now=now)
    assert receive.process_waiting(now=now) == (2, 0)
    unread = f"{person.email};{person.canary('quarantined')}\n".encode()
    inbox.keep_unreadable(
        source_id=source_id, channel="shopify", item=inbox.NewPayload(f"u{person.number}", unread), reason="?", now=now
    )
    contact = session.scalars(select(Contact).where(Contact.external_id == f"customer:{customer['id']}")).one()
    person.contact_id, person.profile_id = contact.id, contact.profile_id
    session.flush()


def order(person: Planted, customer: dict[str, Any]) -> dict[str, Any]:
    number = person.number
    return {
        "id": 900000 + number, "name": f"#{number}", "currency": "PLN", "total_price": "12.00", "email": person.email,
        "created_at": "2026-01-03T10:00:00Z", "updated_at": "2026-01-03T10:00:00Z", "financial_status": "paid",
        "customer": customer, "note": person.canary("order note"),
        "line_items": [{"id": 1, "title": "Kawa", "quantity": 1, "price": "12.00", "sku": "K1"}],
    }  # fmt: skip


def in_files(person: Planted, folder: Path) -> None:
    """An imported list, a file a watched folder put away, both shared with others."""
    for place in ("imports", "watched/in/done"):
        there = folder / place
        there.mkdir(parents=True, exist_ok=True)
        with (there / "list.csv").open("a") as stream:
            stream.write(f'"{person.email}","{person.canary(place, told=False)}\n second line"\n')


def fill(session: Any, table: Table, person: Planted, rows: dict[str, Any], turn: int, now: datetime) -> None:
    """One row; a second one of which there can only be one per person is left out, its canaries with it."""
    before = dict(person.told), dict(person.untold)
    row = dict(values(table, person, rows, turn, now))
    try:
        with session.begin_nested():
            session.execute(table.insert().values(row))
    except IntegrityError:
        if not turn and table.name in personal_map.rows():
            raise
        person.told, person.untold = before
    else:
        rows.setdefault(table.name, []).append(row)


def values(table: Table, person: Planted, rows: dict[str, Any], turn: int, now: datetime) -> Iterator[tuple[str, Any]]:
    for column in table.columns:
        foreign = next(iter(column.foreign_keys), None)
        if foreign is not None:
            there = rows.get(foreign.column.table.name) or [{}]
            yield column.name, there[min(turn, len(there) - 1)].get(foreign.column.name)
        elif column.name in ("contact_id", "left_id", "right_id"):
            yield column.name, person.contact_id
        elif column.name == "profile_id":
            yield column.name, person.profile_id
        else:
            yield column.name, value(table, column, person, turn, now)


def value(table: Table, column: Column[Any], person: Planted, turn: int, now: datetime) -> Any:
    number = person.number * 100 + turn + 1000
    kind = dict if isinstance(column.type, JSON) else getattr(column.type, "impl_instance", column.type).python_type
    if f"{table.name}.{column.name}" == "inbox_payload.body":
        return json.dumps({"of": [person.email, person.canary(f"body {turn}")]}).encode()
    plain = {bool: False, int: number, float: float(number), datetime: now, date: now.date(), bytes: b"{}"}
    if kind in plain:
        return plain[kind]
    place = f"{table.name}.{column.name}.{turn}"
    if f"{table.name}.{column.name}" in FITTING:
        return FITTING[f"{table.name}.{column.name}"].format(person=person, number=number)
    category = CATEGORIES[code := personal_map.columns()[table.name][column.name]]
    if table.name not in personal_map.rows() or not category.personal or code in ("link", "pseudonym", "mixed"):
        text = f"x{number}"
        if code == "mixed" or code == "books":
            return {} if kind is dict else text
        return {"x": number} if kind is dict else text
    text = person.canary(place, told=category.told)
    return {"of": text} if kind is dict else text


#: Columns that hold something a query goes by.
FITTING = {
    "inbox_payload.state": "processed",
    "inbox_payload.channel": "shopify",
    "imports_run.status": "done",
    "imports_issue.reason": "{person.email}",
    "outbox_letter.state": "queued",
    "outbox_letter.to_address": "{person.email}",
}


def payloads_left(session: Any) -> list[bytes]:
    return [bytes(body) for body in session.scalars(select(Payload.body))]

"""Customer lists: one row per payload, columns already mapped to the fields of `columns.CONTACT_FIELDS`.

Body: `{"row": {field: text}, "attributes": {column: text}, "options": {"region": "PL", "date_order": "dmy",
"decimal": ",", "timezone": "Europe/Warsaw", "list_state": "subscribed"}}`. Fields of `row` that are none of ours are
kept as attributes, too. `list_state` is what the name of the file says of everybody in it (mailing-list exports part
subscribed, unsubscribed and cleaned into files).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from crm360.facts import ConsentStated, ContactRef, ContactSeen, Fact, Identifier, TagsStated
from crm360.normalise import mailboxes
from crm360.normalise.address import split_street
from crm360.normalise.name import split_full_name
from crm360.normalise.text import fold
from crm360.sources import contacts_consents, json_fields
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.contact_keys import DEFAULT_REGION, card_key, email_key, iso_birth_date, phone_key
from crm360.sources.written_values import day, unquoted

CHANNEL = "contacts_csv"

_AS_WRITTEN = (
    "given_name",
    "family_name",
    "full_name",
    "company",
    "job_title",
    "gender",
    "street",
    "house_number",
    "address_2",
    "city",
    "postcode",
    "state",
    "country",
    "locale",
)
_HANDLED = frozenset({*_AS_WRITTEN, *contacts_consents.FIELDS, "external_id", "email", "phone", "birth_date"}) | {
    "card_no",
    "customer_id",
    "national_id",
    "tax_id",
    "tags",
    "joined_on",
    "middle_name",
}
_SEVERAL = re.compile(r"\s*:::\s*|[;,]\s*")
_SEVERAL_PHONES = re.compile(r"\s*:::\s*|\s*[;,|]\s*|\s/\s")
_NOBODY = re.compile(r"(?i)(?:n/?a|null|none|nan|brak|-+|\?+|\.+)")
_MOST_VALUES = 20


def read(payload: Payload) -> Sequence[Fact]:
    """One row → its customer, consents and tags. Raises Unreadable when the row is empty."""
    document = json_fields.load(payload.body)
    options = json_fields.obj(document.get("options"))
    row = {name: value for name, cell in json_fields.obj(document.get("row")).items() if (value := _cell(cell))}
    if not row:
        raise Unreadable("The row is empty.")
    seen = _contact(payload, document, row, options)
    return [seen, *_consents(payload, row, options, seen), *_tags(row, seen)]


def _cell(cell: Any) -> str:
    value = unquoted(json_fields.text(cell, limit=5000))
    return "" if _NOBODY.fullmatch(value) else value


def _contact(payload: Payload, document: JsonObject, row: Mapping[str, str], options: JsonObject) -> ContactSeen:
    identifiers = _identifiers(payload, row)
    more = {name: value for name, cell in json_fields.obj(document.get("attributes")).items() if (value := _cell(cell))}
    return ContactSeen(
        ref=ContactRef(payload.source, _key(row, identifiers, options)),
        occurred_at=payload.received_at,
        fields=_fields(row, options),
        identifiers=identifiers,
        attributes=more | {name: value for name, value in row.items() if name not in _HANDLED},
    )


def _identifiers(payload: Payload, row: Mapping[str, str]) -> tuple[Identifier, ...]:
    found = []
    if customer_id := row.get("customer_id"):
        found.append(Identifier("customer_id", f"{payload.source}:{customer_id}"))
    if card := row.get("card_no"):
        found.append(Identifier("card", card))
    emails = [part for part in _SEVERAL.split(row.get("email", "")) if "@" in part]
    phones = [part for part in _SEVERAL_PHONES.split(row.get("phone", "")) if any(map(str.isdigit, part))]
    found += [Identifier("email", part) for part in dict.fromkeys(emails[:_MOST_VALUES])]
    found += [Identifier("phone", part) for part in dict.fromkeys(phones[:_MOST_VALUES])]
    if national_id := row.get("national_id"):
        found.append(Identifier("national_id", national_id))
    if tax_id := row.get("tax_id"):
        found.append(Identifier("tax_id", tax_id))
    return tuple(found)


def _key(row: Mapping[str, str], identifiers: Sequence[Identifier], options: JsonObject) -> str:
    """The list's own record id, else its customer id, card, first e-mail or phone, else a digest of the row.

    A mailbox of a function (info@, biuro@) names a company: there each name is a contact of its own.
    """
    if external_id := row.get("external_id"):
        return f"record:{external_id}"
    if customer_id := row.get("customer_id"):
        return f"customer:{customer_id}"
    first = {identifier.kind: identifier.value for identifier in reversed(identifiers)}
    if "card" in first:
        return card_key(first["card"])
    if "email" in first:
        key = email_key(first["email"])
        return f"{key}/{fold(_name(row))}" if mailboxes.is_role(key.removeprefix("email:")) and _name(row) else key
    if "phone" in first:
        return phone_key(first["phone"], json_fields.text(options.get("region")) or DEFAULT_REGION)
    return f"row:{json_fields.digest(json.dumps(row, sort_keys=True))}"


def _name(row: Mapping[str, str]) -> str:
    return " ".join(filter(None, (row.get("given_name"), row.get("family_name"), row.get("full_name"))))


def _fields(row: Mapping[str, str], options: JsonObject) -> dict[str, str]:
    order = json_fields.text(options.get("date_order"))
    fields = {name: row.get(name, "") for name in _AS_WRITTEN}
    if fields["street"] and not fields["city"]:
        fields |= _whole_address(fields["street"])
    if fields["full_name"] and not (fields["given_name"] or fields["family_name"]):
        fields["given_name"], fields["family_name"] = split_full_name(fields["full_name"])
    if fields["street"] and not fields["house_number"]:
        fields["street"], fields["house_number"] = split_street(fields["street"])
    fields["birth_date"] = iso_birth_date(_iso_day(row.get("birth_date", ""), order) or row.get("birth_date", ""))
    fields["joined_on"] = _iso_day(row.get("joined_on", ""), order)
    return {name: value for name, value in fields.items() if value}


def _whole_address(written: str) -> dict[str, str]:
    """Mailchimp's address in one cell, parts two spaces apart: "ul. Długa 5/7  Kraków  31-146  PL"."""
    parts = [part.strip() for part in written.split("  ") if part.strip()]
    if len(parts) < 3:
        return {}
    country = parts.pop() if parts[-1].isalpha() else ""
    postcode = parts.pop() if any(map(str.isdigit, parts[-1])) else ""
    street, *rest = parts
    return {"street": street, "city": " ".join(rest[:1]), "postcode": postcode, "country": country}


def _iso_day(written: str, order: str) -> str:
    try:
        return day(written, order or "dmy").isoformat() if written else ""
    except ValueError:
        return ""


def _consents(payload: Payload, row: Mapping[str, str], options: JsonObject, seen: ContactSeen) -> list[ConsentStated]:
    first: dict[str, Identifier] = {found.kind: found for found in reversed(seen.identifiers)}
    claim = contacts_consents.Claim(
        ref=seen.ref,
        source=payload.source,
        stated_at=payload.received_at,
        email=first.get("email"),
        phone=first.get("phone"),
        list_state=json_fields.text(options.get("list_state")),
        zone=json_fields.text(options.get("timezone")) or "UTC",
    )
    return contacts_consents.consents(claim, row)


def _tags(row: Mapping[str, str], seen: ContactSeen) -> list[TagsStated]:
    """Tags as lists write them: `vip, hurt`, `"VIP","Blog"`, `* myContacts ::: Klienci`."""
    parts = re.split(r":::|[,;|]", row.get("tags", ""))
    tags = dict.fromkeys(tag for part in parts if (tag := part.strip(" \"'*")) and tag != "myContacts")
    return [TagsStated(ref=seen.ref, tags=tuple(tags), occurred_at=seen.occurred_at)] if tags else []

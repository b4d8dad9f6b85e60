"""Customer lists: one row per payload, columns already mapped to the fields of `columns.CONTACT_FIELDS`.

Body: `{"row": {field: text}, "attributes": {column: text}, "options": {"region": "PL", "date_order": "dmy",
"decimal": ",", "timezone": "Europe/Warsaw", "list_state": "subscribed"}}`. Fields of `row` that are none of ours are
kept as attributes, too. `list_state` is what the name of the file says of everybody in it (mailing-list exports part
subscribed, unsubscribed and cleaned into files).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from crm360.facts import ConsentStated, ContactRef, ContactSeen, Fact, Identifier, TagsStated
from crm360.normalise import mailboxes
from crm360.normalise.address import split_street
from crm360.normalise.name import split_full_name
from crm360.normalise.text import fold
from crm360.sources import cards, contacts_consents, json_fields
from crm360.sources.base import Payload, Unreadable
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
#: What stands between several addresses, or numbers, of one cell.
EMAILS = re.compile(r"\s*:::\s*|[;,]\s*")
PHONES = re.compile(r"\s*:::\s*|\s*[;,|]\s*|\s/\s")
_BETWEEN_TAGS = re.compile(r":::|[,;|]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_LONGEST = 5000
_NOBODY = re.compile(r"(?i)(?:n/?a|null|none|nan|brak|-+|\?+|\.+)")
_MOST_VALUES = 20


class Reading(NamedTuple):
    """Whose list it is, when it was heard, and how it writes things."""

    source: str
    at: datetime
    options: Mapping[str, Any]


def read(payload: Payload) -> Sequence[Fact]:
    """One row → its customer, consents and tags. Raises Unreadable when the row is empty."""
    document = json_fields.load(payload.body)
    cells = {
        name: json_fields.text(cell, limit=_LONGEST) for name, cell in json_fields.obj(document.get("row")).items()
    }
    more = json_fields.obj(document.get("attributes"))
    attributes = {name: json_fields.text(cell, limit=_LONGEST) for name, cell in more.items()}
    options = json_fields.obj(document.get("options"))
    return facts_of(cells, attributes, Reading(payload.source, payload.received_at, options))


def facts_of(cells: Mapping[str, str], attributes: Mapping[str, str], reading: Reading) -> list[Fact]:
    """The same of cells already by field, with the columns kept as attributes beside them. Raises Unreadable."""
    row = {name: value for name, cell in cells.items() if (value := cell_value(cell))}
    if not row:
        raise Unreadable("The row is empty.")
    if any(cell[:1] == "{" for cell in attributes.values()):
        row, attributes = _taken_apart(row, attributes)
    seen = _contact(reading, attributes, row)
    return [seen, *_consents(reading, row, seen), *_tags(row, seen)]


def _taken_apart(row: Mapping[str, str], attributes: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Cells that are JSON objects (listmonk keeps what it knows of a subscriber so): fields of ours and attributes."""
    fields, kept = dict(row), {}
    for name, cell in attributes.items():
        try:
            found = json_fields.load(cell.encode("utf-8", "replace")) if cell[:1] == "{" else {}
        except Unreadable:
            found = {}
        if not found:
            kept[name] = cell
        for key, value in found.items():
            text = json_fields.text(value, limit=_LONGEST)
            if key in _AS_WRITTEN:
                fields.setdefault(key, text)
            elif text:
                kept[key] = text
    return {name: text for name, text in fields.items() if text}, kept


def cell_value(cell: str) -> str:
    """What a cell says: without what cannot be stored or was put before a number; "" where it says nothing."""
    value = cell.strip()[:_LONGEST]
    if value[:1] == "'":
        value = unquoted(value)
    if not value.isprintable():
        value = _UNSTORABLE.sub("", value)
    return "" if (len(value) <= 4 or value[0] in "-?.") and _NOBODY.fullmatch(value) else value


def _contact(reading: Reading, attributes: Mapping[str, str], row: Mapping[str, str]) -> ContactSeen:
    identifiers = _identifiers(reading, row)
    more = {name: value for name, cell in attributes.items() if (value := cell_value(cell))}
    return ContactSeen(
        ref=ContactRef(reading.source, _key(row, identifiers, reading.options)),
        occurred_at=reading.at,
        fields=_fields(row, reading),
        identifiers=identifiers,
        attributes=more | {name: value for name, value in row.items() if name not in _HANDLED},
    )


def _identifiers(reading: Reading, row: Mapping[str, str]) -> tuple[Identifier, ...]:
    found = []
    if customer_id := row.get("customer_id"):
        found.append(Identifier("customer_id", f"{reading.source}:{customer_id}"))
    if card := row.get("card_no"):
        digits = cards.known(reading.options.get("card_digits"))
        found.append(Identifier("card", cards.restored(card, digits) if digits else card))
    if emails := row.get("email"):
        found += [Identifier("email", part) for part in _parts(emails, EMAILS) if "@" in part]
    if phones := row.get("phone"):
        found += [Identifier("phone", part) for part in _parts(phones, PHONES) if any(map(str.isdigit, part))]
    if national_id := row.get("national_id"):
        found.append(Identifier("national_id", national_id))
    if tax_id := row.get("tax_id"):
        found.append(Identifier("tax_id", tax_id))
    return tuple(found)


def _parts(cell: str, between: re.Pattern[str]) -> Iterable[str]:
    """The values of a cell, each once, not too many."""
    return list(dict.fromkeys(between.split(cell)))[:_MOST_VALUES]


def _key(row: Mapping[str, str], identifiers: Sequence[Identifier], options: Mapping[str, Any]) -> str:
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


def _fields(row: Mapping[str, str], reading: Reading) -> dict[str, str]:
    order = json_fields.text(reading.options.get("date_order"))
    fields = {name: row[name] for name in _AS_WRITTEN if name in row}
    if "street" in fields:
        fields |= _address(fields)
    if "full_name" in fields and not (fields.keys() & {"given_name", "family_name"}):
        fields["given_name"], fields["family_name"] = split_full_name(fields["full_name"])
    if born := row.get("birth_date"):
        fields["birth_date"] = born_on(born, order, today=reading.at.date())
    if joined := row.get("joined_on"):
        fields["joined_on"] = iso_day(joined, order)
    return {name: value for name, value in fields.items() if value}


def _address(fields: Mapping[str, str]) -> dict[str, str]:
    found = {"street": fields["street"]}
    if "city" not in fields:
        found |= _whole_address(fields["street"])
    if "house_number" not in fields:
        found["street"], found["house_number"] = split_street(found["street"])
    return found


def _whole_address(written: str) -> dict[str, str]:
    """Mailchimp's address in one cell, parts two spaces apart: "ul. Długa 5/7  Kraków  31-146  PL"."""
    parts = [part.strip() for part in written.split("  ") if part.strip()]
    if len(parts) < 3:
        return {}
    country = parts.pop() if parts[-1].isalpha() else ""
    postcode = parts.pop() if any(map(str.isdigit, parts[-1])) else ""
    street, *rest = parts
    return {"street": street, "city": " ".join(rest[:1]), "postcode": postcode, "country": country}


def born_on(written: str, order: str, *, today: date) -> str:
    """A date of birth as `YYYY-MM-DD`, "" for none that is credible on the day the list is read."""
    return iso_birth_date(iso_day(written, order, latest=today) or written, today=today)


def iso_day(written: str, order: str, *, latest: date | None = None) -> str:
    """Any date of a list (`day`) as `YYYY-MM-DD`, "" for none; day first where the list names no `order`."""
    try:
        return day(written, order or "dmy", latest=latest).isoformat() if written else ""
    except ValueError:
        return ""


def _consents(reading: Reading, row: Mapping[str, str], seen: ContactSeen) -> list[ConsentStated]:
    list_state = json_fields.text(reading.options.get("list_state"))
    if not list_state and not contacts_consents.FIELDS & row.keys():
        return []
    first: dict[str, Identifier] = {found.kind: found for found in reversed(seen.identifiers)}
    claim = contacts_consents.Claim(
        ref=seen.ref,
        source=reading.source,
        stated_at=reading.at,
        email=first.get("email"),
        phone=first.get("phone"),
        list_state=list_state,
        zone=json_fields.text(reading.options.get("timezone")) or "UTC",
    )
    return contacts_consents.consents(claim, row)


def _tags(row: Mapping[str, str], seen: ContactSeen) -> list[TagsStated]:
    """Tags as lists write them: `vip, hurt`, `"VIP","Blog"`, `* myContacts ::: Klienci`."""
    if "tags" not in row:
        return []
    parts = _BETWEEN_TAGS.split(row["tags"])
    tags = dict.fromkeys(tag for part in parts if (tag := part.strip(" \"'*")) and tag != "myContacts")
    return [TagsStated(ref=seen.ref, tags=tuple(tags), occurred_at=seen.occurred_at)] if tags else []

"""Receipts of a till: one document, all its rows, per payload; columns already mapped to the fields below.

Body: `{"rows": [{field: text}], "row_numbers": [int], "options": {"currency": "PLN", "timezone": "Europe/Warsaw",
"decimal": ",", "date_order": "dmy", "region": "PL"}}`. Fields: `columns.RECEIPT_FIELDS`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Literal, NamedTuple

from crm360.facts import ContactRef, ContactSeen, Fact, Identifier, OrderLine, OrderPlaced
from crm360.sources import json_fields
from crm360.sources.base import Payload, Unreadable
from crm360.sources.contact_keys import DEFAULT_REGION, card_key, email_key, phone_key
from crm360.sources.written_values import decimal, local_moment, minor, unquoted

CHANNEL = "pos_csv"

Row = Mapping[str, str]
Kind = Literal["sale", "return", "cancellation"]
_RETURN_WORDS = ("zwrot", "return", "refund", "korekta", "credit")
_CANCELLATION_WORDS = ("anulo", "storno", "cancel", "void", "unieważ")


class Options(NamedTuple):
    """How the file writes things; `timezone` is the tills' IANA zone."""

    currency: str = "PLN"
    timezone: str = "Europe/Warsaw"
    decimal: str = "."
    date_order: str = "dmy"
    region: str = DEFAULT_REGION


def read(payload: Payload) -> Sequence[Fact]:
    """One document → its customer, when it names one, and the purchase. Raises Unreadable with the row's number.

    A cancellation that takes money back has negative amounts and counts as any document; a sale that was called off
    at the till (positive amounts) gets the status "cancelled", for it never was money.
    """
    document = json_fields.load(payload.body)
    rows: list[Row] = [row for row in json_fields.objects(document.get("rows")) if row]
    if not rows:
        raise Unreadable("The document has no rows.")
    options = options_of(document.get("options"))
    numbers = document.get("row_numbers")
    try:
        return _facts(payload, rows, options)
    except (ValueError, TypeError, AttributeError) as error:
        where = f"rows {numbers[0]}–{numbers[-1]}: " if isinstance(numbers, list) and numbers else ""
        raise Unreadable(f"{where}{_first_problem(rows, options) or error}") from None


def options_of(stated: object) -> Options:
    """Options from JSON; what is missing or no text keeps its default."""
    given = json_fields.obj(stated)
    known = {name: value for name in Options._fields if (value := json_fields.text(given.get(name)))}
    return Options(**known)


def document_key(row: Row) -> str:
    """What rows of one document share; "" when the row has no receipt number.

    Tills count from one again (each, or every day), so where the file names a store or till the key holds them and the
    day. A return under its sale's number is a document of its own.
    """
    number = row.get("receipt_no", "").strip()
    if not number:
        return ""
    store, till = row.get("store", "").strip(), row.get("till", "").strip()
    if store or till:
        number = f"{store}/{till}/{row.get('date', '').strip()[:10]}/{number}"
    kind = _stated_kind(row) if row.get("type") else ""
    return number if kind in ("", "sale") else f"{number}:{kind}"


def row_problem(row: Row, options: Options) -> str:
    """Why this row cannot be part of a document, or ""; for an importer's error file.

    A row without a date is fine: some exports write what the whole document shares into its first row alone.
    """
    try:
        if not row.get("receipt_no", "").strip():
            return "no receipt number"
        _amounts_of(row, options._replace(currency=row["currency"]) if row.get("currency") else options)
        if row.get("date", "").strip():
            _placed_at(row, options)
    except ValueError as error:
        return str(error)
    return ""


def _first_problem(rows: Sequence[Row], options: Options) -> str:
    for index, row in enumerate(rows, 1):
        if not all(isinstance(value, str) for value in row.values()):
            return f"row {index} of the document holds something else than text"
        if problem := row_problem(row, options):
            return f"row {index} of the document: {problem}"
    return ""


def _facts(payload: Payload, rows: Sequence[Row], options: Options) -> Sequence[Fact]:
    placed_at = _placed_at(next((row for row in rows if row.get("date")), rows[0]), options)
    options = options._replace(currency=(_first(rows, "currency") or options.currency).upper())
    seen = _customer(payload, rows, placed_at, options)
    order = _order(payload, rows, placed_at, seen.ref if seen else None, options)
    return [seen, order] if seen else [order]


def _placed_at(row: Row, options: Options) -> datetime:
    date_text = row.get("date", "")
    if not date_text.strip():
        raise ValueError("no date")
    try:
        return local_moment(date_text, row.get("time", ""), options.timezone, options.date_order)
    except (KeyError, OSError):
        raise ValueError(f"{options.timezone[:40]!r} is not a time zone") from None


class _Amounts(NamedTuple):
    quantity: float
    unit_price_minor: int
    total_minor: int


def _line(line_no: int, row: Row, options: Options) -> OrderLine:
    quantity, unit_price_minor, total_minor = _amounts_of(row, options)
    return OrderLine(
        line_no=line_no,
        sku=row.get("sku", ""),
        name=row.get("name", ""),
        category=row.get("category", ""),
        quantity=quantity,
        unit_price_minor=unit_price_minor,
        total_minor=total_minor,
    )


def _amounts_of(row: Row, options: Options) -> _Amounts:
    told = (row.get("quantity", ""), row.get("unit_price", ""), row.get("line_total", ""), row.get("discount", ""))
    return _amounts(*told, options.currency, options.decimal)


@lru_cache(maxsize=65_536)
def _amounts(quantity: str, price: str, total: str, discount: str, currency: str, sign: str) -> _Amounts:
    """Cells as written, "" for none → a line's numbers. Raises ValueError."""
    count = decimal(quantity, sign) if quantity else decimal("1")
    each = minor(price, currency, sign) if price else None
    if total:
        sum_minor = minor(total, currency, sign)
        if count < 0 < sum_minor:
            sum_minor = -sum_minor
    else:
        sum_minor = round((each or 0) * count)
        if discount:
            off = abs(minor(discount, currency, sign))
            sum_minor += off if sum_minor < 0 else -off
    if each is None:
        each = abs(round(sum_minor / count)) if count else sum_minor
    return _Amounts(float(count), each, sum_minor)


def _stated_kind(row: Row) -> Kind | Literal[""]:
    stated = row.get("type", "").strip().casefold()
    if stated:
        if stated.startswith(_RETURN_WORDS):
            return "return"
        return "cancellation" if stated.startswith(_CANCELLATION_WORDS) else "sale"
    number = row.get("receipt_no", "").strip()
    # UCI Online Retail: C536379 takes back what an invoice sold.
    return "cancellation" if number[:1] in ("C", "c") and number[1:].isdecimal() else ""


def _kind(row: Row, lines: Sequence[OrderLine]) -> Kind:
    if stated := _stated_kind(row):
        return stated
    if all(line.quantity < 0 for line in lines) or sum(line.total_minor for line in lines) < 0:
        return "return"
    return "sale"


def _order(
    payload: Payload, rows: Sequence[Row], placed_at: datetime, ref: ContactRef | None, options: Options
) -> OrderPlaced:
    first = rows[0]
    number = first.get("receipt_no", "").strip()
    if not number:
        raise ValueError("no receipt number")
    currency = options.currency
    lines = tuple([_line(line_no, row, options) for line_no, row in enumerate(rows, 1)])
    total_text = _first(rows, "total")
    total = minor(total_text, currency, options.decimal) if total_text else sum(line.total_minor for line in lines)
    kind = _kind(first, lines)
    if kind == "return" and total > 0:
        # The type column says it, not the sign: money went back all the same.
        total = -total
    discounts = [text for row in rows if (text := row.get("discount"))]
    kept = {name: value for name in ("till", "cashier", "payment") if (value := first.get(name))}
    return OrderPlaced(
        ref=ref,
        source=payload.source,
        external_id=document_key(first),
        number=number,
        placed_at=placed_at,
        updated_at=placed_at,
        currency=currency,
        total_minor=total,
        kind=kind,
        status="cancelled" if kind == "cancellation" and total > 0 else "paid",
        channel="store",
        store=first.get("store", "").strip(),
        discount_minor=sum(abs(minor(text, currency, options.decimal)) for text in discounts),
        lines=lines,
        attributes=kept,
    )


def _customer(payload: Payload, rows: Sequence[Row], placed_at: datetime, options: Options) -> ContactSeen | None:
    """Whom the document names: by card, else by customer id, phone or e-mail; None for an anonymous receipt."""
    found = {name: _first(rows, name) for name in ("card_no", "customer_id", "phone", "email")}
    card, customer_id = found["card_no"], _whole(found["customer_id"])
    phone, email = found["phone"], found["email"] if "@" in found["email"] else ""
    if card:
        key = card_key(card)
    elif customer_id:
        key = f"customer:{customer_id}"
    elif phone or email:
        key = phone_key(phone, options.region) if phone else email_key(email)
    else:
        return None
    identifiers: list[Identifier] = []
    if card:
        identifiers.append(Identifier("card", card))
    if customer_id:
        identifiers.append(Identifier("customer_id", f"{payload.source}:{customer_id}"))
    if phone:
        identifiers.append(Identifier("phone", phone))
    if email:
        identifiers.append(Identifier("email", email))
    named = {"full_name": _first(rows, "customer_name"), "country": _first(rows, "country")}
    return ContactSeen(
        ref=ContactRef(payload.source, key),
        occurred_at=placed_at,
        fields={name: value for name, value in named.items() if value},
        identifiers=tuple(identifiers),
    )


def _first(rows: Sequence[Row], name: str) -> str:
    for row in rows:
        if value := row.get(name):
            return unquoted(value)
    return ""


def _whole(number: str) -> str:
    """ "17850.0", as a spreadsheet that took ids for numbers writes them → "17850"."""
    whole, dot, zeros = number.partition(".")
    return whole if dot and whole.isdecimal() and not zeros.strip("0") else number

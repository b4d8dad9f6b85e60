"""Where events are read from: purchase documents and the timeline, each with the customer it is of now, in one shape."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, and_, exists, func, or_, select, true
from sqlalchemy.orm import aliased

from crm360.commerce.models import Line, Order
from crm360.identity.models import Contact
from crm360.kernel import money
from crm360.kernel.expressions import Folded, JsonNumber, JsonText, PlaceOf
from crm360.profiles.models import TimelineEntry
from crm360.segments import catalog
from crm360.segments.rules import Filter, What, Window

#: Documents that count as bought, or as returned.
_ORDERS = {"order": "sale", "order.returned": "return"}
_VOID = ("cancelled", "announced")
#: Money of filters whose event may be in any currency.
_MINOR = 100


class Read(NamedTuple):
    """Events: the tables to read, their columns, and what narrows them. `amount` None unless a property was asked for."""

    tables: FromClause
    contact: Any
    profile: Any
    at: Any
    ref: Any
    amount: Any
    conditions: list[ColumnElement[bool]]


def read(what: What, *, of: str = "", currency: str = "", by_person: bool = False) -> Read:
    """The events of a kind whose properties fit; `by_person` when few customers are asked about."""
    if what.event in _ORDERS:
        return _orders(what, of, currency, by_person)
    return _entries(what, of, currency, by_person)


def bounds(window: Window, at: Any, now: datetime) -> list[ColumnElement[bool]]:
    """That a moment counts at `now`."""
    asked = [at <= now]
    if window.kind == "last" and window.span:
        asked.append(at > now - window.span.length)
    elif window.kind == "ago" and window.span:
        asked.append(at <= now - window.span.length)
    else:
        asked += [at >= window.since] if window.since else []
        asked += [at < window.until] if window.until else []
    return asked


def _orders(what: What, of: str, currency: str, by_person: bool) -> Read:
    order, contact = aliased(Order), aliased(Contact)
    kind = order.kind.concat("") if by_person else order.kind  # see `_entries`
    conditions = [kind == _ORDERS[what.event], order.status.not_in(_VOID), contact.profile_id.is_not(None)]
    properties = catalog.EVENTS[what.event].properties
    columns = {"channel": order.channel, "store": order.store, "total": order.total_minor - order.refunded_minor}
    lines = [each for each in what.where if properties[each.name].line]
    conditions += [_fits(columns[each.name], each, properties[each.name]) for each in what.where if each not in lines]
    if lines:
        line = aliased(Line)
        fits = [
            _fits(getattr(line, properties[each.name].key or each.name), each, properties[each.name]) for each in lines
        ]
        conditions.append(exists(select(1).where(line.order_id == order.id, *fits).correlate(order)))
    if of and currency:
        conditions.append(order.currency == currency)
    tables = select(order).join(contact, contact.id == order.contact_id).get_final_froms()[0]
    return Read(
        tables, contact, contact.profile_id, order.placed_at, order.id, columns["total"] if of else None, conditions
    )


def _entries(what: What, of: str, currency: str, by_person: bool) -> Read:
    entry, contact = aliased(TimelineEntry), aliased(Contact)
    # For few customers their own lines are read, not all of a kind: an expression keeps the index of kinds out.
    kind = entry.kind.concat("") if by_person else entry.kind
    conditions = [kind == what.event, contact.profile_id.is_not(None)]
    for each in what.where:
        found = catalog.property_of(what.event, each.name)
        numeric = each.op in catalog.COMPARES
        column = (JsonNumber if numeric or (found and found.type != "text") else JsonText)(
            entry.properties, _key(what.event, each.name)
        )
        conditions.append(_fits(column, each, found))
    amount = JsonNumber(entry.properties, _key(what.event, of)) if of else None
    if of and currency:
        conditions.append(JsonText(entry.properties, "currency") == currency)
    tables = select(entry).join(contact, contact.id == entry.contact_id).get_final_froms()[0]
    return Read(tables, contact, contact.profile_id, entry.occurred_at, entry.id, amount, conditions)


def _key(event: str, name: str) -> str:
    found = catalog.property_of(event, name)
    return (found.key if found else "") or name


def _fits(column: Any, asked: Filter, known: catalog.Property | None) -> ColumnElement[bool]:
    if asked.op in catalog.COMPARES:
        scale = _MINOR if known and known.type == "money" else 1
        return number_fits(column, asked.op, float(asked.value or 0) * scale)  # type: ignore[arg-type]
    if known and known.type != "text":
        return column.is_not(None) if asked.op == "known" else column.is_(None)
    return text_fits(column, asked.op, asked.value)


def scaled(value: float, currency: str) -> float:
    """An amount in minor units of its currency."""
    return value * 10 ** money.exponent(currency) if currency else value


def number_fits(column: Any, op: str, value: float) -> ColumnElement[bool]:
    """A comparison; an unknown number never fits."""
    asked = {
        "at_least": column >= value,
        "at_most": column <= value,
        "more_than": column > value,
        "less_than": column < value,
    }
    return func.coalesce(asked.get(op, column == value), False)


def text_fits(column: Any, op: str, value: Any) -> ColumnElement[bool]:
    """An operator of catalog.TEXT_OPS; capitals do not matter. An unknown text is none that is asked for."""
    known = and_(column.is_not(None), column != "")
    if op == "known":
        return known
    if op == "unknown":
        return ~func.coalesce(known, False)
    wanted = value if isinstance(value, tuple) else (value,)
    meant = or_(*(_meant(Folded(column), op, each) for text in wanted for each in spellings(text)))
    found = func.coalesce(and_(known, meant), False)
    return ~found if op == "is_not" else found


def _meant(column: Any, op: str, text: str) -> ColumnElement[bool]:
    match op:
        case "contains":
            return PlaceOf(column, text) > 0
        case "starts":
            return func.substr(column, 1, len(text)) == text
        case "ends":
            return and_(
                func.length(column) >= len(text), func.substr(column, func.length(column) - len(text) + 1) == text
            )
        case _:
            return column == text


def spellings(text: str) -> list[str]:
    """A text as databases fold it whose fold knows A to Z only: łódź, ŁÓDŹ and Łódź are one city."""
    small = text.lower()
    return list(dict.fromkeys(map(folded, (text, small, text.upper(), small.capitalize(), small.title()))))


def folded(text: str) -> str:
    """As `Folded` does."""
    return "".join(chr(ord(each) + 32) if "A" <= each <= "Z" else each for each in text)


#: Whose an event is stands in this index alone; the rows of contacts are long.
_OWNERS = "INDEXED BY ix_identity_contact_id_profile_id"


def among(read_from: Read, extra: Iterable[ColumnElement[bool]] = ()) -> Any:
    """SELECT of the customers of these events, once per event."""
    query = select(read_from.profile).select_from(read_from.tables).where(true(), *read_from.conditions, *extra)
    return query.with_hint(read_from.contact, _OWNERS, "sqlite")

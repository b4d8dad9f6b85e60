"""Stripe's objects → facts. Amounts are integers in Stripe's own minor units, times Unix seconds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal

from crm360.facts import (
    ActivityNoted,
    CartSnapshot,
    ConsentStated,
    ContactSeen,
    Fact,
    Identifier,
    OrderLine,
    OrderPlaced,
    OrderRefunded,
)
from crm360.kernel.money import to_minor
from crm360.sources import buyers
from crm360.sources import json_fields as read
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.instants import instant

#: Currencies that Stripe counts whole. It counts ISK and UGX in hundredths although they have no smaller coin.
_WHOLE = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
_THOUSANDTHS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
_LARGEST = 10**15


def session(payload: Payload, about: JsonObject, _before: JsonObject, at: datetime) -> Sequence[Fact]:
    """A finished checkout: who paid, what for, and whether the money is there yet."""
    paid = read.first_text(about, "payment_status") in ("paid", "no_payment_required")
    return _purchase(payload, about, at, "paid" if paid else "open")


def session_failed(payload: Payload, about: JsonObject, _before: JsonObject, at: datetime) -> Sequence[Fact]:
    """A checkout finished with a slow payment (a transfer) that never came."""
    return _purchase(payload, about, at, "cancelled")


def session_expired(payload: Payload, about: JsonObject, _before: JsonObject, at: datetime) -> Sequence[Fact]:
    """A checkout nobody finished: a cart, with the link back to it when Stripe offers one."""
    seen, currency = _payer(payload, about, at), _currency(about)
    recovery = read.obj(read.obj(about.get("after_expiration")).get("recovery"))
    snapshot = CartSnapshot(
        ref=seen.ref if seen else None,
        source=payload.source,
        cart_id=_id(about),
        occurred_at=at,
        currency=currency,
        total_minor=_amount(about, "amount_total", currency),
        lines=_lines(about, currency),
        recover_url=read.first_text(recovery, "url"),
    )
    return [seen, snapshot] if seen else [snapshot]


def refunded(payload: Payload, about: JsonObject, before: JsonObject, at: datetime) -> Sequence[Fact]:
    """`amount_refunded` is the sum so far; what it was before tells this refund's own part."""
    currency, charge_id = _currency(about), _id(about)
    so_far = _amount(about, "amount_refunded", currency) or 0
    part = so_far - (_amount(before, "amount_refunded", currency) or 0)
    if part <= 0:
        return []
    refunds = read.objects(read.obj(about.get("refunds")).get("data"))
    return [
        OrderRefunded(
            ref=None,
            source=payload.source,
            external_id=_text_or_id(about.get("payment_intent")) or charge_id,
            refund_id=f"{charge_id}:{so_far}",
            occurred_at=at,
            amount_minor=part,
            currency=currency,
            reason=read.first_text(refunds[0], "reason") if refunds else "",
        )
    ]


def customer(payload: Payload, about: JsonObject, _before: JsonObject, at: datetime) -> Sequence[Fact]:
    """A customer as Stripe knows them now."""
    metadata = read.obj(about.get("metadata"))
    locales = read.texts(about.get("preferred_locales"))
    seen = buyers.buyer(
        payload,
        occurred_at=at,
        customer_id=_id(about),
        email=read.first_text(about, "email"),
        phone=read.first_text(about, "phone") or read.first_text(read.obj(about.get("shipping")), "phone"),
        device=buyers.device_of(metadata.items()),
        fields=_fields(about, locale=locales[0] if locales else ""),
        attributes={f"metadata_{name}": text for name, value in metadata.items() if (text := read.text(value))},
    )
    return [seen] if seen else []


def customer_deleted(payload: Payload, about: JsonObject, _before: JsonObject, at: datetime) -> Sequence[Fact]:
    """The account at Stripe is gone; what was bought stays."""
    customer_id = _id(about)
    seen = ContactSeen(
        ref=buyers.customer_ref(payload, customer_id),
        occurred_at=at,
        identifiers=(buyers.customer_identifier(payload, customer_id),),
    )
    title = "Account deleted at Stripe"
    return [seen, ActivityNoted(ref=seen.ref, kind="customer.deleted", occurred_at=at, title=title)]


def _purchase(
    payload: Payload, about: JsonObject, at: datetime, status: Literal["open", "paid", "cancelled"]
) -> list[Fact]:
    if read.first_text(about, "mode") == "setup":
        return []  # a card was saved, nothing was bought
    seen, currency, session_id = _payer(payload, about, at), _currency(about), _id(about)
    details = read.obj(about.get("total_details"))
    reference = read.first_text(about, "client_reference_id")
    placed = OrderPlaced(
        ref=seen.ref if seen else None,
        source=payload.source,
        # Refunds name the payment; a subscription's or a free checkout has none.
        external_id=_text_or_id(about.get("payment_intent")) or session_id,
        number=reference or session_id,
        placed_at=instant(about.get("created")) or at,
        updated_at=at,
        currency=currency,
        total_minor=_amount(about, "amount_total", currency) or 0,
        status=status,
        discount_minor=_amount(details, "amount_discount", currency) or 0,
        shipping_minor=_amount(details, "amount_shipping", currency) or 0,
        tax_minor=_amount(details, "amount_tax", currency) or 0,
        cart_id=session_id,
        lines=_lines(about, currency),
        attributes={"checkout_session": session_id, "mode": read.first_text(about, "mode")}
        | ({"client_reference_id": reference} if reference else {}),
    )
    return [seen, placed, *_promotions(payload, about, seen, at)] if seen else [placed]


def _payer(payload: Payload, about: JsonObject, at: datetime) -> ContactSeen | None:
    details = read.obj(about.get("customer_details"))
    return buyers.buyer(
        payload,
        occurred_at=at,
        customer_id=_text_or_id(about.get("customer")),
        email=read.first_text(details, "email") or read.first_text(about, "customer_email"),
        phone=read.first_text(details, "phone"),
        device=buyers.device_of(read.obj(about.get("metadata")).items()),
        fields=_fields(details, locale=read.first_text(about, "locale").removeprefix("auto")),
    )


def _promotions(payload: Payload, about: JsonObject, seen: ContactSeen, at: datetime) -> list[Fact]:
    """The checkout's own box "send me promotions"; where it was not shown there is no answer."""
    stated = read.first_text(read.obj(about.get("consent")), "promotions")
    email = next((each for each in seen.identifiers if each.kind == "email"), None)
    if email is None or stated not in ("opt_in", "opt_out"):
        return []
    return [
        ConsentStated(
            ref=seen.ref,
            identifier=Identifier("email", email.value),
            purpose="marketing",
            channel="email",
            state="given" if stated == "opt_in" else "refused",
            occurred_at=at,
            source=payload.source,
            method="checkout",
            evidence_grade="B",
            statement_id=f"{_id(about)}:promotions",
            evidence={"checkout_session": _id(about), "promotions": stated},
        )
    ]


def _fields(person: JsonObject, *, locale: str) -> dict[str, str]:
    address = read.obj(person.get("address"))
    return buyers.contact_fields(
        full_name=read.first_text(person, "name"),
        street=read.first_text(address, "line1"),
        address_2=read.first_text(address, "line2"),
        city=read.first_text(address, "city"),
        postcode=read.first_text(address, "postal_code"),
        state=read.first_text(address, "state"),
        country=read.first_text(address, "country"),
        locale=locale,
    )


def _lines(about: JsonObject, currency: str) -> tuple[OrderLine, ...]:
    """Stripe leaves the lines out of its webhooks unless they are expanded."""
    items = read.objects(read.obj(about.get("line_items")).get("data"))
    return tuple(_line(line_no, item, currency) for line_no, item in enumerate(items, 1))


def _line(line_no: int, item: JsonObject, currency: str) -> OrderLine:
    price = read.obj(item.get("price"))
    return OrderLine(
        line_no=line_no,
        sku=_text_or_id(price.get("product")) or read.first_text(price, "id"),
        name=read.first_text(item, "description"),
        quantity=read.number(item.get("quantity"), 1.0),
        unit_price_minor=_amount(price, "unit_amount", currency) or 0,
        total_minor=_amount(item, "amount_total", currency) or 0,
    )


def _id(about: JsonObject) -> str:
    if found := read.first_text(about, "id"):
        return found
    raise Unreadable("The Stripe object has no id.")


def _text_or_id(value: object) -> str:
    """A reference is an id, or the whole object when it was expanded."""
    return read.first_text(value, "id") if isinstance(value, dict) else read.text(value)


def _currency(about: JsonObject) -> str:
    return read.first_text(about, "currency").upper()[:3]


def _amount(source: JsonObject, name: str, currency: str) -> int | None:
    """Stripe's integer in our minor units; None when there is none."""
    value = source.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LARGEST:
        return None
    places = 0 if currency in _WHOLE else 3 if currency in _THOUSANDTHS else 2
    return to_minor(Decimal(value).scaleb(-places), currency)

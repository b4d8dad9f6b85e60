"""Allegro: orders asked for by its REST API. Buyers are known by their id; their e-mail address is a mask.

Body: one checkout form, as `GET /order/checkout-forms/{id}` answers it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from crm360.facts import ContactSeen, Fact, Identifier, OrderLine, OrderPlaced
from crm360.sources import buyers, marketplaces
from crm360.sources import json_fields as fields
from crm360.sources.allegro_poll import poll
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.channel import Channel, Setting
from crm360.sources.instants import instant

CHANNEL = "allegro"


def read(payload: Payload) -> Sequence[Fact]:
    """One order → its buyer and the purchase. Raises Unreadable."""
    form = fields.load(payload.body)
    order_id, lines = fields.first_text(form, "id"), fields.objects(form.get("lineItems"))
    if not order_id:
        raise Unreadable("The Allegro order has no id.")
    at = _moment(form) or payload.received_at
    seen = _buyer(payload, form, at)
    placed = _placed(payload, form, lines, seen, at)
    return [seen, placed] if seen else [placed]


def _moment(form: JsonObject) -> datetime | None:
    return instant(form.get("updatedAt")) or _bought_at(form)


def _bought_at(form: JsonObject) -> datetime | None:
    return min(
        filter(None, (instant(line.get("boughtAt")) for line in fields.objects(form.get("lineItems")))), default=None
    )


def _buyer(payload: Payload, form: JsonObject, at: datetime) -> ContactSeen | None:
    buyer = fields.obj(form.get("buyer"))
    delivery = fields.obj(fields.obj(form.get("delivery")).get("address"))
    invoice = fields.obj(fields.obj(form.get("invoice")).get("address"))
    company = fields.obj(invoice.get("company"))
    home = fields.obj(buyer.get("address"))
    given = fields.first_text(buyer, "email")
    tax_id = fields.first_text(company, "taxId")
    return buyers.buyer(
        payload,
        occurred_at=at,
        customer_id=fields.first_text(buyer, "id"),
        email=marketplaces.own_address(given),
        phone=fields.first_text(buyer, "phoneNumber") or fields.first_text(delivery, "phoneNumber"),
        fields=buyers.contact_fields(
            given_name=fields.first_text(buyer, "firstName"),
            family_name=fields.first_text(buyer, "lastName"),
            company=fields.first_text(buyer, "companyName") or fields.first_text(company, "name"),
            street=fields.first_text(home, "street") or fields.first_text(delivery, "street"),
            city=fields.first_text(home, "city") or fields.first_text(delivery, "city"),
            postcode=fields.first_text(home, "postCode", "zipCode")
            or fields.first_text(delivery, "zipCode", "postCode"),
            country=fields.first_text(home, "countryCode") or fields.first_text(delivery, "countryCode"),
            locale=fields.first_text(fields.obj(buyer.get("preferences")), "language"),
        ),
        attributes=_attributes(buyer, given),
        more=[Identifier("tax_id", tax_id)] if tax_id else [],
    )


def _attributes(buyer: JsonObject, email: str) -> dict[str, object]:
    kept: dict[str, object] = {name: value for name in ("login",) if (value := fields.first_text(buyer, name))}
    if buyer.get("guest") is True:
        kept["guest"] = True
    return kept | ({"masked_email": email} if email and not marketplaces.own_address(email) else {})


def _placed(
    payload: Payload, form: JsonObject, items: Sequence[JsonObject], seen: ContactSeen | None, at: datetime
) -> OrderPlaced:
    total = fields.obj(fields.obj(form.get("summary")).get("totalToPay"))
    currency = fields.currency_of(total, payload.headers.get("currency", ""))
    lines = tuple(_line(line_no, item, currency) for line_no, item in enumerate(items, 1))
    shipping = fields.first_minor(fields.obj(fields.obj(form.get("delivery")).get("cost")), currency, "amount") or 0
    stated = fields.first_minor(total, currency, "amount")
    kept = {
        "fulfillment_status": fields.first_text(fields.obj(form.get("fulfillment")), "status"),
        "message_to_seller": fields.first_text(form, "messageToSeller"),
        "marketplace": fields.first_text(fields.obj(form.get("marketplace")), "id"),
    }
    order_id = fields.first_text(form, "id")
    return OrderPlaced(
        ref=seen.ref if seen else None,
        source=payload.source,
        external_id=order_id,
        number=order_id,
        placed_at=_bought_at(form) or at,
        updated_at=at,
        currency=currency,
        total_minor=sum(line.total_minor for line in lines) + shipping if stated is None else stated,
        status=_status(form),
        shipping_minor=shipping,
        lines=lines,
        attributes={name: value for name, value in kept.items() if value},
    )


def _status(form: JsonObject) -> Literal["open", "paid", "cancelled"]:
    """A form that is filled in and ready counts as bought, also when the courier takes the money."""
    fulfilment = fields.first_text(fields.obj(form.get("fulfillment")), "status").upper()
    status = fields.first_text(form, "status").upper()
    if status == "CANCELLED" or fulfilment == "CANCELLED":
        return "cancelled"
    return "paid" if status == "READY_FOR_PROCESSING" else "open"


def _line(line_no: int, item: JsonObject, currency: str) -> OrderLine:
    offer = fields.obj(item.get("offer"))
    price = fields.first_minor(fields.obj(item.get("price")), currency, "amount") or 0
    quantity = fields.number(item.get("quantity"), 1.0)
    return OrderLine(
        line_no=line_no,
        sku=fields.first_text(fields.obj(offer.get("external")), "id") or fields.first_text(offer, "id"),
        name=fields.first_text(offer, "name"),
        quantity=quantity,
        unit_price_minor=price,
        total_minor=round(price * quantity),
    )


ABOUT = Channel(
    label="Allegro",
    group="shop",
    poll=poll,
    every_seconds=300,
    settings=(
        Setting(name="client_id", label="Client ID"),
        Setting(name="client_secret", label="Client secret", kind="secret"),
        Setting(
            name="refresh_token",
            label="Refresh token",
            kind="secret",
            required=False,
            help="Only when you have one already; without it Allegro asks you once to confirm.",
        ),
        Setting(
            name="site",
            label="Site",
            kind="choice",
            default="allegro.pl",
            choices=("allegro.pl", "allegro.pl.allegrosandbox.pl"),
        ),
    ),
    setup=(
        "At apps.developer.allegro.pl register an application that runs on a device without a browser, with access to orders.",
        "Enter its client ID and client secret here.",
        "Within some minutes this source asks you to open an address of Allegro and confirm; do so with the seller's account.",
    ),
)

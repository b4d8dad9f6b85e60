"""BaseLinker (Base): orders of every shop and marketplace behind it, asked for by its API.

Body: one order as `getOrders` answers it. Header kept: `status-name`, the account's own name of the order's status.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from crm360.facts import ContactSeen, Fact, Identifier, OrderLine, OrderPlaced
from crm360.normalise.text import fold
from crm360.sources import buyers, marketplaces
from crm360.sources import json_fields as fields
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.baselinker_poll import poll
from crm360.sources.channel import Channel, Setting
from crm360.sources.instants import instant

CHANNEL = "baselinker"

_CANCELLED = ("anul", "cancel", "odrzuc", "reject")
_GIVEN_BACK = ("zwrot", "zwroc", "refund", "return")


def read(payload: Payload) -> Sequence[Fact]:
    """One order → its buyer and the purchase. Raises Unreadable."""
    order = fields.load(payload.body)
    order_id = fields.first_text(order, "order_id")
    if not order_id:
        raise Unreadable("The BaseLinker order has no order_id.")
    seen = _buyer(payload, order)
    placed = _placed(payload, order, order_id, seen)
    return [seen, placed] if seen else [placed]


def _buyer(payload: Payload, order: JsonObject) -> ContactSeen | None:
    """BaseLinker knows no customers: a buyer is an e-mail or phone; of Allegro the code that its masks have in common."""
    given = fields.first_text(order, "email")
    code = marketplaces.pair_code(given)
    invoiced = {name.removeprefix("invoice_"): value for name, value in order.items() if name.startswith("invoice_")}
    delivered = {name.removeprefix("delivery_"): value for name, value in order.items() if name.startswith("delivery_")}
    address = delivered if fields.first_text(delivered, "address", "city") else invoiced
    tax_id = fields.first_text(invoiced, "nip")
    kept = {name: value for name in ("user_login", "order_source") if (value := fields.first_text(order, name))}
    if given and not marketplaces.own_address(given):
        kept["masked_email"] = given
    return buyers.buyer(
        payload,
        # The order says nothing of when its buyer changed; it was so when it was fetched.
        occurred_at=payload.received_at,
        customer_id=f"allegro-{code}" if code else "",
        email=marketplaces.own_address(given),
        phone=fields.first_text(order, "phone"),
        fields=buyers.contact_fields(
            full_name=fields.first_text(address, "fullname"),
            company=fields.first_text(invoiced, "company") or fields.first_text(delivered, "company"),
            street=fields.first_text(address, "address"),
            city=fields.first_text(address, "city"),
            postcode=fields.first_text(address, "postcode"),
            state=fields.first_text(address, "state"),
            country=fields.first_text(address, "country_code"),
        ),
        attributes=kept,
        more=[Identifier("tax_id", tax_id)] if tax_id else [],
    )


def _placed(payload: Payload, order: JsonObject, order_id: str, seen: ContactSeen | None) -> OrderPlaced:
    currency = fields.currency_of(order, payload.headers.get("currency", ""))
    lines = tuple(
        _line(line_no, item, currency) for line_no, item in enumerate(fields.objects(order.get("products")), 1)
    )
    shipping = fields.first_minor(order, currency, "delivery_price") or 0
    total = sum(line.total_minor for line in lines) + shipping
    placed_at = _moment(order, "date_add") or _moment(order, "date_confirmed") or payload.received_at
    kept = ("order_source", "shop_order_id", "external_order_id", "payment_method", "delivery_method", "user_comments")
    return OrderPlaced(
        ref=seen.ref if seen else None,
        source=payload.source,
        external_id=order_id,
        number=fields.first_text(order, "external_order_id") or _own_number(order) or order_id,
        placed_at=placed_at,
        # An order has no time of its last change; what was fetched later is newer.
        updated_at=payload.received_at,
        currency=currency,
        total_minor=total,
        status=_status(payload, order, currency, total),
        channel="store" if fields.first_text(order, "order_source") == "personal" else "shop",
        shipping_minor=shipping,
        lines=lines,
        attributes={name: value for name in kept if (value := fields.first_text(order, name))}
        | ({"status": name} if (name := payload.headers.get("status-name", "")) else {}),
    )


def _own_number(order: JsonObject) -> str:
    number = fields.first_text(order, "shop_order_id")
    return "" if number == "0" else number


def _moment(order: JsonObject, name: str) -> datetime | None:
    """Unix seconds, sometimes as a text; 0 means never."""
    return instant(int(found)) if (found := fields.first_text(order, name)).isdecimal() and len(found) < 12 else None


def _status(
    payload: Payload, order: JsonObject, currency: str, total: int
) -> Literal["open", "paid", "cancelled", "refunded"]:
    """Statuses are the account's own; their names say what ended, the money says the rest."""
    named = fold(payload.headers.get("status-name", ""))
    if any(word in named for word in _CANCELLED):
        return "cancelled"
    if any(word in named for word in _GIVEN_BACK):
        return "refunded"
    paid = fields.first_minor(order, currency, "payment_done") or 0
    on_delivery = fields.text(order.get("payment_method_cod")) == "1" or order.get("payment_method_cod") is True
    confirmed = order.get("confirmed") is not False
    return "paid" if confirmed and (paid >= total or on_delivery) else "open"


def _line(line_no: int, item: JsonObject, currency: str) -> OrderLine:
    price = fields.first_minor(item, currency, "price_brutto") or 0
    quantity = fields.number(item.get("quantity"), 1.0)
    return OrderLine(
        line_no=line_no,
        sku=fields.first_text(item, "sku", "ean", "product_id"),
        name=fields.first_text(item, "name"),
        quantity=quantity,
        unit_price_minor=price,
        total_minor=round(price * quantity),
    )


ABOUT = Channel(
    label="BaseLinker",
    group="shop",
    poll=poll,
    settings=(
        Setting(name="token", label="API token", kind="secret"),
        Setting(
            name="url",
            label="Address of the API",
            kind="url",
            required=False,
            default="https://api.baselinker.com/connector.php",
        ),
    ),
    setup=("In BaseLinker: My account, API, generate a token and enter it here.",),
)

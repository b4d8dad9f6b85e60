"""What a colleague may best do for a customer now: one step, by rules in their order, each with its reason. Nothing writes.

To whoever waits for us nothing is offered: first the open issue (see `open_issues`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from crm360.commerce.models import Cart, CustomerValue
from crm360.insights import churn

#: A cart that rests longer is not spoken of any more, nor a silence of so many usual pauses.
CART_RESTS = timedelta(days=30)
LONGEST_SILENCE = 6.0


class Step(NamedTuple):
    """`rule`: cart, silent, offer, ask. `subject`: the occasion; answered, it is not suggested again, the next one is."""

    rule: str
    subject: str
    about: str = ""
    at: datetime | None = None
    minor: int | None = None
    currency: str = ""
    #: Of "silent": the usual pause and how long it has been, in days. Of "offer": see `CustomerValue.next_reason`.
    because: Mapping[str, Any] = MappingProxyType({})


class Known(NamedTuple):
    """What the rules look at. `permitted`: channels offers may go by; `unasked`: it has an e-mail address of whose
    holder nobody knows whether offers are welcome."""

    value: CustomerValue | None
    cart: Cart | None
    permitted: Collection[str]
    unasked: bool


def of(known: Known, *, answered: Collection[str], now: datetime) -> Step | None:
    """The first step whose occasion nobody has answered."""
    return next((each for each in _steps(known, now) if each.subject not in answered), None)


def _steps(known: Known, now: datetime) -> Iterator[Step]:
    value, cart = known.value, known.cart
    if cart is not None and cart.lines and now - cart.changed_at <= CART_RESTS:
        yield _cart(cart)
    if value is not None and (silence := _silence(value, now)):
        yield silence
    if value is not None and value.next_product and known.permitted:
        sku = value.next_reason.get("sku") or value.next_product
        yield Step("offer", f"offer:{sku}", value.next_product, because=value.next_reason)
    if known.unasked:
        yield Step("ask", "ask:email")


def _cart(cart: Cart) -> Step:
    names = ", ".join(str(each["name"]) for each in cart.lines if each.get("name"))
    day = cart.changed_at.date().isoformat()
    return Step("cart", f"cart:{cart.id}:{day}", names, cart.changed_at, cart.total_minor, cart.currency)


def _silence(value: CustomerValue, now: datetime) -> Step | None:
    if value.last_at is None or value.rhythm_days is None:
        return None
    silent = (now - value.last_at).total_seconds() / 86_400
    if churn.state(value.rhythm_days, silent) == "on_time" or silent > LONGEST_SILENCE * value.rhythm_days:
        return None
    because = {"pause": value.rhythm_days, "silent": silent}
    return Step("silent", f"silent:{value.last_at.date().isoformat()}", at=value.last_at, because=because)

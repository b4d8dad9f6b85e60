"""How each route of this door checks its visitor; a test refuses a route that does not say."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Literal

from flask.typing import ResponseReturnValue

from crm360.intake import signatures
from crm360.intake.inlets import Inlet

View = Callable[..., ResponseReturnValue]
Check = Callable[..., Inlet]

_WEBHOOKS: dict[str, Check] = {"hmac": signatures.shopify, "secret_path": signatures.chatwoot}


def signed_by(kind: Literal["write_key", "hmac", "secret_path"]) -> Callable[[View], View]:
    """Say how a route's senders prove themselves. A webhook view is called with the inlet its check returned.

    A write key may stand inside the body, so those views find their inlet by `write_keys.inlet_of` once it is open.
    """

    def decorate(view: View) -> View:
        check = _WEBHOOKS.get(kind)

        @wraps(view)
        def checked(**address: Any) -> ResponseReturnValue:
            return view(check(**address)) if check else view(**address)

        checked.policy = f"signed_by:{kind}"  # type: ignore[attr-defined]
        return checked

    return decorate


def public(view: View) -> View:
    """Say that anybody may ask: the answer tells nothing about a customer."""
    view.policy = "public"  # type: ignore[attr-defined]
    return view

"""How each route of this door checks its visitor; a test refuses a route that does not say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from flask.typing import ResponseReturnValue

View = Callable[..., ResponseReturnValue]


def signed_by(kind: Literal["write_key", "channel", "token"]) -> Callable[[View], View]:
    """Say how a route's senders prove themselves.

    Both views find out whom they speak for by themselves: a write key may stand inside the body, and how a webhook is
    signed is its channel's own business.
    """

    def decorate(view: View) -> View:
        view.policy = f"signed_by:{kind}"  # type: ignore[attr-defined]
        return view

    return decorate


def public(view: View) -> View:
    """Say that anybody may ask: the answer tells nothing about a customer."""
    view.policy = "public"  # type: ignore[attr-defined]
    return view

"""The blueprint of the customers' door, its signed links, its limit, and how its pages are drawn."""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Callable
from typing import Any, NamedTuple

from flask import Blueprint, current_app, make_response, render_template, request
from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _
from limits import parse_many
from werkzeug.wrappers import Response

from crm360.accounts import attempts
from crm360.kernel import clock, tickets
from crm360.kernel.db import db
from crm360.kernel.errors import DomainError, NotFound

door = Blueprint("public", __name__)

#: What one network address may send to the forms of these pages.
LIMITS = tuple(attempts.Limit(each.amount, each.get_expiry()) for each in parse_many("30 per minute; 600 per hour"))


class BadLink(NotFound):
    """The link was changed or cut."""

    def __init__(self) -> None:
        super().__init__(str(_("This link is incomplete. Please open it from the message again.")))


class TooMany(DomainError):
    """An address sends too much."""

    status, title = 429, "Too many"

    def __init__(self) -> None:
        super().__init__(str(_("That was a lot at once. Please wait a minute and try again.")))


class Ticket(NamedTuple):
    """Makes and opens links of one kind: what they stand for, signed, in a form that says nothing of anybody."""

    kind: str

    def make(self, *parts: Any) -> str:
        """The signed part of an address. `parts`: numbers and short codes, never a person's data."""
        return tickets.make(self.kind, *parts, key=current_app.config["SECRET_KEY"])

    def parts(self, token: str, count: int) -> list[Any]:
        """What `make` was given. Raises BadLink."""
        found = tickets.parts(self.kind, token, count, key=current_app.config["SECRET_KEY"])
        if found is None:
            raise BadLink
        return found


PREFERENCES, UNSUBSCRIBE = Ticket(tickets.PREFERENCES), Ticket(tickets.UNSUBSCRIBE)
CONFIRM, SURVEY, DATA = Ticket(tickets.CONFIRM), Ticket(tickets.SURVEY), Ticket(tickets.DATA)


def open_to_all(view: Callable[..., Any]) -> Callable[..., Any]:
    """Anybody may ask, or whoever holds the signed link; that is all these pages check."""
    view.policy = "public"  # type: ignore[attr-defined]
    return view


@door.before_request
def slow_down() -> None:
    """Forms anybody may send are counted. Looking is free, and so is saying no: mail providers send many at once."""
    if request.method != "POST" or request.endpoint == "public.unsubscribe":
        return
    if not attempts.within(key=f"public/{request.remote_addr}", limits=LIMITS, now=clock.now()):
        raise TooMany


@door.after_request
def keep_private(response: Response) -> Response:
    """No cache keeps these pages, no search engine lists them, and no address of theirs is handed on."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@door.errorhandler(DomainError)
def refused(error: DomainError) -> tuple[str, int]:
    """A friendly page with the sentence in the reader's language."""
    db.session.rollback()
    return page("refused", message=gettext(error.message)), error.status


def page(name: str, **values: Any) -> str:
    """A page of `templates/public`."""
    shop = current_app.config["SETTINGS"].shop_name
    return render_template(f"public/{name}.html", shop=shop, locale=reader(), **values)


def reader() -> str:
    """The language the visitor reads."""
    return str(get_locale() or "en")


def evidence() -> dict[str, Any]:
    """What of a visit proves it: the page, the browser, and the network without the last part of the address."""
    return {
        "form_url": request.base_url.rpartition("/")[0] if request.view_args else request.base_url,
        "user_agent": (request.user_agent.string or "")[:200],
        "ip": shortened(request.remote_addr or ""),
        "locale": reader(),
    }


def shortened(address: str) -> str:
    """An address without what tells one household from the next: /24 of IPv4, /48 of IPv6."""
    try:
        version = ipaddress.ip_address(address).version
    except ValueError:
        return ""
    return str(ipaddress.ip_network(f"{address}/{24 if version == 4 else 48}", strict=False))


def plain(status: int = 200) -> Response:
    """What a machine is answered."""
    return make_response("", status)


def pixel() -> Response:
    """One transparent pixel; each loading is an event."""
    return make_response(_GIF, 200, {"Content-Type": "image/gif"})


_GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")

"""Failures as pages a person can act on; other doors' paths keep their own answers."""

from __future__ import annotations

from flask import Flask, Response, g, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from crm360.accounts.permissions import GRANTS
from crm360.kernel.db import db
from crm360.kernel.errors import DomainError
from crm360.web import error_words
from crm360.web.blueprint import door
from crm360.web.policy import is_fragment
from crm360.web.visitors import NotPermitted

MACHINE_PATHS = ("/api", "/v1", "/beacon", "/hooks", "/healthz", "/readyz", "/metrics")
HEADINGS = {
    400: _("That request was not understood"),
    403: _("Not for your role"),
    404: _("Nothing here"),
    405: _("Nothing here"),
    409: _("Somebody was faster"),
    413: _("Too large"),
    422: _("That cannot be saved yet"),
    429: _("Too many attempts"),
    500: _("Something broke on our side"),
    503: _("Not available right now"),
}
ADVICE = {
    403: _("Ask an administrator if you need this page for your work."),
    404: _("The address may be old, or the customer was erased. Search finds everybody who is here."),
    405: _("This address answers to a form, not to a visit."),
    429: _("Wait a minute, then try again."),
    500: _("It has been written to the log. Try again; if it stays, tell your administrator the number below."),
}
#: Icons; the others get a warning's.
SYMBOLS = {403: "lock", 404: "search", 405: "search", 409: "users", 429: "clock", 503: "clock"}
#: What may have passed when it is tried again.
PASSING = (429, 500, 503)


def prepare(app: Flask) -> None:
    """Kinds of errors are mapped for this door's views, and for addresses that belong to no door."""
    app.register_error_handler(HTTPException, show_http_error)
    app.add_template_filter(error_words.translated, "translated")


def show_domain_error(error: DomainError) -> tuple[str, int] | AnyResponse:
    """An anticipated failure: its own message, with its kind's status; whose page it is, when it is not the visitor's."""
    roles = GRANTS.get(error.permission, ()) if isinstance(error, NotPermitted) else ()
    return page(error.status, error_words.translated(error.message), roles=roles)


def show_http_error(error: HTTPException) -> HTTPException | tuple[str, int] | AnyResponse:
    """What Flask refused, and what broke unforeseen."""
    if error.code is None or error.code < 400 or request.path.startswith(MACHINE_PATHS):
        return error
    return page(error.code, str(ADVICE.get(error.code, error.description or "")))


def start_again(_error: CSRFError) -> AnyResponse:
    """The session ended while a form was open: sign in again rather than stare at an error."""
    db.session.rollback()
    address = url_for("web.sign_in_form", expired=1)
    return Response(status=401, headers={"HX-Redirect": address}) if is_fragment() else redirect(address, 303)


def page(status: int, message: str, *, roles: tuple[str, ...] = ()) -> tuple[str, int] | AnyResponse:
    """A whole page, or for htmx a toast that leaves the page as it is. `roles`: whose page it is."""
    db.session.rollback()
    shown = {"status": status, "heading": HEADINGS.get(status, HEADINGS[500]), "message": message}
    if not is_fragment():
        again = request.full_path.rstrip("?") if request.method == "GET" and status in PASSING else ""
        more = {
            "number": g.get("request_id", ""),
            "symbol": SYMBOLS.get(status, "alert-triangle"),
            "roles": roles,
            "again": again,
        }
        return render_template("errors/page.html", **shown, **more), status
    text = render_template("errors/toast.html", **shown)
    return Response(text, status, {"HX-Retarget": "#toasts", "HX-Reswap": "beforeend"})


door.register_error_handler(DomainError, show_domain_error)  # here, once: a process may open several applications
door.register_error_handler(CSRFError, start_again)

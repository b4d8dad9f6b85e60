"""Signing in with the company's own provider (OpenID Connect): off to it, and back with a proof of who it is.

Who is signed in already confirms the same way, where the password would be asked for: accounts of a provider have none.
"""

from __future__ import annotations

from typing import NamedTuple

from flask import Flask, abort, current_app, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

import config
from crm360.accounts import audit, outside, second_factor
from crm360.accounts.audit import Act, Actor
from crm360.accounts.outside import Admitted, NotAdmitted, Person
from crm360.kernel import clock, dialects, http, signing
from crm360.kernel.db import db
from crm360.kernel.errors import DomainError, Forbidden
from crm360.web import error_pages, error_words, sign_in, visitors
from crm360.web.blueprint import door
from crm360.web.policy import public
from crm360.web.provider import LEEWAY_SECONDS, Asked, NotProved, Provider

PROVIDER = "sign-in provider"
#: So long somebody may take at the provider.
SECONDS = 600
_KEPT = "outside"


class Begun(NamedTuple):
    """A sign-in under way: how it is known again, since when, whether somebody signed in confirms, and where to go then."""

    asked: Asked
    at: float
    again: bool
    to: str


class Stale(Forbidden):
    """This browser did not set out, or too long ago."""

    def __init__(self) -> None:
        super().__init__("This sign-in was begun elsewhere or took too long. Please try again.")


class Declined(Forbidden):
    """The provider sent them back without a code."""

    def __init__(self) -> None:
        super().__init__("The provider did not let you in, or you cancelled.")


class SomebodyElse(Forbidden):
    """The one who confirms is not the one who is signed in."""

    def __init__(self) -> None:
        super().__init__("The account you confirmed with is not connected with yours.")


def prepare(app: Flask) -> None:
    """The provider, where one is set; the sign-in page offers it then."""
    settings: config.Settings = app.config["SETTINGS"]
    name = settings.oidc_name if settings.oidc_issuer else ""
    if settings.oidc_issuer:
        app.extensions[PROVIDER] = Provider(settings, http.Client(private_targets=settings.private_targets))
    app.context_processor(lambda: {"provider_name": name, "proved": visitors.proved_lately(now=clock.now())})


@door.get("/sign-in/provider")
@public
def begin_outside() -> Response | tuple[str, int]:
    """Off to the provider. All that is remembered is in this browser: how it is known again when it comes back."""
    again = visitors.me() is not None
    asked = Asked(*(signing.new_secret() for _ in Asked._fields))
    db.session.rollback()  # nothing is held open while the provider is asked
    try:
        target = there().address(asked, back=back(), again=again)
    except DomainError as error:
        return refused(error)
    session[_KEPT] = [*asked, clock.now().timestamp(), again, request.args.get("next", "")]
    return redirect(target, 303)


@door.get("/sign-in/provider/return")
@public
def end_outside() -> Response | tuple[str, int]:
    """Back from the provider, with a code or without."""
    dialects.set_may_write(True)  # a GET that lets somebody in
    sign_in.count_attempt()
    try:
        begun = taken()
        return confirmed(begun) if begun.again else let_in(begun)
    except DomainError as error:
        db.session.rollback()
        note_refusal(error)
        return refused(error)


def taken() -> Begun:
    """The sign-in this browser set out on, which it comes back from once. Raises Stale."""
    kept = session.pop(_KEPT, None)
    if not isinstance(kept, list) or len(kept) != len(Asked._fields) + 3:
        raise Stale
    begun = Begun(Asked(*kept[:3]), *kept[3:])
    if clock.now().timestamp() - begun.at > SECONDS or not signing.same(
        begun.asked.state, request.args.get("state", "")
    ):
        raise Stale
    return begun


def let_in(begun: Begun) -> Response:
    """Whoever the provider proved; our own second step follows unless the provider asked for one."""
    who, _auth_time = proved(begun)
    now = clock.now()
    admitted = outside.admit(person=who, terms=terms(), now=now)
    note(admitted)
    staff = admitted.staff
    if second_factor.is_on(staff.id) and not who.second:
        visitors.let_half_in(staff, now=now)
        return redirect(url_for("web.code_form", next=begun.to or None), 303)
    return sign_in.begin_session(staff, to=begun.to, by=PROVIDER)


def confirmed(begun: Begun) -> Response:
    """Who is signed in was asked by the provider just now, and is the same person."""
    who, auth_time = proved(begun)
    visitor, now = visitors.me(), clock.now()
    if visitor is None or outside.staff_id(who) != visitor.staff.id:
        raise SomebodyElse
    if auth_time < begun.at - LEEWAY_SECONDS:
        raise NotProved("the provider did not ask again")
    visitors.note_proved(now=now)
    return redirect(sign_in.safe_address(begun.to), 303)


def proved(begun: Begun) -> tuple[Person, float]:
    """Who came back, and when the provider asked them last (0 when it does not say). Raises Declined, NotReached, NotProved."""
    if request.args.get("error") or not request.args.get("code"):
        raise Declined
    if request.args.get("iss", place().oidc_issuer) != place().oidc_issuer:
        raise NotProved("another issuer")
    now = clock.now().timestamp()
    claims = there().claims(request.args["code"], begun.asked, back=back(), now=now)
    auth_time = claims.get("auth_time")
    return outside.person(claims, terms()), auth_time if isinstance(auth_time, int | float) else 0.0


def note(admitted: Admitted) -> None:
    """What the provider's word changed here, on the audit trail."""
    steps: list[tuple[str, dict[str, str]]] = [("staff.created", {})] if admitted.how == "created" else []
    if admitted.how != "known":
        steps.append(("outside_account.linked", {}))
    if admitted.role_before:
        steps.append(("staff.role_changed", {"from": admitted.role_before, "to": admitted.staff.role}))
    acts = [
        Act(actor=BY, action=action, subject_kind="staff", subject_id=admitted.staff.id, details=details)
        for action, details in steps
    ]
    audit.record_all(acts=acts, now=clock.now())


def note_refusal(error: DomainError) -> None:
    """Who was turned away and why; never what they brought."""
    reason = (
        error.reason
        if isinstance(error, NotAdmitted)
        else error.why
        if isinstance(error, NotProved)
        else type(error).__name__
    )
    number = error.staff_id if isinstance(error, NotAdmitted) else None
    audit.record(
        actor=BY, action="session.refused", subject_kind="staff" if number else "", subject_id=number, details={"reason": reason}, now=clock.now(),
    )  # fmt: skip


#: The provider, as the audit trail names it.
BY = Actor("system", None, PROVIDER)


def refused(error: DomainError) -> tuple[str, int] | Response:
    """The sign-in page with what stood in the way; a page of its own for who is signed in."""
    words = error_words.translated(error.message)
    if visitors.me() is not None:
        return error_pages.page(error.status, words)
    return render_template("sign_in.html", email="", error="", outside_error=words, expired=False), error.status


def terms() -> outside.Terms:
    """What the operator allowed."""
    settings = place()
    return outside.Terms(
        create=settings.oidc_create, link=settings.oidc_link, role_claim=settings.oidc_role_claim, roles=settings.oidc_roles,
        second_acr=frozenset(settings.oidc_second_factor_acr),
    )  # fmt: skip


def there() -> Provider:
    """The provider; no such page without one."""
    found: Provider | None = current_app.extensions.get(PROVIDER)
    if found is None:
        abort(404)
    return found


def back() -> str:
    """Where the provider sends people back to, as it was told when we were registered there."""
    return f"{place().public_url}{url_for('web.end_outside')}"


def place() -> config.Settings:
    found: config.Settings = current_app.config["SETTINGS"]
    return found

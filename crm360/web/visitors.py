"""Who is visiting: the signed-in staff member behind a session cookie."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Flask, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from crm360.accounts import queries
from crm360.accounts.audit import Actor
from crm360.accounts.models import Staff
from crm360.accounts.permissions import allows
from crm360.kernel.errors import Forbidden
from crm360.web.blueprint import csrf

logins = LoginManager()

#: So long the second step may take.
HALF_IN_SECONDS = 300
#: So long after confirming at the provider nobody is asked for a password.
PROVED_SECONDS = 300


class NotPermitted(Forbidden):
    """The visitor's role lacks a permission: which one, where a page can say whose it is."""

    def __init__(self, message: str, *, permission: str = "") -> None:
        super().__init__(message)
        self.permission = permission


class Visitor(UserMixin):
    """A signed-in staff member, as Flask-Login wants to see one."""

    def __init__(self, staff: Staff):
        self.staff = staff

    def get_id(self) -> str:
        return f"{self.staff.id}:{self.staff.session_token}"

    def may(self, permission: str) -> bool:
        return allows(self.staff.role, permission)


def prepare(app: Flask) -> None:
    """Sessions, their cookie and the forged-form guard."""
    settings = app.config["SETTINGS"]
    app.config.update(
        SESSION_COOKIE_NAME="crm360_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.cookie_secure,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.session_hours),
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a page left open over lunch must still save a note
        WTF_CSRF_SSL_STRICT=False,  # Referrer-Policy same-origin and SameSite do this; proxies often drop the header
    )
    csrf.init_app(app)
    logins.init_app(app)
    logins.user_loader(load)
    app.context_processor(lambda: {"me": me()})


def load(session_id: str) -> Visitor | None:
    """The visitor a session cookie names, unless disabled or signed out everywhere since."""
    staff_id, _, token = session_id.partition(":")
    staff = queries.find_staff_by_session(int(staff_id), token) if staff_id.isdigit() else None
    return Visitor(staff) if staff else None


def me() -> Visitor | None:
    """The signed-in visitor of this request; None for anybody else."""
    visitor = current_user._get_current_object() if current_user else None
    return visitor if isinstance(visitor, Visitor) else None


def present() -> Visitor:
    """The visitor of a page that `policy.requires` let in. Raises NotPermitted when nobody is signed in."""
    visitor = me()
    if visitor is None:
        raise NotPermitted("Please sign in.")
    return visitor


def actor() -> Actor:
    """The visitor as the audit trail names one."""
    staff = present().staff
    return Actor(kind="staff", id=staff.id, name=staff.name)


def let_in(staff: Staff) -> None:
    """Start a session from nothing, so one planted before sign-in is worthless."""
    session.clear()
    session.permanent = True
    login_user(Visitor(staff))


def let_half_in(staff: Staff, *, now: datetime) -> None:
    """The password was right; the second step has to follow within minutes."""
    session.clear()
    session["half_in"] = [staff.id, staff.session_token, int(now.timestamp())]


def half_in(*, now: datetime) -> Staff | None:
    """Who passed the first step within the last minutes; None for anybody else."""
    number, token, at = session.get("half_in") or (0, "", 0)
    if now.timestamp() - at > HALF_IN_SECONDS:
        return None
    return queries.find_staff_by_session(number, token)


def note_proved(*, now: datetime) -> None:
    """The visitor confirmed at the provider who they are."""
    session["proved"] = [int(present().get_id().partition(":")[0]), int(now.timestamp())]


def proved_lately(*, now: datetime) -> bool:
    """Whether the visitor confirmed within the last minutes: as good as the password."""
    visitor, (number, at) = me(), session.get("proved") or (0, 0)
    return visitor is not None and visitor.staff.id == number and 0 <= now.timestamp() - at <= PROVED_SECONDS


def let_out() -> None:
    """End the session in this browser."""
    logout_user()
    session.clear()

"""The second step of signing in: set up, asked for, used once, lost and replaced."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
import time_machine

from crm360.accounts.models import Attempt, SecondFactor, Staff
from crm360.kernel.db import db
from tests.web.conftest import PASSWORD

NOW = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
FORM = "/account/security"


@pytest.fixture
def on(visit_as: Any) -> Any:
    """(the visitor, the app, recovery codes) of a rep who set it up."""
    with time_machine.travel(NOW, tick=False):
        client = visit_as("sales")
        client.submit(FORM, action=f"{FORM}/second-factor", password=PASSWORD)
        secret = re.search(r'class="secret">(\w+)<', client.get(FORM).get_data(as_text=True))
        assert secret
        app = pyotp.TOTP(secret[1])
        assert client.get(f"{FORM}/code.svg").mimetype == "image/svg+xml"
        wrong = client.submit(FORM, action=f"{FORM}/confirmation", code="000000")
        assert wrong.status_code == 422
        html = client.submit(FORM, action=f"{FORM}/confirmation", code=app.at(NOW)).get_data(as_text=True)
        yield client, app, re.findall(r"<code>([a-z0-9\-]{19})</code>", html)


def leave(client: Any) -> None:
    """Sign out; how often somebody tried is another test's subject."""
    db.session.query(Attempt).delete()
    client.submit("/", action="/sign-out")


def enter(client: Any, code: str) -> Any:
    half = client.submit("/sign-in", action="/sign-in", email="sales@example.com", password=PASSWORD)
    assert half.headers["Location"].startswith("/sign-in/code")
    assert client.get("/").status_code == 303  # not in yet
    return client.submit("/sign-in/code", action="/sign-in/code", code=code)


def test_a_code_lets_in_once(on: Any) -> None:
    client, app, codes = on
    assert len(codes) == len(set(codes)) == 10
    leave(client)
    assert enter(client, app.at(NOW)).status_code == 422  # the one it was set up with
    later = NOW + timedelta(seconds=30)
    with time_machine.travel(later, tick=False):
        assert enter(client, f" {app.at(later)[:3]} {app.at(later)[3:]}").status_code == 303
        assert client.get("/").status_code == 200
        leave(client)
        assert enter(client, app.at(later)).status_code == 422
        assert enter(client, app.at(later + timedelta(hours=1))).status_code == 422


def test_a_recovery_code_lets_in_once(on: Any) -> None:
    client, _, codes = on
    leave(client)
    assert enter(client, codes[0].upper()).status_code == 303
    assert "9 recovery codes" in client.get(FORM).get_data(as_text=True)
    leave(client)
    assert enter(client, codes[0]).status_code == 422
    enter(client, codes[1])
    client.submit(FORM, action=f"{FORM}/recovery-codes", password=PASSWORD)
    leave(client)
    assert enter(client, codes[2]).status_code == 422


def test_the_first_step_is_forgotten_after_minutes(on: Any) -> None:
    client, app, _ = on
    leave(client)
    client.submit("/sign-in", action="/sign-in", email="sales@example.com", password=PASSWORD)
    page = client.page("/sign-in/code").form(action="/sign-in/code").values
    later = NOW + timedelta(minutes=6)
    with time_machine.travel(later, tick=False):
        answer = client.post("/sign-in/code", data=page | {"code": app.at(later)})
        assert answer.headers["Location"].startswith("/sign-in?expired")
        assert client.get("/sign-in/code").status_code == 302


def test_whoever_finds_the_browser_open_changes_nothing(on: Any) -> None:
    client, _, _ = on
    for action, more in (("removal", {}), ("recovery-codes", {}), ("password", {"new_password": "another one"})):
        form = client.page(FORM).form(action=f"{FORM}/recovery-codes").values
        refused = client.post(f"{FORM}/{action}", data=form | {"password": "guessed wrong"} | more)
        assert refused.status_code == 422
    assert db.session.query(SecondFactor).one().confirmed_at == NOW
    client.submit(FORM, action=f"{FORM}/recovery-codes", password=PASSWORD)
    form = client.page(FORM).form(action=f"{FORM}/recovery-codes").values
    client.post(f"{FORM}/removal", data=form | {"password": PASSWORD})
    leave(client)
    assert (
        client.submit("/sign-in", action="/sign-in", email="sales@example.com", password=PASSWORD).headers["Location"]
        == "/"
    )


def test_an_administrator_helps_who_lost_everything(on: Any, visit_as: Any, app: Any) -> None:
    client, _, _ = on
    leave(client)
    admin = visit_as("admin")
    rep = db.session.query(Staff).filter_by(email="sales@example.com").one().id
    assert "two steps" in admin.get("/admin/staff").get_data(as_text=True)
    admin.submit("/admin/staff", action=f"/admin/staff/{rep}/second-factor-removal")
    assert db.session.query(SecondFactor).count() == 0


def test_a_password_is_changed_by_its_owner(visit_as: Any) -> None:
    client = visit_as("sales")
    changed = client.submit(FORM, action=f"{FORM}/password", password=PASSWORD, new_password="four words are better")
    assert changed.status_code == 303
    assert client.get("/").status_code == 200  # this session goes on
    leave(client)
    old = client.submit("/sign-in", action="/sign-in", email="sales@example.com", password=PASSWORD)
    assert old.status_code == 422
    new = client.submit("/sign-in", action="/sign-in", email="sales@example.com", password="four words are better")
    assert new.status_code == 303

"""Signing in: who gets in, what the cookie is like, and how often one may try."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm360.accounts import attempts
from crm360.accounts.models import Attempt, AuditEntry, Staff
from crm360.app import create_app
from crm360.kernel.db import db
from crm360.web.sign_in import LIMITS, safe_address
from tests.pages import Page
from tests.web.conftest import PASSWORD


def test_nobody_reads_a_customer_without_signing_in(client, shop):
    answer = client.get(f"/customers/{shop['anna']}")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/sign-in?next=/customers/{shop['anna']}"


def test_a_visitor_comes_back_to_where_they_wanted_to_go(client, shop):
    path = f"/sign-in?next=/customers/{shop['anna']}"
    answer = client.submit(path, action="/sign-in", email="sales@example.com", password=PASSWORD)
    assert answer.headers["Location"] == f"/customers/{shop['anna']}"


def test_a_wrong_password_stays_out_and_keeps_the_address(client, shop):
    answer = client.submit("/sign-in", action="/sign-in", email="sales@example.com", password="wrong")
    assert answer.status_code == 422
    assert "sales@example.com" in answer.get_data(as_text=True)
    assert client.get("/").status_code == 303


def test_the_cookie_is_closed_to_scripts_and_other_sites(client, shop):
    answer = client.submit("/sign-in", action="/sign-in", email="sales@example.com", password=PASSWORD)
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_session_is_started_anew_at_sign_in(client, shop):
    client.get("/sign-in")
    with client.session_transaction() as planted:
        planted["planted"] = "by somebody else"
    client.submit("/sign-in", action="/sign-in", email="sales@example.com", password=PASSWORD)
    with client.session_transaction() as session:
        assert "planted" not in session


def test_the_language_chosen_before_signing_in_stays_chosen(client, shop):
    client.submit("/sign-in", action="/preferences", locale="pl")
    client.submit("/sign-in", action="/sign-in", email="sales@example.com", password=PASSWORD)
    assert '<html lang="pl"' in client.get("/").get_data(as_text=True)


def test_too_many_attempts_are_refused(client, shop, app, monkeypatch):
    monkeypatch.setitem(app.extensions, LIMITS, [attempts.Limit(10, 10**8)])  # no span ends while the test runs
    for _ in range(10):
        client.submit("/sign-in", action="/sign-in", email="sales@example.com", password="wrong")
    assert client.submit("/sign-in", action="/sign-in", email="sales@example.com", password=PASSWORD).status_code == 429


def test_attempts_count_across_worker_processes(instance):
    instance.extra["SIGN_IN_LIMIT"] = "10 per year"
    doors = [create_app(instance.settings()) for _ in range(2)]
    answers = [attempt(door) for door in (*doors * 5, *doors)]
    for door in doors:
        with door.app_context():
            db.engine.dispose()
    assert answers == [422] * 10 + [429] * 2


def attempt(door) -> int:
    """A wrong password at this process's door."""
    client = door.test_client()
    form = Page(client.get("/sign-in").get_data(as_text=True)).form(action="/sign-in")
    return int(client.post("/sign-in", data=form.values | {"email": "x@example.com", "password": "wrong"}).status_code)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_spans_are_counted_apart_and_forgotten(session, now):
    limits = [attempts.Limit(2, 60), attempts.Limit(3, 3600)]
    allowed = [attempts.within(key="a", limits=limits, now=now) for _ in range(3)]
    assert allowed == [True, True, False]
    assert attempts.within(key="b", limits=limits, now=now)
    assert not attempts.within(key="a", limits=limits, now=now + timedelta(minutes=1))  # four within the hour
    assert attempts.within(key="a", limits=limits, now=now + timedelta(hours=1))
    assert session.query(Attempt).count() == 2


def test_signing_out_needs_the_form_and_ends_the_session(visit_as):
    client = visit_as("sales")
    assert client.get("/sign-out").status_code == 405
    assert client.submit("/", action="/sign-out").status_code == 303
    assert client.get("/").status_code == 303


def test_a_new_session_token_ends_every_session(visit_as):
    client = visit_as("sales")
    db.session.query(Staff).filter_by(email="sales@example.com").one().session_token = "another"
    assert client.get("/").status_code == 303


def test_a_sign_in_is_on_the_audit_trail(visit_as):
    visit_as("sales")
    assert db.session.query(AuditEntry).filter_by(action="session.started").count() == 1


@pytest.mark.parametrize(
    ("wanted", "allowed"),
    [
        ("/customers/7?show=order", True),
        ("https://evil.example", False),
        ("//evil.example", False),
        ("/\\evil.example", False),
        ("/a\r\nSet-Cookie: x", False),
        ("", False),
        (None, False),
    ],
)
def test_only_paths_of_this_site_are_gone_to(app, wanted, allowed):
    with app.test_request_context():
        assert (safe_address(wanted) == wanted) is allowed

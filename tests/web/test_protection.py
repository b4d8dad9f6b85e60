"""Headers, forged forms, roles and error pages."""

from __future__ import annotations

import pytest
from flask import Flask


def test_pages_carry_a_strict_content_security_policy(visit_as):
    policy = visit_as("sales").get("/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self'" in policy


def test_each_page_has_a_nonce_of_its_own(visit_as):
    client = visit_as("sales")
    assert client.get("/").headers["Content-Security-Policy"] != client.get("/").headers["Content-Security-Policy"]


def test_pages_with_personal_data_are_kept_by_no_cache(visit_as, shop):
    assert visit_as("sales").get(f"/customers/{shop['anna']}").headers["Cache-Control"] == "no-store"


def test_versioned_files_are_kept_for_a_year(client):
    with client.get("/static/css/base.css?v=1") as answer:
        assert "max-age=31536000" in answer.headers["Cache-Control"]


def test_a_form_without_its_token_is_refused_and_changes_nothing(visit_as, shop):
    client = visit_as("sales")
    answer = client.post(f"/customers/{shop['anna']}/notes", data={"body": "forged"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/sign-in?expired=1"
    assert "forged" not in client.get(f"/customers/{shop['anna']}/more").get_data(as_text=True)


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        ("sales", "/", 200),
        ("sales", "/duplicates", 200),
        ("sales", "/admin/inbox", 403),
        ("sales", "/admin/keys", 403),
        ("sales", "/admin/staff", 403),
        ("sales", "/audit", 403),
        ("marketing", "/duplicates", 403),
        ("privacy", "/audit", 200),
        ("privacy", "/admin/staff", 403),
        ("admin", "/admin/inbox", 200),
        ("admin", "/admin/keys", 200),
        ("admin", "/admin/staff", 200),
        ("admin", "/audit", 200),
    ],
)
def test_a_role_sees_what_it_may(visit_as, role, path, status):
    assert visit_as(role).get(path).status_code == status


def test_an_unknown_customer_is_a_page_that_helps(visit_as):
    answer = visit_as("sales").get("/customers/987654321")
    assert answer.status_code == 404
    assert "Search finds everybody" in answer.get_data(as_text=True) or "no customer" in answer.get_data(as_text=True)


def test_an_unknown_address_is_a_page(client, app):
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"


def test_machines_keep_their_own_errors(client, app):
    assert client.get("/api/v1/nowhere").mimetype != "text/html" or b"<main" not in client.get("/api/v1/nowhere").data


def test_htmx_gets_an_error_as_a_toast(visit_as, shop):
    client = visit_as("sales")
    token = client.page(f"/customers/{shop['anna']}").form(action="/tags").values["csrf_token"]
    answer = client.post(
        f"/customers/{shop['anna']}/tags", data={"csrf_token": token, "name": " "}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 422
    assert answer.headers["HX-Retarget"] == "#toasts"
    assert "<html" not in answer.get_data(as_text=True)


def test_what_breaks_unforeseen_is_a_page_without_a_traceback(visit_as, app: Flask, monkeypatch):
    client = visit_as("sales")
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setitem(app.view_functions, "web.desk", lambda: 1 / 0)
    answer = client.get("/")
    assert answer.status_code == 500
    assert "Traceback" not in answer.get_data(as_text=True)
    assert answer.headers["X-Request-Id"] in answer.get_data(as_text=True)

"""Failures below /api: one shape, never a page, never a trace."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from crm360.accounts import operations
from crm360.api import keeping, profile_view
from tests.api.conftest import Call


def assert_problem(answer: Any, status: int) -> dict[str, Any]:
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), answer.get_data(as_text=True)
    said: dict[str, Any] = answer.get_json()
    assert set(said) == {"type", "title", "status", "detail", "errors", "request_id"}
    assert said["status"] == status
    assert said["title"]
    assert said["detail"]
    assert "<" not in said["detail"]
    assert said["request_id"] == answer.headers["X-Request-Id"]
    return said


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Bearer nobody's key", "Basic abc", "Bearer zażółć"])
@pytest.mark.parametrize(("method", "path"), [("GET", "/profiles"), ("GET", "/profiles/1"), ("POST", "/events")])
def test_without_a_valid_key(client: Any, header: str | None, method: str, path: str):
    headers = {} if header is None else {"Authorization": header.encode().decode("latin-1")}
    answer = client.open(f"/api/v1{path}", method=method, headers=headers)
    assert_problem(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="crm360"')
    assert ("invalid_token" in answer.headers["WWW-Authenticate"]) is (header is not None)


def test_a_revoked_key_and_a_write_key_open_nothing(client: Any, now: datetime):
    revoked, secret = operations.create_key(kind="api", name="old", role="admin", now=now)
    operations.revoke_key(key_id=revoked.id, now=now)
    _, write = operations.create_key(kind="write", name="web", now=now)
    for key in (secret, write):
        assert_problem(client.get("/api/v1/profiles", headers={"Authorization": f"Bearer {key}"}), 401)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api", 404),
        ("GET", "/api/", 404),
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v2/profiles", 404),
        ("GET", "/api/v1/profiles/0", 404),
        ("GET", "/api/v1/profiles/99999999999999999999999", 404),
        ("GET", "/api/v1/profiles/-1", 404),
        ("DELETE", "/api/v1/profiles", 405),
        ("GET", "/api/v1/events", 405),
        ("POST", "/api/v1/docs", 405),
    ],
)
def test_addresses_that_lead_nowhere(client: Any, method: str, path: str, status: int):
    answer = client.open(path, method=method)
    assert_problem(answer, status)
    if status == 405:
        assert answer.headers["Allow"]


def test_addresses_of_other_doors_keep_their_own_answers(client: Any):
    assert client.post("/v1/nothing").mimetype != "application/problem+json"


@pytest.mark.parametrize(
    "path", ["/profiles/77", "/profiles/77/timeline", "/profiles/77/contacts", "/profiles/77/orders"]
)
def test_customers_who_are_not_there(call: Call, path: str):
    assert "no customer 77" in assert_problem(call("GET", path), 404)["detail"]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/profiles?limit=0", "limit"),
        ("/profiles?limit=101", "limit"),
        ("/profiles?limit=many", "limit"),
        ("/profiles?limt=5", "limt"),
        ("/profiles?after=???", "cursor"),
        ("/profiles?after=WyJhIl0", "cursor"),
        ("/profiles?after=ą", "cursor"),
        ("/profiles?q=a&after=WzFd", "after"),
        ("/profiles?q=%00", "q"),
        (f"/profiles?q={'a' * 201}", "q"),
    ],
)
def test_parameters_that_cannot_be(call: Call, path: str, field: str):
    assert set(assert_problem(call("GET", path), 422)["errors"]) == {field}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b"null", 400),
        (b"\xff\xfe", 400),
        (b'{"a":' * 70 + b"1" + b"}" * 70, 400),
        (b'{"a":' * 100_000, 400),
        (b'{"n": ' + b"9" * 5000 + b"}", 400),
        (b"", 422),
        (b'{"external_id": "' + b"a" * (4 * 1024 * 1024) + b'"}', 413),
    ],
)
def test_bodies_that_cannot_be_read(call: Call, body: bytes, status: int):
    assert_problem(call("POST", "/contacts", data=body, content_type="application/json"), status)


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_other_media_are_refused(call: Call, media: str):
    assert_problem(call("POST", "/contacts", data=b'{"external_id": "7"}', content_type=media), 415)


def test_what_breaks_unforeseen_tells_a_number_and_no_more(call: Call, monkeypatch: pytest.MonkeyPatch, lucja: int):
    monkeypatch.setattr(profile_view, "links", lambda _id: 1 / 0)
    said = assert_problem(call("GET", f"/profiles/{lucja}"), 500)
    assert "ZeroDivisionError" not in str(said)


def test_a_database_that_is_away_asks_to_come_again(call: Call, monkeypatch: pytest.MonkeyPatch):
    def locked(*_: Any, **__: Any) -> None:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    monkeypatch.setattr(keeping.inbox, "keep", locked)
    answer = call("POST", "/contacts", json={"external_id": "7"})
    assert_problem(answer, 503)
    assert answer.headers["Retry-After"]


def test_answers_stay_out_of_caches(call: Call, lucja: int):
    assert call("GET", f"/profiles/{lucja}").headers["Cache-Control"] == "no-store"

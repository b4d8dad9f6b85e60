"""The tracking door as clients see it."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import has_request_context
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from crm360.accounts import operations as accounts
from crm360.accounts import queries
from crm360.inbox.models import Payload, Refusal, Source
from crm360.intake import refusals, tracking, write_keys

pytestmark = pytest.mark.usefixtures("write_key")

EVENT = {"messageId": "m-1", "type": "track", "event": "Order Completed", "userId": "7"}


def kept(session: Any) -> list[Payload]:
    return list(session.scalars(select(Payload).order_by(Payload.id)))


def assert_kept(answer: Any) -> None:
    assert (answer.status_code, answer.get_json()) == (200, {"success": True})


def assert_refused(answer: Any, status: int, code: str) -> None:
    body = answer.get_json()
    assert (answer.status_code, body["success"], body["code"]) == (status, False, code)
    assert body["message"]


@pytest.mark.parametrize(("path", "kind"), tracking.KINDS.items())
def test_every_path_keeps_a_call_and_names_its_type(
    client: Any, session: Any, auth: dict[str, str], path: str, kind: str
) -> None:
    assert_kept(client.post(f"/v1/{path}", json={"userId": "7", "messageId": "m"}, headers=auth))
    (payload,) = kept(session)
    assert (payload.headers, payload.state, payload.channel) == ({"type": kind}, "waiting", "tracking")
    assert session.get(Source, payload.source_id).name == "web"


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/import", "/v1/b", "/v1/batch/", "/beacon/v1/batch"])
def test_every_item_of_a_batch_becomes_a_payload(client: Any, session: Any, auth: dict[str, str], path: str) -> None:
    body = {"batch": [EVENT, EVENT | {"messageId": "m-2"}, EVENT], "sentAt": "2026-03-02T10:00:00Z"}
    assert_kept(client.post(path, json=body, headers=auth))
    assert [json.loads(payload.body) for payload in kept(session)] == [
        EVENT | {"sentAt": "2026-03-02T10:00:00Z"},
        EVENT | {"messageId": "m-2", "sentAt": "2026-03-02T10:00:00Z"},
    ]


def test_the_same_batch_a_hundred_times_is_kept_once(client: Any, session: Any, auth: dict[str, str]) -> None:
    for attempt in range(100):
        assert_kept(client.post("/v1/batch", json={"batch": [EVENT, {}], "sentAt": str(attempt)}, headers=auth))
    assert len(kept(session)) == 2


@pytest.mark.parametrize(
    "carry",
    [
        lambda key: {"headers": {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}},
        lambda key: {"headers": {"Authorization": "Basic " + base64.b64encode(key.encode()).decode()}},
        lambda key: {"headers": {"Authorization": "basic " + base64.b64encode(key.encode()).decode().rstrip("=")}},
        lambda key: {"json": EVENT | {"writeKey": key}},
        lambda key: {"json": EVENT | {"writeKey": key}, "headers": {"Authorization": "Bearer token"}},
        lambda key: {"query_string": {"writeKey": key}},
        lambda key: {"headers": {"X-Write-Key": key}},
        lambda key: {"headers": {"X-Write-Key": f"{key}:secret"}, "json": EVENT | {"writeKey": "masked:***"}},
    ],
)
def test_the_key_is_found_wherever_a_client_carries_it(client: Any, session: Any, write_key: str, carry: Any) -> None:
    assert_kept(client.post("/v1/track", **{"json": EVENT} | carry(write_key)))
    assert len(kept(session)) == 1


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Basic !!!"}, {"Authorization": "Basic " + "A" * 40}, {"X-Write-Key": "nobody"}]
)
def test_without_a_valid_key_nothing_is_kept(client: Any, session: Any, headers: dict[str, str]) -> None:
    assert_refused(client.post("/v1/track", json=EVENT, headers=headers), 401, "unauthorized")
    assert_refused(client.post("/v1/track", data=b"{broken", headers=headers), 401, "unauthorized")
    assert kept(session) == []


def test_a_revoked_key_stops_working(client: Any, session: Any, write_key: str, auth: Any, now: datetime) -> None:
    assert_kept(client.post("/v1/track", json=EVENT, headers=auth))
    accounts.revoke_key(key_id=queries.find_key(write_key, "write").id, now=now)
    write_keys.forget()  # what a few seconds do
    assert_refused(client.post("/v1/track", json=EVENT, headers=auth), 401, "unauthorized")


def test_an_api_key_is_no_write_key(client: Any, now: datetime) -> None:
    _, secret = accounts.create_key(kind="api", name="erp", role="admin", now=now)
    assert_refused(client.post("/v1/track", json=EVENT | {"writeKey": secret}), 401, "unauthorized")


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_bodies_are_believed_whatever_they_are_labelled(
    client: Any, session: Any, auth: dict[str, str], content_type: str
) -> None:
    plain = json.dumps({"batch": [EVENT]}).encode()
    packed = gzip.compress(json.dumps({"batch": [EVENT | {"messageId": "m-2"}]}).encode())
    for body in (plain, packed):
        assert_kept(client.post("/v1/batch", data=body, headers=auth, content_type=content_type))
    assert [payload.dedup_key for payload in kept(session)] == ["id:m-1", "id:m-2"]


@pytest.mark.parametrize("body", [b"", b"{broken", b"[]", b'{"batch":7}', b"\x1f\x8bbroken", b"\xff\xfe\x00"])
def test_an_unreadable_body_waits_in_quarantine_and_the_sender_is_told(
    client: Any, session: Any, auth: dict[str, str], body: bytes
) -> None:
    answer = client.post("/v1/batch", data=body, headers=auth)
    assert_refused(answer, 400, "invalid_request")
    (payload,) = kept(session)
    assert (payload.body, payload.state, payload.reason) == (body, "quarantined", answer.get_json()["message"])


def test_a_call_too_large_is_kept_in_quarantine(client: Any, session: Any, auth: dict[str, str]) -> None:
    large = EVENT | {"properties": {"text": "x" * 33_000}}
    assert_refused(client.post("/v1/track", json=large, headers=auth), 413, "too_large")
    assert_kept(client.post("/v1/batch", json={"batch": [EVENT | {"messageId": "m-2"}]}, headers=auth))
    assert [(payload.state, payload.reason[:18]) for payload in kept(session)] == [
        ("quarantined", "The call is larger"),
        ("waiting", ""),
    ]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_request_too_large_is_refused_and_its_start_kept(
    client: Any, session: Any, auth: dict[str, str], pack: Any
) -> None:
    body = pack(b" " * (tracking.MAX_REQUEST_BYTES + 1))
    assert_refused(client.post("/v1/batch", data=body, headers=auth), 413, "too_large")
    (payload,) = kept(session)
    assert (payload.state, payload.body) == ("quarantined", body[: refusals.KEPT_BYTES])
    assert (payload.headers["bytes"], "at most 4096 KB" in payload.reason) == (str(len(body)), True)
    assert_refused(client.post("/v1/batch", data=body), 401, "unauthorized")


def test_a_known_key_inside_a_broken_body_counts(client: Any, session: Any, write_key: str) -> None:
    broken = b'{"writeKey": "' + write_key.encode() + b'", "batch": [{"event": "A"'
    for body in (broken, gzip.compress(broken)):
        assert_refused(client.post("/v1/b", data=body), 400, "invalid_request")
    assert [payload.state for payload in kept(session)] == ["quarantined"] * 2


def test_what_nobody_known_sends_is_counted_with_its_reason(client: Any, session: Any) -> None:
    for _ in range(3):
        client.post("/v1/track", data=b"{broken")
    client.post("/v1/nothing", json={})
    client.get("/v1/track")
    counted = [(row.door, row.code, row.requests) for row in session.scalars(select(Refusal))]
    assert sorted(counted) == [("POST /v1", "not_found", 1), ("POST /v1", "unauthorized", 3)]


def test_jitsu_s_clients_are_taken(client: Any, session: Any, write_key: str) -> None:
    headers = {"X-Write-Key": f"{write_key}:secret"}
    for path in ("/api/s/track", "/api/s/s2s/page"):
        assert_kept(client.post(path, json={"anonymousId": "a", "writeKey": "site:***"}, headers=headers))
    assert [payload.headers["type"] for payload in kept(session)] == ["track", "page"]
    assert_refused(client.post("/api/s/nothing", json={}), 404, "not_found")


def test_a_library_s_figures_about_itself_are_none_of_our_business(client: Any, session: Any) -> None:
    assert_kept(client.post("/v1/m", json={"series": []}))
    assert kept(session) == []


@pytest.mark.parametrize(
    ("said", "known"), [("1", {"gpc": "1"}), (" 1 ", {"gpc": "1"}), ("0", {}), ("true", {}), ("", {})]
)
def test_global_privacy_control_is_kept_with_the_event(
    client: Any, session: Any, auth: dict[str, str], said: str, known: dict[str, str]
) -> None:
    for path, body in (("/v1/t", EVENT), ("/v1/b", {"batch": [EVENT | {"messageId": "m-2"}]})):
        assert_kept(client.post(path, json=body, headers=auth | {"Sec-GPC": said}))
    assert [payload.headers for payload in kept(session)] == [{"type": "track"} | known, known]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/track", 405, "method_not_allowed"),
        ("PUT", "/v1/b", 405, "method_not_allowed"),
        ("POST", "/v1/nothing", 404, "not_found"),
        ("POST", "/v1/track/more", 404, "not_found"),
    ],
)
def test_other_requests_are_refused_in_the_words_of_this_door(
    client: Any, method: str, path: str, status: int, code: str
) -> None:
    answer = client.open(path, method=method, headers={"Origin": "https://shop.example"})
    assert_refused(answer, status, code)
    assert answer.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    if status == 405:
        assert "POST" in answer.headers["Allow"]


def test_browsers_of_any_site_may_send(client: Any, auth: dict[str, str]) -> None:
    origin = {"Origin": "https://shop.example"}
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "anonymousid,authorization,sentat",
    }
    for path in (
        "/v1/t",
        "/v1/b",
        "/v1/unknown",
        "/beacon/v1/batch",
        "/sourceConfig/",
        "/v1/projects/k/settings",
        "/api/s/track",
    ):
        preflight = client.options(path, headers=origin | asked)
        assert preflight.status_code == 204
        assert preflight.headers["Access-Control-Allow-Headers"] == "anonymousid,authorization,sentat"
        assert preflight.headers["Access-Control-Max-Age"] == "900"
        assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    for answer in (
        client.post("/v1/t", json=EVENT, headers=origin | auth),
        client.post("/v1/t", json=EVENT, headers=origin),
        client.post("/v1/t", data="{", headers=origin | auth),
        client.post("/v1/t", data=b" " * 5_000_000, headers=origin | auth),
    ):
        assert answer.headers["Access-Control-Allow-Origin"] == "https://shop.example"
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert "Origin" in answer.headers["Vary"]


def test_nobody_is_redirected_or_given_a_cookie(client: Any, auth: dict[str, str]) -> None:
    answer = client.post("/v1/track/", json=EVENT, headers=auth)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers


@pytest.fixture
def full_disk() -> Iterator[None]:
    """Every commit of a visit fails."""

    def fail(_session: Session) -> None:
        if has_request_context():
            raise OperationalError("COMMIT", {}, Exception("database or disk is full"))

    event.listen(Session, "before_commit", fail)
    yield
    event.remove(Session, "before_commit", fail)


@pytest.mark.usefixtures("full_disk")
def test_nothing_is_acknowledged_when_the_commit_fails(client: Any, session: Any, auth: dict[str, str]) -> None:
    answer = client.post("/v1/track", json=EVENT, headers=auth | {"Origin": "https://shop.example"})
    assert_refused(answer, 503, "unavailable")
    assert answer.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert kept(session) == []

"""Bodies no sender should send: no 5xx, nothing lost, each with its reason, in bounded memory. At every door.

A sample by default; MALFORMED=10000 runs the whole of it.
"""

from __future__ import annotations

import base64
import os
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from crm360.accounts import operations as accounts
from crm360.inbox import operations as inbox
from crm360.inbox.models import Payload, Refusal
from crm360.intake import write_keys
from crm360.jobs import draining
from tests.intake.signers import kit
from tests.intake.signers.kit import Sent, Signer, Told
from tests.malformed import GIGABYTE, bodies, bomb

COUNT = int(os.environ.get("MALFORMED") or 330)
KEY = "site-key-0123456789"
AUTH = {"Authorization": "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()}
PATHS = ("/v1/track", "/v1/batch", "/v1/t", "/v1/b", "/v1/import", "/beacon/v1/batch", "/api/s/identify", "/v1/merge")
MEGABYTE = 1 << 20


@pytest.fixture(autouse=True)
def site(session: Any, now: datetime) -> Iterator[None]:
    write_keys.forget()
    accounts.create_key(kind="write", name="web", value=KEY, now=now)
    yield
    write_keys.forget()


def last_id(session: Any) -> int:
    return int(session.scalar(select(func.max(Payload.id))) or 0)


def test_nothing_malformed_is_lost_at_the_tracking_door(client: Any, session: Any) -> None:
    answers: Counter[int] = Counter()
    seen: set[bytes] = set()
    for number, (kind, body) in enumerate(bodies(COUNT)):
        before = last_id(session)
        answer = client.post(PATHS[number % len(PATHS)], data=body, headers=AUTH)
        answers[answer.status_code] += 1
        told = answer.get_json()
        assert answer.status_code in (200, 400, 413), (kind, body[:200], answer.data)
        assert told["success"] or (told["code"] and told["message"])
        kept = last_id(session) > before
        empty_batch = answer.status_code == 200 and b'"batch": []' in body
        assert kept or body in seen or empty_batch, (kind, body[:200])
        seen.add(body)
    draining.drain()
    states = dict(session.execute(select(Payload.state, func.count()).group_by(Payload.state)).all())
    unexplained = select(func.count()).where(Payload.state == "quarantined", Payload.reason == "")
    assert set(states) <= {"processed", "quarantined"}
    assert session.scalar(unexplained) == 0
    assert states["quarantined"] > COUNT * 0.4
    print(f"{COUNT} bodies: answers {dict(answers)}, payloads {states}")


def addressed(channel: str, now: datetime) -> tuple[str, Signer]:
    """The address of a new source of a channel, and how its vendor signs."""
    signer = kit.signers()[channel]
    inbox.create_source(name=channel, channel=channel, secret=signer.secret, settings=signer.settings, now=now)
    return f"/hooks/{channel}/{channel}" + (f"/{signer.secret}" if signer.in_address else ""), signer


def signed(signer: Signer, body: bytes, url: str, number: int, now: datetime) -> Sent:
    """As its vendor would sign it; where the signature stands inside the body, a broken one bears none."""
    try:
        return signer.sign(Told(body, signer.secret, url, now, f"delivery-{number}"))
    except (ValueError, TypeError, KeyError, RecursionError):
        return Sent(body)


def test_nothing_malformed_is_lost_at_the_webhooks(client: Any, session: Any, now: datetime) -> None:
    public = client.application.config["SETTINGS"].public_url
    with time_machine.travel(now, tick=False):
        for channel in sorted(kit.signers()):
            address, signer = addressed(channel, now)
            seen: set[bytes] = set()
            for number, (kind, body) in enumerate(bodies(COUNT // 15, seed=2)):
                before, sent = last_id(session), signed(signer, body, public + address, number, now)
                answer = client.post(
                    address, data=sent.body, headers=dict(sent.headers), content_type=sent.content_type
                )
                assert answer.status_code in (200, 400, 401, 413), (channel, kind, body[:200], answer.data)
                kept = last_id(session) > before or body in seen or answer.status_code in (401, 413)
                # A signed empty body is how Zendesk tries a connection.
                ping = not body.strip() and answer.status_code == 200
                assert kept or ping, (channel, kind, body[:200])
                seen.add(body)
        draining.drain()
    assert set(session.scalars(select(Payload.state).distinct())) <= {"processed", "quarantined"}
    assert session.scalar(select(func.count()).where(Payload.state == "quarantined", Payload.reason == "")) == 0
    refused = session.scalar(select(func.sum(Refusal.requests)).where(Refusal.code == "unauthorized"))
    assert refused, "what bears no signature is counted"


def test_what_strangers_send_is_counted(client: Any, session: Any) -> None:
    sent = [client.post("/v1/batch", data=body).status_code for _, body in bodies(44, seed=3)]
    assert set(sent) == {401}
    assert session.scalar(select(Refusal.requests).where(Refusal.code == "unauthorized")) == len(sent)
    assert last_id(session) == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_bomb_of_gigabytes_fills_no_memory(client: Any, session: Any) -> None:
    body = bomb(3 * GIGABYTE)
    assert len(body) < 4 * MEGABYTE
    tracemalloc.start()
    try:
        statuses = [client.post(path, data=body, headers=AUTH).status_code for path in ("/v1/batch", "/v1/track")]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert statuses == [413, 413]
    assert peak < 32 * MEGABYTE, f"{peak / MEGABYTE:.0f} MB"
    (payload,) = session.scalars(select(Payload))
    assert (payload.state, len(payload.body)) == ("quarantined", 256 * 1024)
    assert "at most 4096 KB" in payload.reason

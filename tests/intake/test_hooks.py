"""What every webhook has in common: rotation of secrets, greetings, methods, what cannot be taken apart."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy import select

from crm360.inbox import operations as inbox
from crm360.inbox.models import Payload, Source
from crm360.kernel import clock, signing
from crm360.sources import registry
from crm360.sources.base import Unreadable
from crm360.sources.channel import Answer, Channel, Delivery, Hook, Item

ADDRESS = "/hooks/parcels/post?lang=pl"


def _signed(delivery: Delivery, secret: str, _settings: Mapping[str, Any]) -> bool:
    return signing.same(
        delivery.headers.get("x-sign", ""), signing.hmac_hex(secret, delivery.url.encode() + delivery.body)
    )


def _split(delivery: Delivery) -> Sequence[Item]:
    if not delivery.body.startswith(b"["):
        raise Unreadable("A list of events was expected.")
    return [Item(json.dumps(event).encode(), str(event.get("id", ""))) for event in json.loads(delivery.body)]


def _greeting(delivery: Delivery, secret: str, _settings: Mapping[str, Any]) -> Answer | None:
    if delivery.query.get("challenge"):
        return Answer(body=delivery.query["challenge"].encode(), content_type="text/plain")
    if delivery.body == b"confirm":
        return Answer(confirm_url="https://example.com/confirm") if secret == "s1" else Answer(status=403, body=b"")
    return None


@pytest.fixture(autouse=True)
def parcels(session: Any, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    about = Channel(
        label="Parcels", group="shop", hook=Hook(split=_split, signed=_signed, greeting=_greeting, limit=1000)
    )
    known = MappingProxyType({**registry.channels(), "parcels": about})
    monkeypatch.setattr(registry, "channels", lambda: known)
    inbox.create_source(name="post", channel="parcels", secret="s1", now=now)
    return


def post(client: Any, body: bytes, secret: str = "s1", address: str = ADDRESS) -> Any:
    public = client.application.config["SETTINGS"].public_url
    signature = signing.hmac_hex(secret, (public + address).encode() + body)
    return client.post(address, data=body, headers={"X-Sign": signature})


def kept(session: Any) -> list[tuple[str, str]]:
    return [tuple(row) for row in session.execute(select(Payload.dedup_key, Payload.state).order_by(Payload.id))]


def test_one_delivery_may_hold_many_events_each_kept_once(client: Any, session: Any) -> None:
    for _ in range(3):
        assert post(client, b'[{"id":1},{"id":2},{"id":1}]').status_code == 200
    assert kept(session) == [("id:1", "waiting"), ("id:2", "waiting")]


def test_what_cannot_be_taken_apart_is_kept_whole_with_the_reason(client: Any, session: Any) -> None:
    assert post(client, b"{}").status_code == 200
    (payload,) = session.scalars(select(Payload))
    assert (payload.state, payload.body, payload.reason) == ("quarantined", b"{}", "A list of events was expected.")


def test_the_whole_address_is_signed(client: Any, session: Any) -> None:
    public = client.application.config["SETTINGS"].public_url
    signature = signing.hmac_hex("s1", (public + "/hooks/parcels/post").encode() + b"[]")
    assert client.post(ADDRESS, data=b"[]", headers={"X-Sign": signature}).status_code == 401
    assert client.post("/hooks/parcels/post", data=b"[]", headers={"X-Sign": signature}).status_code == 200


def test_after_a_rotation_both_secrets_count_for_a_while(client: Any, session: Any) -> None:
    now = clock.now()
    inbox.rotate_secret(name="post", secret="s2", overlap=timedelta(hours=1), now=now)
    assert [post(client, b"[]", secret).status_code for secret in ("s1", "s2", "s3")] == [200, 200, 401]
    inbox.rotate_secret(name="post", secret="s3", overlap=timedelta(hours=1), now=now - timedelta(hours=2))
    assert [post(client, b"[]", secret).status_code for secret in ("s1", "s2", "s3")] == [401, 401, 200]


def test_greetings_are_answered_and_hold_no_event(client: Any, session: Any) -> None:
    answer = client.get("/hooks/parcels/post?challenge=42")
    assert (answer.status_code, answer.data, answer.content_type) == (200, b"42", "text/plain")
    assert client.post("/hooks/parcels/post", data=b"confirm").status_code == 200
    settings = session.scalar(select(Source.settings).where(Source.name == "post"))
    assert settings["confirm_url"] == "https://example.com/confirm"
    assert kept(session) == []


@pytest.mark.parametrize(
    "address", ["/hooks/parcels/post", "/hooks/shopify/post", "/hooks/staff/post", "/hooks/parcels/post/s1"]
)
def test_nothing_else_is_answered(client: Any, session: Any, address: str) -> None:
    assert client.get(address).status_code == 401
    assert post(client, b"[]", address=address).status_code == (200 if address == "/hooks/parcels/post" else 401)


def test_a_delivery_beyond_the_limit_is_refused(client: Any, session: Any) -> None:
    assert post(client, b"[" + b" " * 2000 + b"]").status_code == 413
    assert kept(session) == []

"""Outgoing webhooks on their way to real servers, judged by the libraries receivers use."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from standardwebhooks import Webhook, WebhookVerificationError

from crm360.accounts import audit
from crm360.jobs import webhooks
from crm360.kernel import clock, http, sealing, signing
from crm360.kernel.db import db
from crm360.webhooks import kinds, operations, queries
from crm360.webhooks.kinds import Happened
from crm360.webhooks.outbox import record
from tests import peers, processes
from tests.peers import Answer, Heard, Peer

Listen = Callable[..., Peer]


@pytest.fixture
def listen() -> Iterator[Listen]:
    """`listen(Answer(500), Answer(200))`: a receiver for the test."""
    with ExitStack() as opened:
        yield lambda *answers, **more: opened.enter_context(peers.listening(*answers, **more))


def endpoint(app: Flask, url: str, secret: str = "", *wanted: str) -> int:
    sealed = sealing.seal(secret or signing.new_webhook_secret(), key=app.config["SETTINGS"].secret_key)
    made = operations.create(url=url, sealed_secret=sealed, kinds=wanted, now=clock.now())
    db.session.commit()
    return made.id


def happened(*profiles: int) -> None:
    record(events=[Happened(kinds.CREATED, profile) for profile in profiles], now=clock.now())
    db.session.commit()


def deliver(app: Flask) -> None:
    webhooks.courier(app).deliver_all()
    db.session.expire_all()


def told(heard: Heard) -> int:
    return int(json.loads(heard.body)["data"]["profile_id"])


def test_a_receiver_verifies_it_with_its_own_library(app: Flask, session: Any, listen: Listen) -> None:
    peer, secret = listen(), signing.new_webhook_secret()
    endpoint(app, peer.url + "/crm", secret)
    happened(7)
    deliver(app)
    (heard,) = peer.heard
    said = Webhook(secret).verify(heard.body, dict(heard.headers))
    assert (said["type"], said["data"]) == ("profile.created", {"profile_id": 7})
    assert (heard.method, heard.path, heard.headers["content-type"]) == ("POST", "/crm", "application/json")
    with pytest.raises(WebhookVerificationError):
        Webhook(signing.new_webhook_secret()).verify(heard.body, dict(heard.headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(heard.body.replace(b"7", b"8"), dict(heard.headers))


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
def test_a_receiver_in_node_verifies_it_too(app: Flask, session: Any, listen: Listen, root: Path) -> None:
    peer, secret = listen(), signing.new_webhook_secret()
    endpoint(app, peer.url, secret)
    happened(7)
    deliver(app)
    heard = peer.heard[0]
    given = {"secret": secret, "body": heard.body.decode(), "headers": dict(heard.headers)}
    assert verified_in_node(root, given) == "profile.created 7\n"
    assert verified_in_node(root, given | {"body": given["body"] + " "}) == ""


def verified_in_node(root: Path, given: dict[str, Any]) -> str:
    """What the receiver's script prints: nothing when it refuses."""
    script = Path(__file__).with_name("verify_webhook.js")
    command = ["node", str(script)]
    return subprocess.run(
        command, input=json.dumps(given), capture_output=True, text=True, cwd=root, check=False
    ).stdout


def test_the_receiver_in_the_documentation_works(
    app: Flask, session: Any, listen: Listen, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    peer, secret = listen(), signing.new_webhook_secret()
    endpoint(app, peer.url + "/crm", secret)
    happened(7)
    deliver(app)
    heard = peer.heard[0]
    monkeypatch.setenv("CRM360_WEBHOOK_SECRET", secret)
    example = (root / "docs/examples/receive_webhooks.py").read_text()
    said: dict[str, Any] = {"__name__": "receiver"}
    exec(example, said)  # the reader's program, word for word
    visitor = said["app"].test_client()
    for body, status in ((heard.body, 204), (heard.body, 204), (heard.body + b" ", 401)):
        assert visitor.post("/crm", data=body, headers=dict(heard.headers.items())).status_code == status
    assert capsys.readouterr().out.count("profile.created {'profile_id': 7}") == 1


def test_both_secrets_sign_during_a_rotation(app: Flask, session: Any, listen: Listen) -> None:
    peer, old, new = listen(), signing.new_webhook_secret(), signing.new_webhook_secret()
    one = endpoint(app, peer.url, old)
    key = app.config["SETTINGS"].secret_key
    operations.rotate(endpoint_id=one, sealed_secret=sealing.seal(new, key=key), now=clock.now())
    happened(7)
    deliver(app)
    for secret in (old, new):
        Webhook(secret).verify(peer.heard[0].body, dict(peer.heard[0].headers))
    with time_machine.travel(clock.now() + operations.OVERLAP + timedelta(minutes=1)):
        happened(8)
        deliver(app)
        Webhook(new).verify(peer.heard[1].body, dict(peer.heard[1].headers))
        with pytest.raises(WebhookVerificationError):
            Webhook(old).verify(peer.heard[1].body, dict(peer.heard[1].headers))


def test_failures_are_written_down_and_tried_again(app: Flask, session: Any, listen: Listen) -> None:
    peer = listen(Answer(500, {}, b"x" * 5000), Answer(None), Answer(302, {"Location": "/"}), Answer(204))
    one, start = endpoint(app, peer.url), datetime(2026, 3, 2, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as travel:
        happened(7)
        for wait in (0, 6, 400, 2400):
            travel.shift(wait)
            deliver(app)
    (line,) = queries.log(endpoint_id=one)
    attempts = queries.attempts_of(line.delivery.id)
    assert [(each.number, each.status, each.symbol) for each in attempts] == [
        (4, 204, ""),
        (3, 302, ""),
        (2, None, "connection_failed"),
        (1, 500, ""),
    ]
    assert attempts[3].excerpt == "x" * 1000
    assert line.delivery.state == "delivered"
    ids = {heard.headers["webhook-id"] for heard in peer.heard}
    stamps = [heard.headers["webhook-timestamp"] for heard in peer.heard]
    assert (len(ids), len(set(stamps)), len({heard.body for heard in peer.heard})) == (1, 4, 1)


@pytest.mark.parametrize(
    "url", ["http://localhost:9/", "http://[::1]:9/", "http://10.0.0.1/", "http://169.254.169.254/"]
)
def test_private_addresses_are_refused(app: Flask, session: Any, url: str) -> None:
    one = endpoint(app, url)
    happened(7)
    courier = webhooks.Courier(http.Client(), app.config["SETTINGS"].secret_key)
    courier.deliver_all()
    (line,) = queries.log(endpoint_id=one)
    assert line.last is not None
    assert line.last.symbol == "refused_address"


def test_order_per_customer_holds_while_others_go_on(app: Flask, session: Any, listen: Listen) -> None:
    peer = listen(Answer(500), Answer(200))
    peer.before = lambda heard: None
    endpoint(app, peer.url)
    start = datetime(2026, 3, 2, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as travel:
        happened(1)
        deliver(app)
        happened(1, 2, 3)
        deliver(app)
        assert sorted(told(each) for each in peer.heard[1:]) == [2, 3]
        travel.shift(6)
        deliver(app)
    assert [told(each) for each in peer.heard[3:]] == [1, 1]
    assert peer.heard[3].headers["webhook-id"] == peer.heard[0].headers["webhook-id"]


def test_gone_pauses_and_the_trail_tells(app: Flask, session: Any, listen: Listen) -> None:
    one = endpoint(app, listen(Answer(410)).url)
    happened(7)
    deliver(app)
    paused = queries.pause_of(one)
    assert paused is not None
    assert paused.reason == "gone"
    (entry,) = audit.entries_of("webhook", one)
    assert (entry.action, entry.actor_kind, entry.details) == ("webhook.paused", "system", {"reason": "gone"})


def test_a_secret_of_another_installation_is_said_plainly(app: Flask, session: Any, listen: Listen) -> None:
    peer = listen()
    one = endpoint(app, peer.url)
    happened(7)
    webhooks.Courier(http.Client(private_targets=app.config["SETTINGS"].private_targets), "another key").deliver_all()
    (line,) = queries.log(endpoint_id=one)
    assert line.last is not None
    assert (line.last.symbol, peer.heard) == ("cannot_sign", [])


def test_a_receiver_that_hangs_holds_up_nobody_else(app: Flask, session: Any, listen: Listen) -> None:
    hanging, quick, freed = listen(), listen(), threading.Event()
    hanging.before = lambda heard: freed.wait(processes.PATIENCE_SECONDS)
    for peer in (hanging, quick):
        endpoint(app, peer.url)
    happened(*range(1, 21))
    courier = webhooks.courier(app)
    try:
        processes.wait_until(lambda: courier.round(wait=0.05) and len(quick.heard) == 20, what="twenty deliveries")
        assert len(courier.under_way) >= webhooks.PER_ENDPOINT
        assert hanging.heard == []
    finally:
        freed.set()
    courier.deliver_all()
    assert len(hanging.heard) == 20


def test_the_thread_ends_when_told(app: Flask, session: Any) -> None:
    stopping = threading.Event()
    stopping.set()
    webhooks.work(app, stopping)


WORKERS = 3
EVENTS = 60


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_several_workers_send_each_event_once_and_in_order(
    instance: processes.Instance, listen: Listen, database: str
) -> None:
    """On PostgreSQL, for on SQLite one worker runs: couriers in threads of their own share one queue."""
    from crm360.app import create_app

    app, peer = create_app(instance.settings()), listen()
    with app.app_context():
        endpoint(app, peer.url)
        happened(*[number % 7 for number in range(EVENTS)])

    def carry() -> None:
        with app.app_context():
            webhooks.courier(app).deliver_all()

    workers = [threading.Thread(target=carry) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with app.app_context():
        webhooks.courier(app).deliver_all()
        order = {line.event.message_id: line.event.id for line in queries.log(limit=EVENTS)}
        db.session.remove()
        db.engine.dispose()
    seen = Counter(heard.headers["webhook-id"] for heard in peer.heard)
    assert (len(seen), seen.total()) == (EVENTS, EVENTS)
    for profile in range(7):
        mine = [order[heard.headers["webhook-id"]] for heard in peer.heard if told(heard) == profile]
        assert mine == sorted(mine)

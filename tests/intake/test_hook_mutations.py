"""Forged deliveries at every webhook: nothing counts that its vendor did not sign, and what it signed counts once.

The suite tries a share; `HOOK_MUTATIONS=10000 HOOK_REPLAYS=1000` tries all, for each channel.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from crm360.flows import receive
from crm360.identity.models import Contact
from crm360.inbox import operations as inbox
from crm360.inbox.models import Payload
from crm360.kernel import clock
from crm360.sources import registry
from tests.intake.signers import kit
from tests.intake.signers.kit import Sent, Signer, Told

MUTATIONS = int(os.environ.get("HOOK_MUTATIONS", "90"))
REPLAYS = int(os.environ.get("HOOK_REPLAYS", "20"))
HOOKED = sorted(name for name, about in registry.channels().items() if about.hook)

pytestmark = pytest.mark.timeout(3600)
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
of_every_channel = pytest.mark.parametrize("channel", HOOKED)


class Door:
    """A source of a channel, and what its vendor sends there."""

    def __init__(self, channel: str, client: Any, session: Any, now: datetime):
        self.channel, self.client, self.session, self.now = channel, client, session, now
        self.signer: Signer = kit.signers()[channel]
        inbox.create_source(
            name="shop", channel=channel, secret=self.signer.secret, settings=self.signer.settings, now=now
        )
        session.commit()

    def path(self, token: str | None = None) -> str:
        token = self.signer.secret if token is None else token
        return f"/hooks/{self.channel}/shop" + (f"/{token}" if self.signer.in_address else "")

    def signed(self, **changes: Any) -> Sent:
        url = self.client.application.config["SETTINGS"].public_url + self.path()
        told = Told(self.signer.body, self.signer.secret, url, self.now, "delivery-1")
        return self.signer.sign(replace(told, **changes))

    def post(self, sent: Sent, path: str = "") -> int:
        answer = self.client.post(
            path or self.path(), data=sent.body, headers=dict(sent.headers), content_type=sent.content_type
        )
        return int(answer.status_code)

    def kept(self) -> int:
        """Payloads that will have, or had, an effect; what is set aside in quarantine has none."""
        query = select(func.count()).select_from(Payload).where(Payload.state != "quarantined")
        return int(self.session.scalar(query))


@pytest.fixture
def door(channel: str, client: Any, session: Any, now: datetime) -> Iterator[Door]:
    with time_machine.travel(now, tick=False):
        yield Door(channel, client, session, now)


def test_every_webhook_has_a_signer() -> None:
    assert set(kit.signers()) == set(HOOKED)


@of_every_channel
@on_sqlite
def test_a_valid_delivery_counts_once_however_often_it_comes(door: Door, session: Any) -> None:
    assert {door.post(door.signed()) for _ in range(REPLAYS)} == {200}
    assert door.kept() == 1
    receive.process_waiting(now=clock.now())
    session.commit()
    people = session.scalar(select(func.count()).select_from(Contact))
    assert {door.post(door.signed()) for _ in range(REPLAYS)} == {200}
    assert receive.process_waiting(now=clock.now()) == (0, 0)
    assert (door.kept(), session.scalar(select(func.count()).select_from(Contact))) == (1, people)


@of_every_channel
@on_sqlite
def test_no_forged_delivery_counts(door: Door) -> None:
    assert door.post(door.signed()) == 200
    rng = random.Random(f"{door.channel} {os.environ.get('HOOK_SEED', '1')}")
    kinds = [kind for kind in KINDS if kind not in door.signer.counts_anew and possible(kind, door.signer)]
    tried, answers = Counter[str](), Counter[int]()
    for number in range(MUTATIONS):
        kind = kinds[number % len(kinds)]
        sent, path = KINDS[kind](door, rng)
        status = door.post(sent, path)
        tried[kind], answers[status] = tried[kind] + 1, answers[status] + 1
        may_be_answered = kind in door.signer.unsigned
        assert may_be_answered or 400 <= status < 500, f"{kind}: {sent} was answered {status}"
        assert door.kept() == 1, f"{kind}: {sent} counted"
    print(f"{door.channel}: {sum(tried.values())} forged, 0 counted; {dict(tried)}; answers {dict(answers)}")


def _body(door: Door, rng: random.Random) -> tuple[Sent, str]:
    sent = door.signed()
    return replace(sent, body=kit.other_bytes(sent.body, rng)), ""


def _time(door: Door, rng: random.Random) -> tuple[Sent, str]:
    by = rng.choice((-1, 1)) * rng.randrange(1, 400)
    sent, signer = door.signed(), door.signer
    if signer.retimed:
        return signer.retimed(sent, by), ""
    stated = sent.headers[signer.time]
    changed = str(int(stated) + by) if stated.isdecimal() else (door.now + timedelta(seconds=by)).isoformat()
    return sent.having(**{signer.time: changed}), ""


def _stale(door: Door, rng: random.Random) -> tuple[Sent, str]:
    """Signed rightly, long ago or in the future."""
    away = (door.signer.tolerance or 0) + rng.randrange(1, 100_000)
    return door.signed(at=door.now + timedelta(seconds=rng.choice((-1, 1)) * away)), ""


def _id(door: Door, rng: random.Random) -> tuple[Sent, str]:
    sent = door.signed()
    return sent.having(**{door.signer.delivery_id: kit.other_text("delivery-1", rng)}), ""


def _signature(door: Door, rng: random.Random) -> tuple[Sent, str]:
    sent, signer = door.signed(), door.signer
    if signer.resigned:
        return signer.resigned(sent, kit.other_text(kit.hmac_hex("another", sent.body), rng)), ""
    right = sent.headers[signer.signature]
    absent = not signer.in_address and rng.random() < 0.1
    return sent.having(**{signer.signature: "" if absent else kit.other_text(right, rng)}), ""


def _secret(door: Door, rng: random.Random) -> tuple[Sent, str]:
    """Signed rightly with a secret that is not the source's, by its own or by another person's clock and id."""
    secret = rng.choice(
        ("", "x", kit.other_text(door.signer.secret, rng), "".join(rng.choices("abcdef0123456789", k=32)))
    )
    return door.signed(secret=secret), ""


def _token(door: Door, rng: random.Random) -> tuple[Sent, str]:
    token = kit.other_text(door.signer.secret.replace(" ", "+"), rng).replace("/", "").replace("?", "").replace("#", "")
    return door.signed(), door.path(token or "x")


KINDS = {
    "body": _body,
    "time": _time,
    "stale": _stale,
    "id": _id,
    "signature": _signature,
    "secret": _secret,
    "token": _token,
}


def possible(kind: str, signer: Signer) -> bool:
    return {
        "body": bool(signer.signature),
        "time": bool(signer.time or signer.retimed),
        "stale": signer.tolerance is not None,
        "id": bool(signer.delivery_id),
        "signature": bool(signer.signature or signer.resigned),
        "secret": bool(signer.signature),
        "token": signer.in_address,
    }[kind]

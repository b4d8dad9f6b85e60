"""Every webhook's check by itself, in full counts: it needs no database, so ten thousand forgeries take seconds.

`test_hook_mutations` tries the same through the door, a share of them.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from crm360.flows.keeping import payload_of
from crm360.kernel import signing
from crm360.sources import registry
from crm360.sources.base import Payload, Unreadable
from crm360.sources.channel import Delivery, Hook
from tests.intake.signers import kit
from tests.intake.signers.kit import Sent, Signer, Told
from tests.intake.test_hook_mutations import HOOKED, KINDS, possible
from tests.malformed import bodies

FORGED = int(os.environ.get("FORGED", "10000")) // len(HOOKED) + 1
MALFORMED = int(os.environ.get("MALFORMED", "10000")) // len(HOOKED) + 1
REPLAYS = 1000
NOW = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
ORIGIN = "https://crm.example.com"

of_every_channel = pytest.mark.parametrize("channel", HOOKED)


@dataclass
class Checked:
    """A channel's check, asked as its door asks it."""

    channel: str
    now: datetime = NOW

    @property
    def signer(self) -> Signer:
        return kit.signers()[self.channel]

    @property
    def hook(self) -> Hook:
        hook = registry.channels()[self.channel].hook
        assert hook is not None
        return hook

    def path(self, token: str | None = None) -> str:
        token = self.signer.secret if token is None else token
        return f"/hooks/{self.channel}/shop" + (f"/{token}" if self.signer.in_address else "")

    def signed(self, **changes: Any) -> Sent:
        told = Told(self.signer.body, self.signer.secret, ORIGIN + self.path(), self.now, "delivery-1")
        return self.signer.sign(replace(told, **changes))

    def delivery(self, sent: Sent, path: str = "") -> Delivery:
        headers = {**sent.headers, "content-type": sent.content_type}
        url = ORIGIN + (path or self.path())
        return Delivery(method="POST", url=url, body=sent.body, received_at=self.now, headers=headers)

    def believes(self, sent: Sent, path: str = "") -> bool:
        token = path.removeprefix(f"/hooks/{self.channel}/shop/") if path else self.signer.secret
        if self.hook.in_address and not signing.same(token, self.signer.secret):
            return False
        check = self.hook.signed
        return check is None or check(self.delivery(sent, path), self.signer.secret, self.signer.settings)


@of_every_channel
def test_of_ten_thousand_forged_deliveries_none_is_believed(channel: str) -> None:
    door, rng = Checked(channel), random.Random(f"{channel} {os.environ.get('HOOK_SEED', '1')}")
    assert door.believes(door.signed())
    kinds = [kind for kind in KINDS if possible(kind, door.signer) and kind not in door.signer.unsigned]
    tried = Counter[str]()
    for number in range(FORGED):
        kind = kinds[number % len(kinds)]
        sent, path = KINDS[kind](door, rng)  # type: ignore[arg-type]  # all it is asked for is here, too
        assert not door.believes(sent, path), f"{kind}: {sent} {path}"
        tried[kind] += 1
    print(f"{channel}: {sum(tried.values())} forged, 0 believed; {dict(tried)}")


@of_every_channel
def test_a_valid_delivery_sent_a_thousand_times_is_one_payload(channel: str) -> None:
    door = Checked(channel)
    sent = door.signed()
    first = [payload_of(item) for item in door.hook.split(door.delivery(sent))]
    assert first
    kept = {
        payload_of(item).dedup_key for _ in range(REPLAYS) for item in door.hook.split(door.delivery(sent))
    }  # fmt: skip
    assert kept == {each.dedup_key for each in first}


@of_every_channel
def test_nothing_malformed_breaks_a_check_or_a_reader(channel: str) -> None:
    door, read = Checked(channel), registry.readers()[channel]
    sound = json.loads(door.signer.body) if door.signer.body.startswith(b"{") else None
    for kind, body in bodies(MALFORMED, seed=4, base=sound):
        sent = Sent(body, door.signed().headers)
        delivery = door.delivery(sent)
        try:
            if door.hook.greeting:
                door.hook.greeting(delivery, door.signer.secret, door.signer.settings)
            if door.hook.signed:
                door.hook.signed(delivery, door.signer.secret, door.signer.settings)
            for item in door.hook.split(delivery):
                read(Payload(source="shop", received_at=NOW, body=item.body, headers=dict(item.headers)))
        except Unreadable:
            continue
        except Exception as error:
            raise AssertionError(f"{channel}, {kind}: {body[:200]!r}") from error


@of_every_channel
def test_a_test_is_signed_as_the_vendor_signs_and_says_something(channel: str) -> None:
    door, about = Checked(channel), registry.channels()[channel]
    assert about.sample
    sample = Delivery(
        method="POST", url=ORIGIN + door.path(), body=about.sample.body, received_at=NOW, headers=about.sample.headers
    )
    hook, told = door.hook, (door.signer.secret, door.signer.settings)
    if hook.sign:
        assert not hook.proved(hook.sign(sample, "d2hzZWNfb3RoZXI=", {}), [told[0]], told[1])
        sample = hook.sign(sample, *told)
        assert hook.proved(sample, [told[0]], told[1])
    else:
        assert hook.signed is None or channel in ("ses", "sendgrid"), "only these vendors' own keys can sign"
    facts = [
        fact
        for item in hook.split(sample)
        for fact in registry.readers()[channel](
            Payload(source="shop", received_at=NOW, body=item.body, headers={"currency": "PLN", **item.headers})
        )
    ]
    assert facts

"""Every shop's signature against the vendor's own verifier, or its own algorithm in the language it runs in."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crm360.sources import registry
from crm360.sources.channel import Delivery
from tests.intake.signers import kit
from tests.intake.signers.kit import Sent, Told

FOLDER = Path(__file__).parent / "vendors"
AT = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
URL = "https://crm.example.com/hooks/x/shop"
CASES = 120

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
needs_php = pytest.mark.skipif(shutil.which("php") is None, reason="needs php-cli")


def spoken(command: list[str], told: dict[str, Any]) -> list[str]:
    done = subprocess.run(command, input=json.dumps(told), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


def ours(channel: str, sent: Sent, secret: str, url: str = URL) -> bool:
    delivery = Delivery(method="POST", url=url, body=sent.body, received_at=AT, headers=dict(sent.headers))
    hook = registry.channels()[channel].hook
    assert hook is not None
    assert hook.signed is not None
    return bool(hook.signed(delivery, secret, {}))


def texts(rng: random.Random) -> bytes:
    """Bodies as PHP, Ruby and JavaScript write them: escapes, four-byte letters, no spaces or many."""
    words = rng.choice(("zażółć", "\\u017c\\/", "😀 &amp; <b>", "a b  c", "", "\\u0026"))
    return json.dumps({"id": rng.randrange(10**15), "note": words}, ensure_ascii=rng.random() < 0.5).encode()


@needs_node
@pytest.mark.parametrize("channel", ["shopify", "square", "stripe"])
def test_we_take_what_the_vendors_own_library_takes_and_nothing_else(channel: str) -> None:
    rng, signer = random.Random(channel), kit.signers()[channel]
    cases, expected = [], []
    for number in range(CASES):
        told = Told(texts(rng), signer.secret, URL, AT, f"delivery-{number}")
        sent, secret, url = signer.sign(told), signer.secret, URL
        if number % 2:
            match rng.randrange(4):
                case 0:
                    sent = replace(sent, body=sent.body + b" ")
                case 1:
                    secret = kit.other_text(secret, rng).encode("ascii", "ignore").decode() + "1"
                case 2:
                    changed = sent.headers[signer.signature]
                    sent = sent.having(
                        **{signer.signature: changed[:-3] + ("A" if changed[-3] != "A" else "B") + changed[-2:]}
                    )
                case 3 if channel == "square":
                    url = URL + "/"
                case _:
                    sent = replace(sent, body=sent.body.replace(b"1", b"2").replace(b"3", b"1") + b"\n")
        if channel == "stripe" and number % 2:
            sent = sent.having(
                stripe_signature=sent.headers["stripe-signature"].replace("v1=", rng.choice(("v1=0", "v0=", "v2=")))
            )
        cases.append(
            {
                "secret": secret,
                "body": sent.body.decode(),
                "headers": sent.headers,
                "url": url,
                "at": int(AT.timestamp()),
            }
        )
        expected.append(ours(channel, sent, secret, url))
    told_by = [
        line == "true" for line in spoken(["node", str(FOLDER / "verify.js")], {"vendor": channel, "cases": cases})
    ]
    assert told_by == expected
    assert (sum(expected), len(expected)) == (CASES // 2, CASES)


@needs_node
def test_stripes_own_test_headers_also_while_a_secret_is_rolled() -> None:
    body, now, script = '{"id":"evt_1","note":"zażółć"}', int(AT.timestamp()), ["node", str(FOLDER / "verify.js")]
    ages = {0: True, 299: True, 301: False, 90_000: False}
    make = [{"payload": body, "secret": "whsec_test", "timestamp": now - age} for age in ages]
    headers = spoken(script, {"vendor": "stripe", "make": make})
    headers += [header.replace("v1=", f"v1={'0' * 64},v1=") for header in headers]
    taken = [ours("stripe", Sent(body.encode(), {"stripe-signature": header}), "whsec_test") for header in headers]
    assert taken == [*ages.values(), *ages.values()]
    cases = [
        {"secret": "whsec_test", "body": body, "headers": {"stripe-signature": each}, "at": now} for each in headers
    ]
    assert spoken(script, {"vendor": "stripe", "cases": cases}) == [str(each).lower() for each in taken]


@needs_php
@pytest.mark.parametrize("channel", ["woocommerce", "shoper"])
def test_signatures_made_by_php_are_taken(channel: str) -> None:
    rng, signer = random.Random(channel), kit.signers()[channel]
    bodies = [texts(rng) for _ in range(CASES)]
    cases = [{"secret": f"sekret-ż-{n}", "body": body.decode(), "id": str(n)} for n, body in enumerate(bodies)]
    made = spoken(["php", str(FOLDER / "sign.php")], {"vendor": channel, "cases": cases})
    for number, (body, signature) in enumerate(zip(bodies, made, strict=True)):
        headers = {signer.signature: signature, "x-webhook-id": str(number)}
        assert ours(channel, Sent(body, headers), f"sekret-ż-{number}")
        assert not ours(channel, Sent(body + b" ", headers), f"sekret-ż-{number}")
        assert not ours(channel, Sent(body, headers), f"sekret-ż-{number + 1}")

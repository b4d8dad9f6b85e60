"""From a browser's subscription to a message it can read, and to its end; over real HTTP."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from tests.peers import Answer, listening
from tests.processes import Instance, RunningServer, wait_until
from tests.push.browsers import BrowserKeys
from tests.stories.told import WRITE_KEY, Shop

pytestmark = [pytest.mark.server, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]

IDENTIFY = {
    "type": "identify",
    "messageId": "1",
    "userId": "u",
    "anonymousId": "d",
    "traits": {"email": "pushed@example.com"},
}


def say(url: str, *events: dict[str, Any]) -> None:
    body = json.dumps({"writeKey": WRITE_KEY, "batch": events}).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{url}/v1/batch", body), timeout=90) as answer:
        assert answer.status == 200


def track(number: str, event: str, **properties: Any) -> dict[str, Any]:
    return {"type": "track", "messageId": number, "anonymousId": "d", "event": event, "properties": properties}


def test_a_message_reaches_its_browser_while_it_wants_any(
    instance: Instance, running_server: Callable[[Instance], RunningServer]
) -> None:
    instance.extra["PRIVATE_TARGETS"] = "127.0.0.0/8"
    instance.flask("keys", "create", "--kind", "write", "--name", "web", "--value", WRITE_KEY)
    shop, browser = Shop(instance, running_server(instance).url), BrowserKeys()
    with listening(Answer(201), Answer(500), Answer(410)) as service:
        say(shop.url, IDENTIFY, track("2", "Push Subscribed", endpoint=f"{service.url}/send/1", keys=browser.keys))
        wait_until(lambda: shop.profiles("pushed"), what="the customer")
        wait_until(shop.is_worked_off, what="an empty inbox")
        (profile,) = shop.profiles("pushed")
        send = ("push", "send", str(profile), "--title", "Zażółć", "--body", "gęślą", "--url", "/sale")
        assert "may be sent push messages" in instance.flask(*send, expect=1).stderr
        assert service.heard == []
        consent = {"purposes": {"marketing": "given"}, "channel": "push", "notice": "3", "text_sha256": "ab" * 32}
        say(shop.url, track("3", "Consent Stated", **consent))
        wait_until(shop.is_worked_off, what="an empty inbox")
        assert instance.flask(*send).stdout.split()[1] == "sent"
        (heard,) = service.heard
        assert (heard.path, heard.headers["TTL"], heard.headers["Content-Encoding"]) == (
            "/send/1",
            "86400",
            "aes128gcm",
        )
        assert heard.headers["Authorization"].startswith("vapid t=")
        assert browser.read(heard.body) == {"title": "Zażółć", "body": "gęślą", "url": "/sale"}
        assert instance.flask(*send, expect=1).stdout.split()[1] == "refused"
        (row,) = instance.json("push", "list", str(profile))
        assert (row["failures"], row["ended_at"]) == (1, None)
        assert instance.flask(*send, expect=1).stdout.split()[1] == "gone"
        (row,) = instance.json("push", "list", str(profile))
        assert row["ended_reason"] == "gone"
        assert "no browser" in instance.flask(*send, expect=1).stderr
    assert len(service.heard) == 3

"""The real Segment clients, unmodified, send a purchase to a running server; the API shows one customer."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import config
from tests.processes import Instance, RunningServer, wait_until

pytestmark = pytest.mark.server

WRITE_KEY = "site-key-0123456789"
#: What the issue promises is 2 seconds; the rest is for a machine busy with other tests.
PATIENCE_SECONDS = 20.0
STORY = ["cart.viewed", "cart.added", "cart.removed", "order.placed"]


def send_with_python(url: str) -> None:
    """segment-analytics-python in a process of its own, as a shop runs it."""
    script = Path(__file__).with_name("segment_client.py")
    subprocess.run([sys.executable, str(script), url, WRITE_KEY], check=True, timeout=60)


def send_with_node(url: str) -> None:
    """@segment/analytics-node."""
    node = shutil.which("node") or pytest.skip("no Node.js on this machine")
    if not (config.ROOT / "node_modules/@segment/analytics-node").is_dir():
        pytest.skip("@segment/analytics-node is not installed (make setup)")
    script = Path(__file__).with_name("segment_client.js")
    environment = {"NODE_PATH": str(config.ROOT / "node_modules"), "PATH": "/usr/bin:/bin"}
    subprocess.run([node, str(script), url, WRITE_KEY], check=True, timeout=60, env=environment)


@pytest.mark.parametrize(("client", "send"), [("python", send_with_python), ("node", send_with_node)])
def test_a_purchase_told_by_a_real_client_is_one_customers(
    instance: Instance,
    running_server: Callable[[Instance], RunningServer],
    client: str,
    send: Callable[[str], None],
) -> None:
    instance.flask("keys", "create", "--kind", "write", "--name", "web", "--value", WRITE_KEY)
    api_key = instance.flask("keys", "create", "--kind", "api", "--name", "erp", "--role", "sales").stdout.splitlines()[
        -1
    ]
    server = running_server(instance)

    def ask(path: str) -> Any:
        request = urllib.request.Request(f"{server.url}/api/v1{path}", headers={"Authorization": f"Bearer {api_key}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def found() -> Any:
        hits = ask(f"/profiles?q={client}@example.com")["items"]
        return hits[0] if hits and kinds(hits[0]["id"]) else None

    def kinds(profile_id: int) -> list[str]:
        entries = ask(f"/profiles/{profile_id}/timeline")["items"]
        return [entry["kind"] for entry in sorted(entries, key=moment) if entry["kind"] in STORY]

    send(server.url)
    started = datetime.now(UTC)
    profile = wait_until(found, seconds=PATIENCE_SECONDS, what="the customer in the API")
    print(f"{client}: seen {(datetime.now(UTC) - started).total_seconds():.2f} s after the client was done")
    assert kinds(profile["id"]) == STORY
    counts = instance.json("stats")
    assert {name: counts[name] for name in ("profiles", "orders", "cart_events", "quarantined", "inbox_waiting")} == {
        "profiles": 1,
        "orders": 1,
        "cart_events": 3,
        "quarantined": 0,
        "inbox_waiting": 0,
    }
    shown = ask(f"/profiles/{profile['id']}")
    assert shown["value"]["orders"] == 1


def moment(entry: dict[str, Any]) -> str:
    return str(entry["occurred_at"])

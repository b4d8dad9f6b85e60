"""The real clients, unmodified, tell a purchase to a running server, straight and through a proxy that stumbles."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

import config
from tests.processes import PATIENCE_SECONDS, Instance, RunningServer, free_port
from tests.stories.stumbling import stumbling
from tests.stories.told import CALLS, WRITE_KEY, Shop

pytestmark = [pytest.mark.server]

CLIENTS = Path(__file__).with_name("clients")
#: name → program; the story's name must be one word no other holds.
PROGRAMS = {
    "segmentpy": "segment_python.py",
    "rudderpy": "rudder_python.py",
    "segmentjs": "segment_node.js",
    "rudderjs": "rudder_node.js",
    "jitsujs": "jitsu_node.js",
}
#: One client repeats nothing that failed and has no alias call.
WITHOUT_RETRIES = {"jitsujs"}


def node() -> str:
    found = shutil.which("node") or pytest.skip("no Node.js on this machine")
    if not (config.ROOT / "node_modules/@rudderstack/rudder-sdk-node").is_dir():
        pytest.skip("the clients are not installed (make setup)")
    return str(found)


def tell(url: str, name: str) -> None:
    """Run one client in a process of its own, as a shop runs it."""
    program = CLIENTS / PROGRAMS[name]
    interpreter = sys.executable if program.suffix == ".py" else node()
    environment = {"NODE_PATH": str(config.ROOT / "node_modules"), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [interpreter, str(program), url, WRITE_KEY, name], env=environment, timeout=PATIENCE_SECONDS, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{name}: {done.stdout[-2000:]}{done.stderr[-2000:]}"


@contextmanager
def road(kind: str, upstream: str) -> Iterator[str]:
    """The address clients send to."""
    if kind == "straight":
        yield upstream
        return
    with stumbling(free_port(), upstream) as proxy:
        yield proxy.url
        assert proxy.mishaps >= 6


@pytest.mark.parametrize(
    ("database", "kind"), [("sqlite", "straight"), ("sqlite", "stumbling"), ("postgresql", "stumbling")],
    indirect=["database"],
)  # fmt: skip
def test_a_purchase_told_by_real_clients_is_stored_once(
    instance: Instance, running_server: Callable[[Instance], RunningServer], kind: str
) -> None:
    instance.flask("keys", "create", "--kind", "write", "--name", "web", "--value", WRITE_KEY)
    shop = Shop(instance, running_server(instance).url)
    names = [name for name in PROGRAMS if kind == "straight" or name not in WITHOUT_RETRIES]
    with road(kind, shop.url) as url, ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda name: tell(url, name), names))
    for name in names:
        if name == "jitsujs":
            shop.assert_told(name, calls=CALLS[:-1], renamed=False)
        else:
            shop.assert_told(name)
    counts = instance.json("stats")
    assert {what: counts[what] for what in ("profiles", "orders", "cart_events", "quarantined", "inbox_waiting")} == {
        "profiles": len(names),
        "orders": len(names),
        "cart_events": 3 * len(names),
        "quarantined": 0,
        "inbox_waiting": 0,
    }

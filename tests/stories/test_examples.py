"""The integrator's examples, run word for word as their first lines say, against one running server; webhooks come back, signed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

import config
from tests.processes import PATIENCE_SECONDS, Instance, RunningServer, free_port, wait_until

pytestmark = [pytest.mark.server]

EXAMPLES = config.ROOT / "docs/examples"
#: The program → words its output must hold.
TELLERS = {
    "rest.sh": ["Jan Sielski", "C/77", "order.placed"],
    "rest.py": ["repeated: 1", "Zofia Mrówka ['P/77']", "order.placed", "'profile_id'"],
    "rest.mjs": ["Igor Wątor [ 'N/77' ]"],
    "track.py": [],
    "track.js": [],
}
RECEIVERS = ("receive_webhooks.py", "receive_webhooks.js")
CUSTOMERS = {"Jan Sielski", "Zofia Mrówka", "Igor Wątor", "Ewa Dudek", "Olga Zych"}


def command(name: str, port: int = 0) -> list[str]:
    """How an example is started: as it says itself."""
    file = str(EXAMPLES / name)
    if name == "receive_webhooks.py":
        return [sys.executable, "-m", "flask", "--app", file, "run", "--port", str(port)]
    if name.endswith(".py"):
        return [sys.executable, file]
    program = shutil.which("sh" if name.endswith(".sh") else "node")
    return [str(program or pytest.skip("no Node.js on this machine")), file]


def environment(**told: str) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "NODE_PATH": str(config.ROOT / "node_modules"), "PYTHONUNBUFFERED": "1", **told}


@contextmanager
def receiving(name: str, secret: str, port: int, log: Path) -> Iterator[None]:
    """A receiver that listens; what it prints is in `log`."""
    with log.open("wb") as out:
        told = environment(CRM360_WEBHOOK_SECRET=secret, PORT=str(port))
        process = subprocess.Popen(command(name, port), env=told, stdout=out, stderr=subprocess.STDOUT)
        try:
            wait_until(lambda: status_of(port) == 401, what=f"{name} listens")
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


def status_of(port: int) -> int:
    """What a receiver answers a delivery nobody signed; 0 while it does not listen."""
    forged = urllib.request.Request(f"http://127.0.0.1:{port}/crm", data=b'{"type": "profile.created", "data": {}}')
    try:
        with urllib.request.urlopen(forged, timeout=90) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_example_runs_and_is_heard_of(
    instance: Instance, tmp_path: Path, running_server: Callable[[Instance], RunningServer]
) -> None:
    assert {file.name for file in EXAMPLES.iterdir() if file.is_file()} == {*TELLERS, *RECEIVERS}
    write_key, key = (
        instance.flask("keys", "create", "--kind", kind, "--name", kind, *role).stdout.splitlines()[-1]
        for kind, role in (("write", ()), ("api", ("--role", "sales")))
    )
    server = running_server(instance)
    told = environment(CRM360_URL=server.url, CRM360_KEY=key, CRM360_WRITE_KEY=write_key)
    logs = {name: tmp_path / f"{name}.log" for name in RECEIVERS}
    with ExitStack() as stack:
        for name, log in logs.items():
            port = free_port()
            created = instance.flask("webhooks", "create", f"http://127.0.0.1:{port}/crm", "--kind", "profile.created")
            stack.enter_context(receiving(name, created.stdout.splitlines()[-1], port, log))
        running = {
            name: subprocess.Popen(command(name), env=told, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            for name in TELLERS
        }
        for name, process in running.items():
            said, _ = process.communicate(timeout=PATIENCE_SECONDS)
            assert process.returncode == 0, f"{name}: {said}"
            assert [word for word in TELLERS[name] if word not in said] == [], said
        made = wait_until(lambda: customers(server.url, key), what="every customer is there")
        for name, log in logs.items():
            wait_until(lambda: heard(log) == made, what=f"{name} hears of each once")  # noqa: B023


def customers(url: str, key: str) -> list[int]:
    """Numbers of the customers the examples tell of, once all are there."""
    request = urllib.request.Request(f"{url}/api/v1/profiles", headers={"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request, timeout=90) as answer:
        items = json.load(answer)["items"]
    return sorted(item["id"] for item in items) if {item["display_name"] for item in items} == CUSTOMERS else []


def heard(log: Path) -> list[int]:
    """Numbers of the customers a receiver has printed."""
    lines = [line.partition(" ")[2] for line in log.read_text().splitlines() if line.startswith("profile.created ")]
    return sorted(json.loads(line.replace("'", '"'))["profile_id"] for line in lines)

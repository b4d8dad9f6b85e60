"""`python -m crm360.cli.serve`: refuses what cannot work in words, runs server and worker, ends cleanly."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import config
from crm360.cli import serve
from crm360.demo.staff import SIGN_INS
from tests.processes import PATIENCE_SECONDS, Instance, Process, wait_until

COMMAND = [sys.executable, "-m", "crm360.cli.serve"]


@pytest.fixture
def installation(tmp_path: Path) -> Instance:
    """An installation that was never started."""
    return Instance(tmp_path, f"sqlite:///{tmp_path / 'fresh.sqlite3'}")


def start(installation: Instance, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Start it where it must refuse to run."""
    env = installation.env | extra
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=config.ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("PORT", "eighty", "PORT must be a whole number from 1 to 65535, not 'eighty'."),
        ("DATABASE_URL", "mysql://root@host/crm", "DATABASE_URL must be"),
        ("TIMEZONE", "Mars/Olympus", "TIMEZONE must be"),
        ("DATABASE_URL", "sqlite:////nowhere/at/all.sqlite3", "The database of DATABASE_URL cannot be used"),
        ("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none", "The database of DATABASE_URL cannot be used"),
        ("HOST", "192.0.2.1", "cannot listen on HOST=192.0.2.1"),
    ],
)
def test_nonsense_is_refused_in_words(installation: Instance, setting: str, value: str, words: str):
    done = start(installation, **{setting: value})
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_named_with_a_way_out(installation: Instance):
    with (
        socket.create_server(("127.0.0.1", installation.port)),
        pytest.raises(serve.CannotStart, match=f"PORT={installation.port + 1} make run"),
    ):
        serve.check_port(installation.settings(), patience=0)


@contextmanager
def served(installation: Instance) -> Iterator[Process]:
    process = Process("serve", COMMAND, installation, fresh=True).start()
    try:
        yield process
    finally:
        process.kill()


@pytest.mark.server
def test_it_migrates_runs_and_ends_without_leaving_a_process(installation: Instance):
    with served(installation) as process:
        address = f"crm360 is running at {installation.url}"
        wait_until(lambda: address in process.log.read_text() or not process.alive(), what="the address")
        assert process.alive(), process.log.read_text()
        with urllib.request.urlopen(f"{installation.url}/healthz", timeout=90) as answer:
            assert answer.status == 200
        assert SIGN_INS[0].password not in process.log.read_text()
        assert process.popen is not None
        children = children_of(process.popen.pid)
        assert len(children) == 2
        process.popen.send_signal(signal.SIGINT)
        assert process.popen.wait(PATIENCE_SECONDS) == 0, process.log.read_text()
        assert children_of(process.popen.pid) == []
        assert [pid for pid in children if exists(pid)] == []
    with socket.create_server(("127.0.0.1", installation.port)):
        pass  # the port is free again


def children_of(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    return [int(row.split()[0]) for row in listed.splitlines() if int(row.split()[1]) == pid]


def exists(pid: int) -> bool:
    return subprocess.run(["ps", "-p", str(pid)], capture_output=True, check=False).returncode == 0


class TestTheWelcome:
    def test_names_the_sign_ins_of_the_demo(self):
        text = serve.welcome("http://localhost:8360", list(SIGN_INS))
        assert "http://localhost:8360" in text
        for one in SIGN_INS:
            assert f"{one.email}" in text
            assert one.password in text

    def test_says_nothing_of_a_demo_that_is_not_loaded(self):
        assert "demo" not in serve.welcome("http://localhost:8360", [])

    def test_every_role_has_one(self):
        assert {one.role for one in SIGN_INS} == {"sales", "marketing", "privacy", "admin"}

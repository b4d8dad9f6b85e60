"""The supervisor, with real processes: starts again what fails, ends all when told or when the server ends, leaves none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crm360.cli import processes
from crm360.cli.processes import Child, Supervisor
from tests.processes import PATIENCE_SECONDS, Instance, wait_until

SUPERVISE = """
import sys
from crm360.cli.processes import Child, Supervisor
children = [
    Child("server", [sys.executable, "-c", sys.argv[1]], essential=True),
    Child("worker", [sys.executable, "-c", sys.argv[2]], essential=False),
]
print("ended with", Supervisor(children, say=lambda text: print(text, flush=True)).run(tick=lambda: None), flush=True)
"""
STAY = "import time; print('here', flush=True); time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
)
FAIL = "import sys; print('failing', flush=True); sys.exit(3)"


def supervise(server: str, worker: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SUPERVISE, server, worker]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(processes.config.ROOT))


def read_until(process: subprocess.Popen[str], *wanted: str) -> None:
    """Read its output until every wanted line came, in any order."""
    missing = list(wanted)
    assert process.stdout is not None
    while missing:
        line = process.stdout.readline()
        assert line, f"ended before saying {missing}"
        missing = [text for text in missing if text not in line]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything_cleanly(number: int):
    process = supervise(STAY, STAY)
    read_until(process, "here")
    process.send_signal(number)
    out, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert "ended with 0" in out


def test_the_end_of_the_server_ends_everything():
    out, _ = supervise(FAIL, STAY).communicate(timeout=PATIENCE_SECONDS)
    assert "The server ended unexpectedly (exit code 3)." in out
    assert "ended with 1" in out


def test_a_worker_that_fails_is_started_again_later_and_later():
    process = supervise(STAY, FAIL)
    read_until(process, "again in 1 s", "again in 2 s", "again in 4 s")
    process.terminate()
    out, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert "ended with 0" in out


def test_a_process_deaf_to_the_signal_is_killed_with_what_it_started(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(processes, "GRACE_SECONDS", 0.5)
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {STUBBORN!r}])"
    child = Child("deaf", [sys.executable, "-c", parent], essential=True)
    child.start()
    assert child.process is not None
    group = child.process.pid
    wait_until(lambda: group_size(group) == 2, what="parent and child run")
    Supervisor([child], say=print).stop()
    wait_until(lambda: group_size(group) == 0, what="nothing of the group is left")


def group_size(group: int) -> int:
    listed = subprocess.run(["ps", "-A", "-o", "pgid=,stat="], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listed.splitlines()]
    return sum(1 for pgid, state in rows if int(pgid) == group and not state.startswith("Z"))


def test_the_children_are_in_groups_of_their_own():
    child = Child("alone", [sys.executable, "-c", STAY], essential=True)
    child.start()
    assert child.process is not None
    try:
        assert os.getpgid(child.process.pid) == child.process.pid != os.getpgrp()
    finally:
        Supervisor([child], say=print).stop()
    assert child.ended()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent was killed")
def test_a_supervisor_killed_outright_takes_its_children_along():
    supervisor = supervise(STAY, STAY)
    read_until(supervisor, "here", "here")
    children = children_of(supervisor.pid)
    assert len(children) == 2
    supervisor.kill()
    supervisor.communicate()
    for child in children:
        wait_until(lambda child=child: group_size(child) == 0, what="the child ends too")


def children_of(parent: int) -> list[int]:
    listed = subprocess.run(["ps", "-A", "-o", "ppid=,pid="], capture_output=True, text=True, check=True).stdout
    return [int(pid) for ppid, pid in (line.split() for line in listed.splitlines()) if int(ppid) == parent]


def test_requests_have_time_to_end_before_the_server_is_killed(tmp_path: Path):
    options = processes.server_command(Instance(tmp_path, f"sqlite:///{tmp_path / 'none.sqlite3'}").settings())
    given = float(options[options.index("--workers-kill-timeout") + 1])
    assert 5 < given < processes.GRACE_SECONDS - 2

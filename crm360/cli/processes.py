"""Starts the web server and the worker as processes of their own, watches them, and ends them together."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import config

TICK_SECONDS = 0.2
GRACE_SECONDS = 15.0
#: A request under way has this long to end; granian needs the rest to end itself before we kill it.
REQUEST_GRACE_SECONDS = 10
LONGEST_PAUSE_SECONDS = 30.0
#: A process that ran this long had started well: its next restart is quick again.
STEADY_SECONDS = 60.0
THREADS_PER_WORKER = 4
#: prctl(2): the signal a process gets when its parent dies.
PR_SET_PDEATHSIG = 1


def answers(host: str, port: int) -> bool:
    """Whether somebody listens there."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def server_command(settings: config.Settings) -> list[str]:
    """The command line of the web server for `settings`."""
    options = {
        "--interface": "wsgi",
        "--host": settings.host,
        "--port": str(settings.port),
        "--workers": str(settings.web_workers),
        "--blocking-threads": str(THREADS_PER_WORKER),
        "--workers-kill-timeout": str(REQUEST_GRACE_SECONDS),
        "--log-level": "warning",
    }
    flat = [part for pair in options.items() for part in pair]
    return [sys.executable, "-m", "granian", *flat, "--no-ws", "--respawn-failed-workers", "wsgi:app"]


def worker_command() -> list[str]:
    """The command line of the background worker."""
    return [sys.executable, "-m", "crm360.jobs.worker"]


def end_with_parent() -> None:
    """Run in a child before its program: on Linux the kernel asks it to end when the supervisor is killed outright.

    Elsewhere nothing does; the next start then says that the port is taken.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """One process under supervision. `essential`: when it ends, everything ends; others are started again."""

    name: str
    command: Sequence[str]
    essential: bool
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 0.5
    due: float = 0.0

    def start(self) -> None:
        """Start it in a process group of its own: Ctrl-C reaches the supervisor only, which ends all in order."""
        self.process = subprocess.Popen(
            self.command,
            cwd=config.ROOT,
            stdin=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=end_with_parent,  # noqa: PLW1509  (the supervisor has no other thread)
        )
        self.started = time.monotonic()

    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def plan_restart(self) -> float:
        """Decide when to start again: at once the first time, later and later while it keeps failing. Returns seconds."""
        now = time.monotonic()
        self.pause = 0.5 if now - self.started > STEADY_SECONDS else min(self.pause * 2, LONGEST_PAUSE_SECONDS)
        self.process, self.due = None, now + self.pause
        return self.pause

    def ask_to_end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def make_end(self, deadline: float) -> None:
        """Wait until `deadline` (monotonic seconds), then end it and whatever it started."""
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):  # what does not end in time is killed below
            self.process.wait(max(0.0, deadline - time.monotonic()))
        with contextlib.suppress(ProcessLookupError):  # the usual case: nothing of the group is left
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Supervisor:
    """Runs children until a signal comes or an essential one ends."""

    def __init__(self, children: Sequence[Child], *, say: Callable[[str], None]) -> None:
        self.children = children
        self.say = say
        self.stopping = threading.Event()

    def run(self, *, tick: Callable[[], None]) -> int:
        """Start all, call `tick` a few times a second, end all. Returns the exit code: 0 after a signal, else 1."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda _number, _frame: self.stopping.set())
        failed = False
        try:
            for child in self.children:
                child.start()
            while not failed and not self.stopping.wait(TICK_SECONDS):
                failed = self._look_after_children()
                tick()
        finally:
            self.stop()
        return 1 if failed else 0

    def _look_after_children(self) -> bool:
        """Start again what ended; True when an essential child did."""
        for child in self.children:
            if child.ended() and child.process is not None:
                code = child.process.returncode
                if child.essential:
                    self.say(f"The {child.name} ended unexpectedly (exit code {code}).")
                    return True
                self.say(
                    f"The {child.name} ended unexpectedly (exit code {code}); again in {child.plan_restart():g} s."
                )
            elif child.process is None and time.monotonic() >= child.due:
                child.start()
        return False

    def stop(self) -> None:
        """Ask every child to end, wait, and leave no process behind."""
        for child in self.children:
            child.ask_to_end()
        deadline = time.monotonic() + GRACE_SECONDS
        for child in self.children:
            child.make_end(deadline)

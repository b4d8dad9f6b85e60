"""Processes that begin with crm360 imported: forked from one that has read it, in place of reading it once more.

A test run starts some two hundred commands, servers and workers, and two seconds of each went into imports. What is forked
is a process like any other: its own session, environment and files, the same code, ended by a signal or by itself.
`tests.cli.test_serve` starts the real thing.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import random
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import types
import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import config

#: Read once, together with everything they import.
MODULES = ("crm360.app", "crm360.kernel.schema", "alembic.command", "flask.cli", "granian.cli")
#: Bytes of the length that stands before what is asked.
HEAD = 4


class Forked:
    """A running process; the part of subprocess.Popen that tests use."""

    def __init__(self, told: int) -> None:
        self._told = os.fdopen(told, "rb", buffering=0)
        self.returncode: int | None = None
        self.pid = int(self._line())

    def poll(self) -> int | None:
        """Its exit code once it has ended; a signal's number negative."""
        if self.returncode is None and select.select([self._told], [], [], 0)[0]:
            self.returncode = int(self._line())
            self._told.close()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it ends. Raises subprocess.TimeoutExpired."""
        if self.returncode is None and not select.select([self._told], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        code = self.poll()
        assert code is not None
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def _line(self) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            got = self._told.read(1)
            assert got, "the process that forks for the tests has ended"
            line += got
        return line


def start(command: Sequence[str], *, env: Mapping[str, str], stdin: int, stdout: int, stderr: int) -> Forked:
    """Run `python -m …` or `python -c …` in a session of its own; the files are descriptors."""
    reading, writing = os.pipe()
    asked = json.dumps({"argv": list(command[1:]), "env": dict(env)}).encode()
    try:
        line = _mother()
        socket.send_fds(line, [len(asked).to_bytes(HEAD)], [stdin, stdout, stderr, writing])
        line.sendall(asked)
    finally:
        os.close(writing)
    return Forked(reading)


@cache
def _mother() -> socket.socket:
    """The line to the process that forks; it ends with ours."""
    ours, its = socket.socketpair()
    command = [sys.executable, "-m", __spec__.name if __spec__ else "tests.preloaded", str(its.fileno())]
    child = subprocess.Popen(
        command, cwd=config.ROOT, pass_fds=[its.fileno()], stdin=subprocess.DEVNULL, start_new_session=True
    )
    its.close()

    def end() -> None:
        ours.close()
        child.wait(60)

    atexit.register(end)
    return ours


def _serve(line: socket.socket) -> None:
    for name in MODULES:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever keeps a child is nobody's concern
    while True:
        head, files, *_ = socket.recv_fds(line, HEAD, 4)
        if not head:
            return
        asked = line.recv(int.from_bytes(head), socket.MSG_WAITALL)
        if os.fork() == 0:
            line.close()
            _keep(json.loads(asked), files)
        for each in files:
            os.close(each)


def _keep(asked: dict[str, Any], files: Sequence[int]) -> None:
    """Start the process, tell its number, wait for its end, tell how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    *streams, told = files
    ready, go = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(told)
        os.setsid()
        os.write(go, b"1")
        os.close(ready)
        os.close(go)
        _become(asked, streams)
    os.close(go)
    for each in streams:
        os.close(each)
    os.read(ready, 1)  # its session is its own: a signal to the group finds it
    os.write(told, b"%d\n" % pid)
    _, status = os.waitpid(pid, 0)
    os.write(told, b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def _become(asked: dict[str, Any], streams: Sequence[int]) -> None:
    for number, each in enumerate(streams):
        os.dup2(each, number)
        os.close(each)
    os.environ.clear()
    os.environ.update(asked["env"])
    time.tzset()
    random.seed()
    if how := asked["env"].get("PYTHONWARNINGS"):
        warnings.simplefilter(how)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    code = 1
    try:
        _run(asked["argv"])
        code = 0
    except SystemExit as end:
        code = _code(end)
    except BaseException:  # noqa: BLE001  (as the interpreter ends a program)
        sys.excepthook(*sys.exc_info())
    finally:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _run(argv: list[str]) -> None:
    how, what, *rest = argv
    sys.argv = [what if how == "-m" else how, *rest]
    if how == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        main = sys.modules["__main__"] = types.ModuleType("__main__")
        exec(compile(what, "<string>", "exec"), main.__dict__)


def _code(end: SystemExit) -> int:
    if end.code is None or isinstance(end.code, int):
        return (end.code or 0) & 0xFF
    print(end.code, file=sys.stderr)
    return 1


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))

"""An installation of its own for a test: fresh database, own environment, real server and worker processes."""

from __future__ import annotations

import atexit
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine

import config
from crm360.cli import processes, serve
from tests import preloaded

#: So long a machine busy with other work may take for what takes a second; only a test that fails waits for its end.
PATIENCE_SECONDS = 180.0
POLL_SECONDS = 0.05
#: Ports no system gives away by itself, in blocks: a test process keeps one for itself.
PORTS, BLOCK = range(20_000, 32_000), 100


def wait_until(happened: Callable[[], Any], *, what: str, seconds: float = PATIENCE_SECONDS) -> Any:
    """Ask again and again until the answer is true, and return it. Fails after `seconds`, saying `what` did not happen."""
    pause = threading.Event()
    for _ in range(int(seconds / POLL_SECONDS) + 1):
        if answer := happened():
            return answer
        pause.wait(POLL_SECONDS)
    raise AssertionError(f"waited {seconds:g} s in vain: {what}")


def free_port() -> int:
    """A port nobody listens on, for a process that will. Until it does, and while it is started anew, nobody else is given it:
    the system hands out others, and each test process has its own."""
    ports = _own_ports()
    for _ in range(BLOCK):
        port = next(ports)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue  # somebody listens, or did a moment ago
            return port
    raise AssertionError("every port of this test process is taken")


@cache
def _own_ports() -> Iterator[int]:
    """The ports of a block that this process locks until it ends, round and round."""
    folder = Path(tempfile.gettempdir()) / f"crm360-test-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    for first in PORTS[::BLOCK]:
        lock = (folder / str(first)).open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        atexit.register(lock.close)  # which also keeps it from being collected
        return cycle(range(first, first + BLOCK))
    raise AssertionError("every block of ports is taken by another test process")


@dataclass
class Instance:
    """One installation: its folder, its database, the environment its processes get."""

    folder: Path
    database_url: str
    extra: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        """What its processes see; nothing of the machine's own settings for crm360 leaks in."""
        ours = {
            "DATABASE_URL": self.database_url,
            "INSTANCE_DIR": str(self.folder),
            "SECRET_KEY": "only for tests: nothing is protected by this",
            "PORT": str(self.port),
            "WEB_WORKERS": "1",
            "BACKUP_AT": "never",
            "PRIVATE_TARGETS": "127.0.0.0/8",
        }
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        return kept | {"PYTHONWARNINGS": "default", "PYTHONUNBUFFERED": "1"} | ours | self.extra

    def settings(self) -> config.Settings:
        return config.load(self.env)

    def engine(self) -> Engine:
        """For what a test looks up and changes beside its processes; it waits for their writing as they do for each other's."""
        url = self.settings().database_url
        return create_engine(url, connect_args={"timeout": PATIENCE_SECONDS} if url.startswith("sqlite") else {})

    def flask(self, *arguments: str, stdin: str = "", expect: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a `flask` command as the operator does; refuses an unexpected exit code."""
        command = [sys.executable, "-m", "flask", *arguments]
        with tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            told.write(stdin.encode())
            told.seek(0)
            files = {"stdin": told.fileno(), "stdout": out.fileno(), "stderr": err.fileno()}
            code = preloaded.start(command, env=self.env, **files).wait()
            said = [each.read().decode() for each in (out, err) if each.seek(0) == 0]
        done = subprocess.CompletedProcess(command, code, *said)
        assert done.returncode == expect, f"{' '.join(arguments)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def json(self, *arguments: str) -> Any:
        """What a command prints with --json."""
        return json.loads(self.flask(*arguments, "--json").stdout)

    def migrate(self) -> Instance:
        """Make its schema, by the code that `make run` uses; a new SQLite file is a copy of one that was made so."""
        file = Path(self.database_url.removeprefix("sqlite:///"))
        if self.database_url.startswith("sqlite") and not file.exists():
            shutil.copyfile(migrated_sqlite(), file)
        else:
            serve.prepare_database(self.settings())
        return self


@cache
def migrated_sqlite() -> Path:
    """A SQLite file with the schema, made once by a test process and gone with it."""
    folder = tempfile.TemporaryDirectory(prefix="crm360-schema-")
    atexit.register(folder.cleanup)
    file = Path(folder.name) / "schema.sqlite3"
    serve.prepare_database(Instance(file.parent, f"sqlite:///{file}").settings())
    return file


@dataclass
class Process:
    """A real process in a group of its own, its output in a file; `fresh`: an interpreter that has imported nothing."""

    name: str
    command: list[str]
    instance: Instance
    popen: subprocess.Popen[bytes] | preloaded.Forked | None = None
    fresh: bool = False

    @property
    def log(self) -> Path:
        return self.instance.folder / f"{self.name}.log"

    def start(self) -> Process:
        with self.log.open("ab") as out, Path(os.devnull).open("rb") as nothing:
            if self.fresh:
                self.popen = subprocess.Popen(
                    self.command, cwd=config.ROOT, env=self.instance.env, stdin=nothing, stdout=out,
                    stderr=subprocess.STDOUT, start_new_session=True,
                )  # fmt: skip
            else:
                self.popen = preloaded.start(
                    self.command,
                    env=self.instance.env,
                    stdin=nothing.fileno(),
                    stdout=out.fileno(),
                    stderr=out.fileno(),
                )
        return self

    def kill(self) -> None:
        """kill -9, the processes it started included."""
        assert self.popen is not None
        try:
            os.killpg(self.popen.pid, signal.SIGKILL)
        except ProcessLookupError:
            self.popen.poll()  # it had ended before
        self.popen.wait(PATIENCE_SECONDS)

    def end(self) -> int:
        """Ask it to end (SIGTERM) and wait; the exit code."""
        assert self.popen is not None
        self.popen.terminate()
        return self.popen.wait(PATIENCE_SECONDS)

    def alive(self) -> bool:
        return self.popen is not None and self.popen.poll() is None


class RunningServer:
    """Web server and worker of one instance, started as in production."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.url = instance.url
        self.server = Process("server", processes.server_command(instance.settings()), instance)
        self.worker = Process("worker", processes.worker_command(), instance)

    def start(self) -> RunningServer:
        self.server.start()
        self.worker.start()
        self.wait_until_ready()
        return self

    def wait_until_ready(self) -> None:
        wait_until(lambda: self.is_ready() or not self.server.alive(), what=f"{self.url}/healthz")
        assert self.server.alive(), f"the server ended:\n{self.server.log.read_text()[-3000:]}"

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=60) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def kill(self) -> None:
        for process in (self.server, self.worker):
            if process.popen is not None:
                process.kill()


@contextmanager
def running(instance: Instance) -> Iterator[RunningServer]:
    """Start the server and worker of a migrated `instance`; nothing of them is left afterwards."""
    server = RunningServer(instance)
    try:
        yield server.start()
    finally:
        server.kill()

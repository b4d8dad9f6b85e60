"""Runs what was built as its operator would, and has systemd and nginx read the files that stand beside it."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools import bare_root
from tools.bare_root import Room
from tools.containerfile import ROOT, Stage

#: A start migrates an empty database; on a busy machine that takes a while.
HEALTHY_SECONDS, ENDING_SECONDS = 180, 60
PROBE = "from crm360.kernel.paper import pdf; assert pdf('<p>Zażółć gęślą jaźń</p>').startswith(b'%PDF')"
WHOSE_PACKAGES = "openssl nginx-light"


class Unwell(SystemExit):
    """The image does not do what it should."""


def use(room: Room, stage: Stage, *, volume: Path) -> None:
    """Start it on a read-only root with an empty volume, do an operator's first things, end it. Raises Unwell."""
    at, port = stage.last("VOLUME").rest, str(free_port())
    subprocess.run(["cp", "--archive", str(room.path(at)), str(volume)], check=True)
    runs = Running(room, volume=volume, at=at, port=port)
    if room.user.partition(":")[0] in ("", "0", "root"):
        raise Unwell("The image runs as root.")
    with runs.started(stage.last("CMD").arguments) as pid:
        runs.wait_healthy(stage.last("HEALTHCHECK").rest)
        runs.operate()
        runs.end(pid, stage.last("STOPSIGNAL").rest)
    runs.written()


class Running:
    """The image at work, and what is asked of it."""

    def __init__(self, room: Room, *, volume: Path, at: str, port: str) -> None:
        self.room, self.volume, self.at, self.port = room, volume, at, port

    def command(self, command: list[str]) -> list[str]:
        """A command line in the running image."""
        return self.room.command(command, volume=self.volume, at=self.at, PORT=self.port, HOST="127.0.0.1")

    def ask(self, command: list[str], *, given: str = "") -> str:
        """What a command in the image prints. Raises Unwell."""
        done = subprocess.run(self.command(command), input=given, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Unwell(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    @contextmanager
    def started(self, command: list[str]) -> Iterator[int]:
        """CMD as the first process of the image; gives the number it has outside."""
        print(f"== CMD {' '.join(command)}", flush=True)
        self.process = subprocess.Popen(self.command(command))
        try:
            yield self._first()
        finally:
            self.process.kill()  # its child goes with it
            self.process.wait()

    def _first(self) -> int:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for _ in patience(10):
            if numbers := children.read_text().split():
                return int(numbers[0])
        raise Unwell("The image did not start.")

    def wait_healthy(self, check: str) -> None:
        """Until HEALTHCHECK says so. Raises Unwell."""
        command = json.loads(check.partition("CMD ")[2])
        for _ in patience(HEALTHY_SECONDS):
            if self.process.poll() is not None:
                raise Unwell(f"The image ended with {self.process.returncode}.")
            if subprocess.run(self.command(command), capture_output=True, check=False).returncode == 0:
                print("== healthy", flush=True)
                return
        raise Unwell("The image did not become healthy.")

    def operate(self) -> None:
        """A colleague, the sign-in page, a document, a backup, the doctor. Raises Unwell."""
        flask = ".venv/bin/flask"
        self.ask([flask, "users", "create", "ada@shop.example", "--role", "admin", "--password-stdin"], given="correct horse battery staple\n")  # fmt: skip
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/sign-in", timeout=30) as page:
            styles = re.findall(r'href="(/static/[^"]+\.css[^"]*)"', page.read().decode())
        for style in styles or [""]:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{style or '/static/none'}", timeout=30) as file:
                file.read()
        self.ask([".venv/bin/python", "-c", PROBE])
        self.ask([flask, "backup", "create"])
        self.ask([flask, "backup", "drill"])
        self.ask(["pg_dump", "--version"])
        findings = json.loads(self.ask([flask, "doctor", "--json"]))
        wrong = [each for each in findings if each["level"] != "ok"]
        print("\n".join(f"   {each['level']}: {each['what']} {each['advice']}" for each in wrong), flush=True)
        if any(each["level"] == "error" for each in wrong):
            raise Unwell("flask doctor finds errors.")

    def end(self, pid: int, word: str) -> None:
        """STOPSIGNAL ends it, in order and in time. Raises Unwell."""
        subprocess.run(["kill", f"-{word}", str(pid)], check=True)
        code = self.process.wait(timeout=ENDING_SECONDS)
        if code != 0:
            raise Unwell(f"After {word} it ended with {code}, not 0.")
        print(f"== ended on {signal.Signals[word].name}", flush=True)

    def written(self) -> None:
        """Keys in the volume are the user's alone; nothing was left that others may read. Raises Unwell."""
        names = [file.relative_to(self.volume) for file in self.volume.rglob("*_key") if file.stat().st_mode & 0o077]
        if names:
            raise Unwell(f"Others may read {names}.")


def read_by_systemd(folder: Path) -> None:
    """`systemd-analyze verify` of the unit, where the program lies as the guide has it. Raises Unwell."""
    analyze = shutil.which("systemd-analyze")
    if not analyze:
        print("== systemd-analyze is not here: the unit was not read", flush=True)
        return
    unit = folder / "etc/systemd/system/crm360.service"
    unit.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ROOT / "deploy/crm360.service", unit)
    done = subprocess.run([analyze, "verify", "--recursive-errors=no", f"--root={folder}", "crm360.service"], capture_output=True, text=True, check=False)  # fmt: skip
    if done.returncode or "crm360.service" in done.stderr:
        raise Unwell(f"systemd-analyze verify:\n{done.stderr}")
    print("== systemd reads deploy/crm360.service", flush=True)


def read_by_nginx(base: Path, folder: Path) -> None:
    """`nginx -t` of the proxy's file in a bare root of its own, with a certificate made for it. Raises Unwell."""
    bare_root.copy(base, folder)
    at = "/etc/letsencrypt/live/crm.example.com"
    (folder / at.lstrip("/")).mkdir(parents=True)
    enabled = folder / "etc/nginx/sites-enabled/crm360"
    enabled.parent.mkdir(parents=True)
    shutil.copyfile(ROOT / "deploy/nginx.conf", enabled)
    script = (
        f"apt-get update -qq && apt-get install -y -qq --no-install-recommends {WHOSE_PACKAGES} >/dev/null"
        f" && openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=crm.example.com -keyout {at}/privkey.pem"
        f" -out {at}/fullchain.pem 2>/dev/null && nginx -t"
    )
    done = subprocess.run(Room(folder).command(["/bin/sh", "-c", script], building=True), capture_output=True, text=True, check=False)  # fmt: skip
    if done.returncode:
        raise Unwell(f"nginx -t:\n{done.stdout}{done.stderr}")
    print("== nginx reads deploy/nginx.conf", flush=True)


def patience(seconds: float) -> Iterator[None]:
    """Turns to look again, until the time is over."""
    last = time.monotonic() + seconds
    while time.monotonic() < last:
        yield
        time.sleep(0.5)


def free_port() -> int:
    """A port of this machine nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

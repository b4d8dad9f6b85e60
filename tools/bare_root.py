"""A bare Debian root, and commands carried out in it as a container engine would: own processes, own mounts, the same network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#: Settings of package clients, and of proxies, that a build is given as engines give them.
CLIENTS = re.compile(r"(PIP_|npm_config_|https?_proxy$|no_proxy$|NODE_EXTRA_CA_CERTS$)", re.IGNORECASE)
#: This machine's certificates, where the build sees them.
CERTIFICATES, SEEN_AT = Path("/etc/ssl/certs/ca-certificates.crt"), "/run/build-certificates.pem"
#: Carries a command out: mounts what programs expect; with a volume the root itself cannot be written to.
ENTER = """
set -e
root=$1 volume=$2 at=$3 user=$4; shift 4
mount --bind "$root" "$root"
if [ -n "$volume" ]; then
  mount -o remount,bind,ro "$root"
  mount --bind "$volume" "$root$at"
  mount -t tmpfs tmpfs "$root/tmp"
fi
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
exec chroot --userspec="$user" "$root" /usr/bin/env -i "$@"
"""


@dataclass
class Room:
    """A root in which commands run: what RUN, USER, WORKDIR and ENV have made of it so far."""

    folder: Path
    workdir: str = "/"
    user: str = "0:0"
    environment: dict[str, str] = field(default_factory=dict)

    def path(self, inside: str) -> Path:
        """Where a path of the root lies outside."""
        return self.folder / str(Path(self.workdir, inside)).lstrip("/")

    def command(
        self, command: list[str], *, building: bool = False, volume: Path | None = None, at: str = "", **given: str
    ) -> list[str]:
        """The command line that runs `command` in here. `volume` is mounted `at`, and all else is read-only."""
        told = {"PATH": PATH, "HOME": self._home(), **self.environment, **given, **(clients() if building else {})}
        pairs = [f"{name}={value}" for name, value in told.items()]
        return [
            "unshare", "--mount", "--pid", "--fork", "--kill-child", "/bin/sh", "-c", ENTER, "enter",
            str(self.folder), str(volume or ""), at, self.user, f"--chdir={self.workdir}", *pairs, *command,
        ]  # fmt: skip

    def _home(self) -> str:
        known = (line.split(":") for line in (self.folder / "etc/passwd").read_text().splitlines())
        return next((line[5] for line in known if line[2] == self.user.partition(":")[0]), "/")


def clients() -> dict[str, str]:
    """How this machine's package clients are set up, as far as its environment says."""
    told = {name: value for name, value in os.environ.items() if CLIENTS.match(name)}
    kept = {name: value for name, value in told.items() if not value.startswith("/")}
    return {
        **kept, "DEBIAN_FRONTEND": "noninteractive", "PIP_CERT": SEEN_AT, "NODE_EXTRA_CA_CERTS": SEEN_AT,
        "npm_config_cafile": SEEN_AT,
    }  # fmt: skip


def make(folder: Path, *, suite: str) -> None:
    """Debian's smallest root of a suite, from where this machine gets its own packages, unless it is there already."""
    if (folder / "etc/debian_version").exists():
        return
    repositories = list(sources(suite))
    if not repositories:
        raise SystemExit(f"This machine's apt knows no Debian {suite}: nothing to make a root from.")
    mirror = next(line.split()[1] for line in repositories if line.split()[2] == suite)
    subprocess.run(["debootstrap", "--variant=minbase", suite, str(folder), mirror], check=True)
    (folder / "etc/apt/sources.list").write_text("\n".join(repositories) + "\n")


def sources(suite: str) -> Iterator[str]:
    """The lines of apt that name a suite of Debian, whichever of the two notations this machine has them in."""
    files = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
    wanted = {suite, f"{suite}-updates", f"{suite}-security"}
    for text in (file.read_text() for file in files if file.is_file()):
        for line in re.findall(r"^deb (?:\[.*?\] )?(\S+) (\S+) ", text, flags=re.MULTILINE):
            yield from (f"deb {line[0]} {line[1]} main" for _ in wanted & {line[1]})
        for stanza in re.split(r"\n\s*\n", text):
            told = dict(re.findall(r"^([\w-]+):[ \t]*(.+)$", stanza, flags=re.MULTILINE))
            for name in wanted & set(told.get("Suites", "").split()):
                yield from (f"deb {uri} {name} main" for uri in told["URIs"].split())


def copy(base: Path, folder: Path) -> None:
    """A root of its own, with what lets the build's package clients work here."""
    subprocess.run(["cp", "--archive", "--reflink=auto", str(base), str(folder)], check=True)
    for name in ("etc/resolv.conf", "etc/hosts"):
        (folder / name).unlink(missing_ok=True)
        shutil.copyfile(f"/{name}", folder / name)
    if CERTIFICATES.exists():
        shutil.copyfile(CERTIFICATES, folder / SEEN_AT.lstrip("/"))
    fetching = [
        line for file in sorted(Path("/etc/apt/apt.conf.d").glob("*"))
        for line in file.read_text().splitlines() if line.startswith("Acquire::")
    ]  # fmt: skip
    (folder / "etc/apt/apt.conf.d/99machine").write_text("\n".join([*fetching, f'Acquire::https::CAInfo "{SEEN_AT}";', ""]))  # fmt: skip

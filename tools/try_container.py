"""Carry deploy/Containerfile out in a bare Debian root and use what it made: `python tools/try_container.py`.

No container engine is needed: Debian's own `debootstrap` makes the root, `chroot` and `unshare` (util-linux) carry RUN, COPY, USER and
CMD out in it. Then the image runs as its user on a root that cannot be written to: it must become healthy, take a colleague, make
a document as PDF and a backup, satisfy `flask doctor`, and end on SIGTERM. At last systemd and nginx read the files beside it.
Needs to be root on Debian; takes some minutes. `--base FOLDER` keeps the bare root for the next time.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tools import bare_root, containerfile, using_image  # noqa: E402 - after the path is set
from tools.bare_root import Room  # noqa: E402
from tools.containerfile import Instruction, Stage  # noqa: E402

NEEDED = ("debootstrap", "chroot", "unshare", "git")


def main(arguments: list[str] | None = None) -> int:
    """Build, run, look; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, help="folder of the bare Debian root; made where it is missing")
    options = parser.parse_args(arguments)
    missing = [name for name in NEEDED if not shutil.which(name)]
    if missing or os.geteuid():
        print(f"Must be run by root, with {', '.join(missing or NEEDED)} (Debian: apt install debootstrap).", file=sys.stderr)  # fmt: skip
        return 2
    with tempfile.TemporaryDirectory(prefix="crm360-image-") as folder:
        stages = containerfile.stages(containerfile.FILE.read_text())
        base = options.base or Path(folder, "base")
        bare_root.make(base, suite=stages[0].image.partition(":")[2].removesuffix("-slim"))
        made: dict[str, Room] = {}
        for stage in stages:
            made[stage.name] = build(stage, base, Path(folder, f"stage-{stage.name}"), made)
        using_image.use(made[stages[-1].name], stages[-1], volume=Path(folder, "volume"))
        using_image.read_by_systemd(made[stages[-1].name].folder)
        using_image.read_by_nginx(base, Path(folder, "proxy"))
    print("The image does what docs/operating.md says.")
    return 0


def build(stage: Stage, base: Path, folder: Path, made: dict[str, Room]) -> Room:
    """Carry out the instructions of a stage on a copy of the base."""
    print(f"== {stage.name}: FROM {stage.image}", flush=True)
    bare_root.copy(base, folder)
    room = Room(folder)
    for step in stage.steps:
        if step.word in ("RUN", "COPY", "WORKDIR", "ENV", "USER"):
            print(f"== {step.word} {step.rest[:140]}", flush=True)
        carry_out(step, room, made)
    return room


def carry_out(step: Instruction, room: Room, made: dict[str, Room]) -> None:
    """One instruction. Those that only describe the image are read when it is used."""
    match step.word:
        case "RUN":
            subprocess.run(room.command(["/bin/sh", "-c", step.rest], building=True), check=True)
        case "WORKDIR":
            room.workdir = step.rest
            room.path(step.rest).mkdir(parents=True, exist_ok=True)
        case "ENV":
            room.environment.update(pair.partition("=")[::2] for pair in step.arguments)
        case "USER":
            room.user = step.rest
        case "VOLUME":
            assert room.path(step.rest).is_dir()
        case "COPY":
            copy_in(step, room, made)


def copy_in(step: Instruction, room: Room, made: dict[str, Room]) -> None:
    """Files of another stage, else of the checkout without what .dockerignore names."""
    *sources, target = step.arguments
    place = room.path(target)
    if stage := step.flags.get("from"):
        for source in sources:
            shutil.copytree(made[stage].path(source), place, symlinks=True, dirs_exist_ok=True)
        return
    for name in context():
        for source in sources:
            if source == "." or name == source:
                to = place / (name if source == "." else Path(name).name)
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, to)


def context() -> list[str]:
    """What a build is given: the checkout's files, those not committed yet included."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    found = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    names = [name for name in found if (ROOT / name).is_file() and not (ROOT / name).is_symlink()]
    out = set(containerfile.left_out(names, (ROOT / ".dockerignore").read_text()))
    return [name for name in names if name not in out]


if __name__ == "__main__":
    sys.exit(main())

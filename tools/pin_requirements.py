"""Install the newest version of every pinned package, and write requirements*.txt anew from what came.

A pinned line whose package nothing needs any more disappears with the next run in a fresh virtual environment.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILES = (ROOT / "requirements.txt", ROOT / "requirements-dev.txt")


def main() -> None:
    """Upgrade and rewrite both files; comments and the order of lines stay."""
    names = [name for file in FILES for name in pinned(file)]
    pip("install", "--quiet", "--upgrade", *names)
    pip("check")
    installed = {normal(row["name"]): row["version"] for row in json.loads(pip("list", "--format=json"))}
    for file in FILES:
        lines = [rewritten(line, installed) for line in file.read_text().splitlines()]
        file.write_text("\n".join(lines) + "\n")


def pinned(file: Path) -> list[str]:
    """Names of the packages a requirements file pins."""
    return [line.partition("==")[0] for line in file.read_text().splitlines() if "==" in line]


def rewritten(line: str, installed: dict[str, str]) -> str:
    """The line with the version that is installed now."""
    name, pin, _version = line.partition("==")
    return f"{name}=={installed[normal(name)]}" if pin else line


def normal(name: str) -> str:
    """The form in which the package index compares names."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pip(*arguments: str) -> str:
    """Run this environment's pip; its output."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    main()

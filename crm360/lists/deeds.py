"""What can be done to many customers at once, and which right each asks for. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

TAG, UNTAG, OWN, TASK, ENTER = "tag.add", "tag.remove", "owner.set", "task.add", "segment.add"

#: Deed → the permission that doing it, and taking it back, asks for.
PERMISSIONS: Mapping[str, str] = {
    TAG: "customers.write",
    UNTAG: "customers.write",
    OWN: "sales.work",
    TASK: "sales.work",
    ENTER: "segments.manage",
}


def mark(title: str) -> str:
    """By which a title is known again when it is kept no more."""
    return hashlib.sha256(title.encode()).hexdigest()

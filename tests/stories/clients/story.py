"""The story every client tells, as Python objects: who, and what happens minute by minute."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def told_by(client: str) -> dict[str, Any]:
    """`story.json` with the client's name where it says so."""
    story: dict[str, Any] = json.loads(Path(__file__).with_name("story.json").read_text().replace("{client}", client))
    return story


def at(minute: int) -> datetime:
    """When a step of the story takes place."""
    return datetime(2026, 3, 1, 10, minute, tzinfo=UTC)

"""The sample payloads beside the tests: `fixtures/<channel>/<name>.json` ({headers, body}) or `.eml`."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crm360.sources.base import Payload

FOLDER = Path(__file__).parent / "fixtures"
RECEIVED_AT = datetime(2024, 6, 1, 12, 0, tzinfo=UTC)


def payload(body: Any, **headers: str) -> Payload:
    """A payload of the source "web"; keyword names stand for header names (`x_shopify_topic`)."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Payload(source="web", received_at=RECEIVED_AT, body=raw, headers=named)


def names(channel: str) -> list[str]:
    return sorted({path.name.partition(".")[0] for path in (FOLDER / channel).iterdir()})


def sample(channel: str, name: str) -> Payload:
    mail = FOLDER / channel / f"{name}.eml"
    if mail.exists():
        return payload(mail.read_bytes(), **json.loads(mail.with_suffix(".headers.json").read_text()))
    kept = json.loads((FOLDER / channel / f"{name}.json").read_text())
    return payload(kept["body"], **kept["headers"])

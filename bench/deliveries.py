"""What is understood of sending services' events, and what is refused with which reason.

`python bench/deliveries.py [FOLDER]`: FOLDER of `<vendor>_webhooks.json` and `<vendor>_inbound.json` files (lists of
{test, payload}), by default $CRM360_DATA/channels/esp. Fails when an event leads to anything but facts or a reason.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from crm360.sources import registry
from crm360.sources.base import Payload, Unreadable

CHANNELS = {"amazon_ses": "ses"}


def main(folder: Path) -> int:
    files = sorted(folder.glob("*.json"))
    if not files:
        print(f"no events in {folder}")
        return 1
    total = Counter[str]()
    for path in files:
        channel = path.stem.rpartition("_")[0]
        channel = CHANNELS.get(channel, channel)
        found = Counter(
            outcome(channel, event) for case in json.loads(path.read_text()) for event in events(case["payload"])
        )
        total.update("understood" if reason.startswith("understood") else "refused" for reason in found.elements())
        for reason, number in sorted(found.items()):
            print(f"{path.stem:24}{number:4}  {reason}")
    print(f"{total.total()} events: {total['understood']} understood, {total['refused']} refused with a reason")
    return 0


def events(payload: object) -> list[object]:
    """A delivery's single events, as the channels' splits part them."""
    return payload if isinstance(payload, list) else [payload]


def outcome(channel: str, event: object) -> str:
    if channel not in registry.channels():
        return f"refused: no channel {channel}"
    received_at = datetime(2026, 1, 1, tzinfo=UTC)
    body = json.dumps(event).encode()
    try:
        facts = registry.reader(channel)(Payload(source="esp", received_at=received_at, body=body))
    except Unreadable as error:
        return f"refused: {error}"
    kinds = sorted({getattr(fact, "kind", "") for fact in facts} - {""})
    return f"understood: {', '.join(kinds) or 'of no interest'}"


if __name__ == "__main__":
    default = Path(os.environ.get("CRM360_DATA", "data")) / "channels" / "esp"
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else default))

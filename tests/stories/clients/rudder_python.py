"""The unmodified rudder-sdk-python (gzip by default), told by its arguments where to send, with which key and as whom."""

from __future__ import annotations

import sys

from rudderstack.analytics.client import Client
from story import at, told_by

host, write_key, name = sys.argv[1:]
failures: list[str] = []
client = Client(write_key, host=host, on_error=lambda error, _batch: failures.append(str(error)))
story, user, device = told_by(name), f"user-{name}", f"device-{name}"

traits = {**story["traits"], "email": f"{name}@example.com"}
client.identify(user, traits, anonymous_id=device, timestamp=at(1))
for minute, event in enumerate(("Product Viewed", "Product Added", "Product Removed", "Order Completed"), 2):
    said = story[("view", "add", "remove", "order")[minute - 2]]
    client.track(user, event, said, anonymous_id=device, timestamp=at(minute))
client.group(user, f"org-{name}", story["group"], anonymous_id=device, timestamp=at(6))
client.alias(user, f"new-{name}", timestamp=at(7))
client.shutdown()
if failures:
    sys.exit("\n".join(failures))

"""The unmodified segment-analytics-python, told by its arguments where to send and as whom."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from segment.analytics.client import Client

host, write_key = sys.argv[1:]
failures: list[str] = []
client = Client(write_key, host=host, on_error=lambda error, _batch: failures.append(str(error)), max_retries=1)

device = "device-python"
mug = {
    "product_id": "P-1",
    "sku": "MUG",
    "name": "Mug",
    "price": 19.99,
    "quantity": 1,
    "currency": "PLN",
    "cart_id": "C-1",
}
order = {"order_id": "O-1", "total": 19.99, "currency": "PLN", "cart_id": "C-1", "products": [mug]}
story = [("Product Viewed", mug), ("Product Added", mug), ("Product Removed", mug), ("Order Completed", order)]
for minute, (event, properties) in enumerate(story, 1):
    at = datetime(2026, 3, 1, 10, minute, tzinfo=UTC)
    client.track(anonymous_id=device, event=event, properties=properties, timestamp=at)
traits = {"email": "python@example.com", "firstName": "Petra", "lastName": "Python"}
client.identify("user-python", traits, anonymous_id=device, timestamp=datetime(2026, 3, 1, 10, 5, tzinfo=UTC))
client.shutdown()
if failures:
    sys.exit("\n".join(failures))

"""Tell who somebody is and what they do, by Segment's own library.

pip install segment-analytics-python; CRM360_URL=https://crm.example.com CRM360_WRITE_KEY=wk_… python track.py
The key: flask keys create --kind write --name web
"""

import os

import segment.analytics as analytics

analytics.host, analytics.write_key = os.environ["CRM360_URL"], os.environ["CRM360_WRITE_KEY"]
analytics.identify("web-1", {"email": "ewa.dudek@example.com", "name": "Ewa Dudek"})
cup = {"product_id": "K-1", "name": "Kubek", "price": 39.0, "currency": "PLN"}
analytics.track("web-1", "Product Added", cup)
analytics.track(
    "web-1",
    "Order Completed",
    {"order_id": "T-1", "total": 39.0, "currency": "PLN", "products": [cup | {"quantity": 1}]},
)
analytics.flush()

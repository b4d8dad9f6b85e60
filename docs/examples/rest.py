"""State a contact, send its purchase, and read the customer they became.

pip install requests; CRM360_URL=https://crm.example.com CRM360_KEY=… python rest.py
The key: flask keys create --kind api --name erp --role sales
"""

import os
import time

import requests

API = os.environ["CRM360_URL"] + "/api/v1"
session = requests.Session()
session.headers["Authorization"] = f"Bearer {os.environ['CRM360_KEY']}"


def call(method, path, **kwargs):
    """The answer's JSON. What goes wrong is a problem (RFC 9457) that says it in words."""
    answer = session.request(method, API + path, timeout=30, **kwargs)
    if not answer.ok:
        raise SystemExit(f"{answer.status_code} {answer.json().get('detail') or answer.json()['title']}")
    return answer.json()


def pages(path, **query):
    """Every item of a list, page by page."""
    while True:
        page = call("GET", path, params=query)
        yield from page["items"]
        if page["next_cursor"] is None:
            return
        query["after"] = page["next_cursor"]


contact = {
    "source": "erp",
    "external_id": "P-1",
    "fields": {"given_name": "Zofia", "family_name": "Mrówka"},
    "identifiers": [{"kind": "email", "value": "zofia.mrowka@example.com"}],
}
order = {"id": "P-77", "number": "P/77", "currency": "PLN", "total": "49.00"}
event = {
    "type": "order",
    "event_id": "P-77-paid",
    "external_id": "P-1",
    "occurred_at": "2026-03-02T10:31:00Z",
    "order": order,
}

# The same call again, after a time-out for example, is told as a repeat and changes nothing.
for _ in range(2):
    told = call("POST", "/contacts", json=contact, headers={"Idempotency-Key": "contact P-1, first version"})
print("repeated:", told["repeated"])
call("POST", "/events", json={"source": "erp", "events": [event]})

# Both are kept when the answer comes; the worker makes a customer of them within seconds.
for _ in range(60):
    found = call("GET", "/profiles", params={"q": "zofia.mrowka@example.com"})["items"]
    if found and (orders := list(pages(f"/profiles/{found[0]['id']}/orders"))):
        break
    time.sleep(1)
profile = call("GET", f"/profiles/{found[0]['id']}")
print(profile["display_name"], [each["number"] for each in orders])
print([entry["kind"] for entry in pages(f"/profiles/{profile['id']}/timeline", limit=10)])

# Who would this be? Nothing is stored.
asked = {"identifiers": [{"kind": "email", "value": "zofia.mrowka@example.com"}]}
print(call("POST", "/identity/resolve", json=asked))

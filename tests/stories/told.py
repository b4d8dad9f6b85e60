"""What the story of the real clients must have left behind: every event once, in order, one profile, the right money."""

from __future__ import annotations

import json
import urllib.request
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from crm360.inbox.models import Payload, Source
from tests.processes import Instance, wait_until

WRITE_KEY = "site-key-0123456789"
TIMELINE = ["cart.viewed", "cart.added", "cart.removed", "order.placed", "group.joined"]
CALLS = ["identify", "track", "track", "track", "track", "group", "alias"]


_EVENTS = (
    select(Payload.body, Payload.headers)
    .join(Source, Source.id == Payload.source_id)
    .where(Source.name == bindparam("source"))
    .order_by(Payload.id)
)


class Shop:
    """The installation a site sends to, seen through its API and its inbox."""

    def __init__(self, instance: Instance, url: str):
        self.instance, self.url = instance, url
        created = instance.flask("keys", "create", "--kind", "api", "--name", "erp", "--role", "sales")
        self.api_key = created.stdout.splitlines()[-1]

    def ask(self, path: str) -> Any:
        request = urllib.request.Request(
            f"{self.url}/api/v1{path}", headers={"Authorization": f"Bearer {self.api_key}"}
        )
        with urllib.request.urlopen(request, timeout=90) as answer:
            return json.load(answer)

    def profiles(self, name: str) -> list[int]:
        return [hit["id"] for hit in self.ask(f"/profiles?q={name}@example.com")["items"]]

    def timeline(self, name: str) -> list[dict[str, Any]]:
        """The story's lines, oldest first. A whole second is written without its fraction, so times do not sort as text."""
        found = self.profiles(name)
        entries = self.ask(f"/profiles/{found[0]}/timeline?limit=100")["items"] if found else []
        mine = [entry for entry in entries if entry["kind"] in TIMELINE]
        return sorted(mine, key=lambda entry: datetime.fromisoformat(entry["occurred_at"]))

    def events(self, source: str = "web") -> list[dict[str, Any]]:
        """Every payload of a source, with the type the path named where the body names none."""
        engine = self.instance.engine()
        try:
            with engine.connect() as connection:
                rows = connection.execute(_EVENTS, {"source": source}).all()
        finally:
            engine.dispose()
        return [{**headers, **json.loads(body)} for body, headers in rows]

    def events_of(self, name: str) -> list[dict[str, Any]]:
        """Those of one client."""
        return [event for event in self.events() if name in json.dumps(event)]

    def is_worked_off(self) -> bool:
        with urllib.request.urlopen(f"{self.url}/healthz", timeout=90) as answer:
            return json.load(answer)["inbox_waiting"] == 0

    def assert_told(self, name: str, *, calls: list[str] = CALLS, renamed: bool = True) -> None:
        """`renamed`: the client also gave the customer a new id, which is the same person's."""
        wait_until(lambda: len(self.events_of(name)) >= len(calls), what=f"{name}'s calls")
        wait_until(lambda: len(self.timeline(name)) >= len(TIMELINE), what=f"{name}'s story")
        wait_until(self.is_worked_off, what="an empty inbox")
        assert [entry["kind"] for entry in self.timeline(name)] == TIMELINE
        (profile,) = self.profiles(name)
        (order,) = self.ask(f"/profiles/{profile}/orders")["items"]
        money = {"amount_minor": 4747, "currency": "PLN"}
        assert (order["number"], {**order["total"], **money}) == (f"O-{name}", order["total"])
        assert [(line["sku"], line["quantity"], line["unit_price"]["amount_minor"]) for line in order["lines"]] == [
            ("MUG", 2, 1999)
        ]
        whole = self.ask(f"/profiles/{profile}")
        assert whole["value"]["orders"] == 1
        ids = {each["value"] for each in whole["identifiers"] if each["kind"] == "customer_id"}
        assert ids == {f"web:user-{name}"} | ({f"web:new-{name}"} if renamed else set()), [
            e for e in self.events_of(name) if e["type"] == "alias"
        ]
        mine = self.events_of(name)
        assert sorted(event["type"] for event in mine) == sorted(calls)
        assert len({event["messageId"] for event in mine}) == len(mine)

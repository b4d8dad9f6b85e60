"""How long figures take at 100,000 customers and 2,000,000 events, and how fast their pages answer.

python bench/run.py insights [CUSTOMERS] fills a temporary SQLite file with an invented shop (20 events a customer), computes
everything as the worker does, and prints the clock of each part and the median and 95th percentile of each page.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

CUSTOMERS = 100_000
EVENTS_EACH = 20
VISITS = 30
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
KINDS = (
    "page.viewed",
    "page.viewed",
    "page.viewed",
    "cart.viewed",
    "cart.viewed",
    "cart.added",
    "cart.checkout",
    "email.opened",
)
PAGES = ("/insights", "/insights/loyalty", "/insights/rfm", "/insights/journeys", "/insights/report", "/insights/customers?figure=buyers&window=now", "/insights/customers?state=lapsed", "/insights/customers?action=silent")  # fmt: skip


def main(customers: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "INSTANCE_DIR": folder,
            "DATABASE_URL": "",
            "SECRET_KEY": "only a benchmark, nothing is protected by it",
        }
        from crm360.kernel import schema
        from crm360.kernel.db import db
        from wsgi import app

        with app.app_context():
            schema.upgrade(db.engine)
        fill(next(Path(folder).glob("*.sqlite3")), customers)
        with app.app_context():
            computing(app)
            hire()
        answering(app)


def fill(path: Path, customers: int) -> None:
    """Rows as the rooms write them, without the rooms."""
    chance, base = random.Random(36), sqlite3.connect(path)
    base.execute("PRAGMA synchronous=OFF")
    started = time.perf_counter()
    moment = str(NOW.replace(tzinfo=None)) + ".000000"
    base.executemany(
        "INSERT INTO identity_profile (id, created_at) VALUES (?, ?)",
        ((each, moment) for each in range(1, customers + 1)),
    )
    put(base, "identity_contact", contacts(customers, moment))
    put(
        base,
        "profiles_golden_record",
        (
            {
                "profile_id": each,
                "display_name": f"Customer {each}",
                "city": "Kraków",
                "fields": "{}",
                "refreshed_at": moment,
            }
            for each in range(1, customers + 1)
        ),
    )
    put(base, "commerce_order", orders(customers, chance))
    put(base, "commerce_order_line", lines(base, chance))
    put(base, "profiles_timeline_entry", events(base, customers, chance))
    put(base, "conversations_conversation", conversations(customers // 5, chance))
    put(base, "conversations_message", messages(base))
    base.commit()
    counts = {
        table: base.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in (
            "identity_profile",
            "commerce_order",
            "commerce_order_line",
            "profiles_timeline_entry",
            "conversations_message",
        )
    }
    print(
        f"filled in {time.perf_counter() - started:.0f} s: "
        + ", ".join(f"{count:,} {table}" for table, count in counts.items())
    )


def put(base: sqlite3.Connection, table: str, rows: Iterator[dict[str, Any]]) -> None:
    first = next(rows)
    names = list(first)
    statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    base.execute(statement, list(first.values()))
    base.executemany(statement, (tuple(row.values()) for row in rows))


def at(days: float) -> str:
    return str((NOW - timedelta(days=days)).replace(tzinfo=None, microsecond=1))


def contacts(customers: int, moment: str) -> Iterator[dict[str, Any]]:
    for each in range(1, customers + 1):
        yield {
            "id": each, "source": "shop", "external_id": str(each), "profile_id": each, "home_profile_id": each, "anonymous": 0, "fields": "{}",
            "attributes": "{}", "source_tags": "[]", "compared": "{}", "first_seen_at": moment, "last_seen_at": moment, "created_at": moment,
        }  # fmt: skip


def orders(customers: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    """Every customer buys at a pace of their own, and leaves some day."""
    number = 0
    for each in range(1, customers + 1):
        day, pace = chance.uniform(0, 700), chance.gammavariate(1.2, 1 / 90)
        while day > 0:
            number += 1
            yield {
                "id": number, "contact_id": each, "source": "shop", "external_id": str(number), "number": str(number), "kind": "sale",
                "status": "paid", "stated_status": "paid", "channel": "web", "store": "", "placed_at": at(day), "version_at": at(day),
                "version_digest": "", "cancel_reason": "", "currency": "PLN", "total_minor": chance.randrange(2000, 40000), "refunded_minor": 0,
                "discount_minor": 0, "shipping_minor": 0, "tax_minor": 0, "cart_id": "", "attributes": "{}",
            }  # fmt: skip
            day -= chance.expovariate(pace) + 0.5
            if chance.random() < 0.25:
                break


def lines(base: sqlite3.Connection, chance: random.Random) -> Iterator[dict[str, Any]]:
    for (order_id,) in base.execute("SELECT id FROM commerce_order").fetchall():
        for place in range(chance.randrange(1, 4)):
            which = int(chance.paretovariate(0.8)) % 800
            yield {"order_id": order_id, "line_no": place, "sku": f"S{which}", "name": f"Article {which}", "category": f"Category {which % 30}", "quantity": 1.0, "unit_price_minor": 1000, "total_minor": 1000}  # fmt: skip


def events(base: sqlite3.Connection, customers: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    """Twenty of each customer over two years, purchases among them, in the order of time."""
    rows = [
        (at_, contact, "order.placed", f"order:{number}")
        for number, contact, at_ in base.execute("SELECT id, contact_id, placed_at FROM commerce_order")
    ]
    while len(rows) < customers * EVENTS_EACH:
        contact, day = chance.randrange(1, customers + 1), chance.uniform(0, 700)
        rows += [
            (at(max(day - step / 500, 0)), contact, chance.choice(KINDS), None)
            for step in range(chance.randrange(1, 9))
        ]
    rows.sort(key=lambda row: row[0])
    for when, contact, kind, subject in rows:
        yield {"contact_id": contact, "kind": kind, "occurred_at": when, "recorded_at": when, "title": "", "properties": "{}", "subject": subject}  # fmt: skip


def conversations(count: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(1, count + 1):
        when = at(chance.uniform(0, 400))
        yield {
            "id": number, "contact_id": number * 3, "contact_at": when, "source": "chat", "external_id": str(number), "channel": chance.choice(("chat", "email")),
            "subject": "", "status": "resolved", "agent": "Ola", "started_at": when, "last_message_at": when,
        }  # fmt: skip


def messages(base: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    for number, contact, when in base.execute(
        "SELECT id, contact_id, started_at FROM conversations_conversation"
    ).fetchall():
        for step, direction in enumerate(("in", "out", "in", "out")):
            later = str(datetime.fromisoformat(when) + timedelta(minutes=7 * step))
            yield {
                "conversation_id": number, "contact_id": contact, "source": "chat", "external_id": f"{number}-{step}", "direction": direction, "sent_at": later,
                "subject": "", "body": "", "author": "Ola" if direction == "out" else "", "automatic": 0, "attachments": "[]", "answers": "[]",
            }  # fmt: skip


def computing(app: Any) -> None:
    """What the worker does, part by part."""
    from crm360.commerce import value_fits, valuing
    from crm360.insights import figures, promises
    from crm360.kernel.db import db

    learned = clocked("learned from everybody's purchases", lambda: value_fits.learn(now=NOW))
    clocked(
        "kept, missing ones marked", lambda: (value_fits.keep(learned), valuing.mark_missing(), db.session.commit())
    )
    print(f"  {learned.fit.rate}; {len(learned.pairs):,} pairs of products")
    clocked("valued every customer", value_everybody)
    terms = figures.Terms(promises.opening(zone="Europe/Warsaw", country="PL"), promises.targets())
    documents = clocked("computed every figure", lambda: figures.computed(terms=terms, now=NOW))
    clocked("kept the figures", lambda: (figures.keep(documents, now=NOW), db.session.commit()))
    sizes = {family: len(json.dumps(document)) for (family, _), document in documents.items()}
    print(f"  documents of {sum(sizes.values()):,} characters")


def value_everybody() -> None:
    from crm360.commerce import valuing
    from crm360.kernel.db import db

    while valuing.work_off(now=NOW):
        db.session.commit()


def hire() -> None:
    from crm360.accounts import operations as accounts
    from crm360.kernel.db import db

    accounts.create_staff(
        email="bench@example.com", role="marketing", password="correct horse battery staple", name="B", now=NOW
    )
    db.session.commit()


def answering(app: Any) -> None:
    visitor = app.test_client()
    form = visitor.get("/sign-in").get_data(as_text=True)
    token = form.partition('name="csrf_token" value="')[2].partition('"')[0]
    said = {"csrf_token": token, "email": "bench@example.com", "password": "correct horse battery staple"}
    visitor.post("/sign-in", data=said)
    for page in PAGES:
        spent = []
        for _ in range(VISITS):
            started = time.perf_counter()
            answer = visitor.get(page)
            spent.append((time.perf_counter() - started) * 1000)
            if answer.status_code != 200:
                raise SystemExit(f"{page} answered {answer.status_code}")
        spent.sort()
        print(
            f"{page:50} median {spent[VISITS // 2]:7.1f} ms   p95 {spent[int(VISITS * 0.95)]:7.1f} ms   first and worst {spent[-1]:7.1f} ms"
        )


def clocked(what: str, work: Callable[[], Any]) -> Any:
    started = time.perf_counter()
    found = work()
    print(f"{what:40} {time.perf_counter() - started:7.1f} s", flush=True)
    return found


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CUSTOMERS)

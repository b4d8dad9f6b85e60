"""How long pages take over HTTP, with many customers: search, the 360 page, desk homes and lists, on SQLite with two workers.

python -m bench.pages [CONTACTS] [EVENTS] (100,000 and 2,000,000 by default) builds the shop in a temporary folder, starts
the real server, asks each page as a signed-in colleague and prints p50, p95, the promise, and beside them the limit: the time
of the processor that the same question costs as queries alone. Exit code 1 when a promise is broken.
"""

from __future__ import annotations

import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

from flask import Flask

from bench import search as people
from crm360.accounts import operations as accounts
from crm360.app import create_app
from crm360.identity import queries as identity
from crm360.kernel import dialects
from crm360.kernel.db import db
from crm360.lists import asking, reading
from crm360.lists.conditions import Reader
from crm360.profiles import overview, search, timeline
from crm360.sales import queries as sales
from crm360.upkeep import runs
from tests import processes

ASKED = 120
BATCH = 20_000
WHO, PASSWORD = "rep@example.com", "correct horse battery staple"
LISTS = ("sort=name", "sort=-new", "sort=-last&owner=none", "bought=never&owner=none")
KINDS = ("page.viewed", "page.viewed", "page.viewed", "cart.added", "order.placed", "email.opened", "message.in")


def main(contacts: int, events: int) -> int:
    random.seed(8)
    with tempfile.TemporaryDirectory() as folder:
        instance = processes.Instance(
            Path(folder),
            f"sqlite:///{folder}/pages.sqlite3",
            extra={"WEB_WORKERS": "2", "SIGN_IN_LIMIT": "1000 per minute"},
        ).migrate()
        app = create_app(instance.settings())
        with app.app_context():
            typed = furnish(contacts, events)
            db.session.remove()
        with processes.running(instance) as server, closing(build_opener(HTTPCookieProcessor())) as client:
            client.addheaders = [("Accept-Language", "en")]
            get = getter(client, server.url)
            sign_in(get)
            rest(instance)
            missed = [name for name, *question in questions(contacts, typed) if not report(app, get, name, *question)]
    return int(bool(missed))


def furnish(contacts: int, events: int) -> list[str]:
    """A colleague, customers and their events; names as somebody types them."""
    started = time.perf_counter()
    accounts.create_staff(email=WHO, role="admin", password=PASSWORD, name="Ewa", now=people.NOW)
    found = people.build(contacts)
    for start in range(0, events, BATCH):
        people._insert("profiles_timeline_entry", [event(contacts) for _ in range(min(BATCH, events - start))])
        db.session.commit()
    print(f"{contacts:,} customers, {events:,} events in {time.perf_counter() - started:.0f} s", flush=True)
    return [f"{given} {family[:5]}" for given, family, _ in random.sample(found, ASKED)]


def event(contacts: int) -> dict[str, Any]:
    at = people.NOW - timedelta(minutes=random.randrange(900_000))
    return {
        "contact_id": random.randrange(contacts) + 1, "kind": random.choice(KINDS), "occurred_at": at, "recorded_at": at,
        "title": "Wool blanket, moss", "properties": {},
    }  # fmt: skip


def rest(instance: processes.Instance) -> None:
    """Wait for the worker's first figures of everybody, a matter of once in half an hour: pages are timed between them."""
    started = time.perf_counter()
    processes.wait_until(
        lambda: (run := runs.find(instance.folder, "compute figures")) and run.worked_at, seconds=900, what="figures"
    )
    print(f"the worker's first figures took {time.perf_counter() - started:.0f} s", flush=True)


Getter = Callable[..., str]


def getter(client: OpenerDirector, url: str) -> Getter:
    """Asks for a page, or posts a form; an answer that is no success raises."""

    def get(address: str, form: dict[str, str] | None = None) -> str:
        body = urlencode(form).encode() if form else None
        with client.open(url + address, body, timeout=60) as answer:
            return str(answer.read().decode())

    return get


def sign_in(get: Getter) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', get("/sign-in"))
    assert token
    get("/sign-in", {"csrf_token": token[1], "email": WHO, "password": PASSWORD})


Question = tuple[str, float, Sequence[str], Callable[[int], Any]]


def questions(contacts: int, typed: Sequence[str]) -> list[Question]:
    """(name, milliseconds promised, addresses, the queries of the n-th alone)."""
    ids = [random.randrange(contacts) + 1 for _ in range(ASKED)]

    def customer(place: int) -> None:
        identity.contacts_of(ids[place])
        timeline.page(profile_id=ids[place], limit=50)
        overview.overview(ids[place])

    return [
        ("search as one types", 30, [f"/customers/suggestions?q={quote_plus(each)}" for each in typed], lambda n: search.find(query=typed[n], limit=8)),
        ("360 page", 60, [f"/customers/{each}" for each in ids], customer),
        ("home of sales", 200, ["/"] * 40, lambda _: sales.open_tasks(owner_id=1, limit=12)),
        ("home of marketing", 200, ["/insights"] * 40, lambda _: None),
        ("home of privacy", 200, ["/privacy"] * 40, lambda _: None),
        ("customers, searched", 100, [f"/customers?q={quote_plus(each)}" for each in typed[:60]], lambda n: search.find(query=typed[n], limit=50)),
        ("customers, listed", 100, [f"/customers?{each}" for each in LISTS] * 10, lambda n: listed(LISTS[n % len(LISTS)])),
        ("tasks", 100, ["/tasks"] * 40, lambda _: sales.open_tasks(owner_id=1)),
        ("deals", 100, ["/deals"] * 40, lambda _: None),
        ("segments", 100, ["/segments"] * 40, lambda _: None),
        ("sources", 100, ["/admin/sources"] * 40, lambda _: None),
        ("duplicates", 100, ["/duplicates"] * 40, lambda _: identity.open_reviews(limit=100)),
    ]  # fmt: skip


def listed(address: str) -> None:
    """A page of a list, as its address asks for it."""
    asked = asking.read(parse_qsl(address))
    reading.page(asked, reader=Reader(1, False), now=people.NOW)


def report(
    app: Flask, get: Getter, name: str, most: float, addresses: Sequence[str], alone: Callable[[int], Any]
) -> bool:
    """Ask every address; print a line; whether the promise was kept."""
    spent = sorted(timed(lambda each=each: get(each)) for each in addresses)  # type: ignore[misc]
    with app.app_context(), dialects.reading():
        limit = sorted(timed(lambda place=place: alone(place), time.thread_time) for place in range(len(addresses)))  # type: ignore[misc]
        db.session.rollback()
    p50, p95 = (spent[int(len(spent) * share)] for share in (0.5, 0.95))
    beside = limit[int(len(limit) * 0.95)]
    print(f"{name:22} p50 {p50:7.1f}  p95 {p95:7.1f} ms  promised {most:5.0f}  queries alone, CPU p95 {beside:6.1f}  {'kept' if p95 <= most else 'MISSED'}", flush=True)  # fmt: skip
    return p95 <= most


def timed(asked: Callable[[], Any], now: Callable[[], float] = time.perf_counter) -> float:
    """Milliseconds it takes by the clock `now`."""
    started = now()
    asked()
    return (now() - started) * 1000


if __name__ == "__main__":
    sys.exit(main(*(int(each) for each in sys.argv[1:3]) if len(sys.argv) > 2 else (100_000, 2_000_000)))

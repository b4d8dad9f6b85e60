"""Seven behavioural rules over many events: `python bench/segments.py [PROFILES [EVENTS]]` (100,000 and 2,000,000).

A seeded base is written in bulk; each rule is counted by the compiler, cold once and then warm (the best of five), and by SQL
written by hand; the counts must be equal. Set `POSTGRESQL_URL` (an empty database) for the same there; a base of a tenth is
measured beside it. The rules are those of docs/performance.md, "segments".
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import func, select, text

import config
from crm360.app import create_app
from crm360.commerce.models import CustomerValue, Line, Order
from crm360.consents.models import Statement
from crm360.identity.models import Contact, ContactIdentifier, Profile
from crm360.kernel import bulk, schema
from crm360.kernel.db import db, table_of
from crm360.profiles.models import GoldenRecord, TimelineEntry
from crm360.segments import compiler, parsing, permitted, queries

SEED, NOW = 7, datetime(2026, 3, 2, 12, tzinfo=UTC)
#: kind → share of the events; purchases have rows of their own as well.
KINDS = (("page.viewed", 70), ("cart.viewed", 10), ("cart.added", 10), ("email.opened", 5), ("order.placed", 5))
BATCH = 20_000


def last(days: int) -> dict[str, Any]:
    return {"kind": "last", "span": {"n": days}}


def category(number: int) -> dict[str, Any]:
    return {"event": "order", "where": [{"name": "category", "op": "is", "value": f"c{number}"}]}


RULES: dict[str, list[dict[str, Any]]] = {
    "S1 bought c5 twice in 90 d": [{"if": "did", "what": category(5), "op": "at_least", "n": 2, "when": last(90)}],
    "S2 cart in 7 d, not bought since": [
        {"if": "without", "what": {"event": "cart.added"}, "other": {"event": "order"}, "when": last(7)}
    ],
    "S3 last order over 180 d ago": [
        {"if": "extreme", "which": "latest", "what": {"event": "order"}, "when": {"kind": "ago", "span": {"n": 180}}}
    ],
    "S4 c5 in 365 d, DE, may e-mail": [
        {"if": "did", "what": category(5), "op": "at_least", "n": 1, "when": last(365)},
        {"if": "field", "field": "country", "op": "is", "value": "DE"},
        {"if": "consent", "purpose": "offers", "channel": "email", "op": "may"},
    ],
    "S5 10 page views in 30 d": [
        {"if": "did", "what": {"event": "page.viewed"}, "op": "at_least", "n": 10, "when": last(30)}
    ],
    "S6 spent over 500, seen in 30 d": [
        {"if": "value", "field": "spend", "op": "more_than", "value": 500},
        {"if": "did", "what": {"event": "page.viewed"}, "op": "at_least", "n": 1, "when": last(30)},
    ],
    "S7 cart in 90 d, no order within 7": [
        {
            "if": "without",
            "what": {"event": "cart.added"},
            "other": {"event": "order"},
            "when": last(90),
            "within": {"n": 7},
        }
    ],
}
_BOUGHT = "o.kind = 'sale' AND o.status NOT IN ('cancelled', 'announced') AND o.placed_at <= :now"
_OF = "JOIN identity_contact c ON c.id = {0}.contact_id"
BY_HAND = {
    "S1": f"""SELECT count(*) FROM (SELECT c.profile_id FROM commerce_order o {_OF.format("o")} WHERE {_BOUGHT} AND o.placed_at > :d90
        AND EXISTS (SELECT 1 FROM commerce_order_line l WHERE l.order_id = o.id AND lower(l.category) = 'c5')
        GROUP BY c.profile_id HAVING count(*) >= 2) AS found""",
    "S2": f"""SELECT count(DISTINCT c.profile_id) FROM profiles_timeline_entry e {_OF.format("e")} WHERE e.kind = 'cart.added'
        AND e.occurred_at > :d7 AND e.occurred_at <= :now AND NOT EXISTS (SELECT 1 FROM identity_contact c2
        JOIN commerce_order o ON o.contact_id = c2.id WHERE c2.profile_id = c.profile_id AND {_BOUGHT.replace("o.kind =", "o.kind || '' =")} AND o.placed_at > e.occurred_at)""",
    "S3": f"""SELECT count(*) FROM (SELECT c.profile_id FROM commerce_order o {_OF.format("o")} WHERE {_BOUGHT}
        GROUP BY c.profile_id HAVING max(o.placed_at) <= :d180) AS found""",
    "S4": f"""SELECT count(*) FROM profiles_golden_record g WHERE g.country = 'DE' AND g.profile_id IN (SELECT c.profile_id FROM
        commerce_order o {_OF.format("o")} JOIN commerce_order_line l ON l.order_id = o.id WHERE {_BOUGHT} AND o.placed_at > :d365 AND l.category = 'c5')
        AND g.profile_id IN (SELECT c.profile_id FROM identity_identifier i {_OF.format("i")} JOIN consents_statement s ON s.identifier_kind = 'email'
        AND s.identifier_normal = i.normal WHERE i.kind = 'email' AND s.purpose = 'offers' AND s.channel = 'email' AND s.state = 'given')""",
    "S5": f"""SELECT count(*) FROM (SELECT c.profile_id FROM profiles_timeline_entry e {_OF.format("e")} WHERE e.kind = 'page.viewed'
        AND e.occurred_at > :d30 AND e.occurred_at <= :now GROUP BY c.profile_id HAVING count(*) >= 10) AS found""",
    "S6": f"""SELECT count(*) FROM commerce_value v WHERE v.spend_minor > 50000 AND v.profile_id IN (SELECT c.profile_id FROM
        profiles_timeline_entry e {_OF.format("e")} WHERE e.kind = 'page.viewed' AND e.occurred_at > :d30 AND e.occurred_at <= :now)""",
    "S7": f"""SELECT count(DISTINCT c.profile_id) FROM profiles_timeline_entry e {_OF.format("e")} WHERE e.kind = 'cart.added'
        AND e.occurred_at > :d90 AND e.occurred_at <= :d7 AND NOT EXISTS (SELECT 1 FROM identity_contact c2
        JOIN commerce_order o ON o.contact_id = c2.id WHERE c2.profile_id = c.profile_id AND {_BOUGHT.replace("o.kind =", "o.kind || '' =")} AND o.placed_at > e.occurred_at
        AND o.placed_at <= LATER)""",
}  # fmt: skip
COUNTRY = {
    "sqlite": "json_extract(g.fields, '$.country.value')",
    "postgresql": "(g.fields -> 'country' ->> 'value')",
}
LATER = {
    "sqlite": "(strftime('%Y-%m-%d %H:%M:%S', e.occurred_at, '+7 days') || substr(e.occurred_at, 20))",
    "postgresql": "(e.occurred_at + interval '7 days')",
}


def main(profiles: int = 100_000, events: int = 2_000_000) -> None:
    measured: dict[str, dict[str, tuple[int, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        measured[f"SQLite, {profiles // 10:,}"] = on({"INSTANCE_DIR": f"{folder}/tenth"}, profiles // 10, events // 10)
        measured[f"SQLite, {profiles:,}"] = on({"INSTANCE_DIR": f"{folder}/whole"}, profiles, events)
        if url := os.environ.get("POSTGRESQL_URL"):
            measured[f"PostgreSQL, {profiles:,}"] = on(
                {"INSTANCE_DIR": f"{folder}/pg", "DATABASE_URL": url}, profiles, events
            )
    print(f"\n{'milliseconds, warm':36}" + "".join(f"{name:>22}" for name in measured))
    for rule in RULES:
        print(f"{rule:36}" + "".join(f"{figures[rule][1]:>22,.1f}" for figures in measured.values()))


def on(settings: dict[str, str], profiles: int, events: int) -> dict[str, tuple[int, float]]:
    """Write a base and measure every rule on it."""
    app = create_app(config.load({"SECRET_KEY": "x" * 40, **settings}))
    with app.app_context():
        schema.upgrade(db.engine)
        begun = time.perf_counter()
        fill(profiles, events)
        if db.engine.dialect.name == "postgresql":
            db.session.execute(text("ANALYZE"))
        db.session.commit()
        filled = time.perf_counter()
        permitted.watch([("offers", "email")], now=NOW)
        db.session.commit()
        watched = time.perf_counter()
        print(
            f"\n{db.engine.dialect.name}: {profiles:,} profiles, {events:,} events; written in {filled - begun:,.0f} s, permissions asked in {watched - filled:,.0f} s"
        )
        print(f"{'rule':36}{'customers':>12}{'cold ms':>12}{'warm ms':>12}{'cpu ms':>12}{'by hand ms':>12}", flush=True)
        found = {name: measure(name, parts) for name, parts in RULES.items()}
        db.session.remove()
        db.engine.dispose()
    return found


def measure(name: str, parts: list[dict[str, Any]]) -> tuple[int, float]:
    rule = parsing.parse({"match": {"group": "all", "of": parts}})

    def count() -> int:
        query = compiler.customers(rule, queries.setting(NOW), marketing=True)
        return int(db.session.scalar(select(func.count()).select_from(query.subquery())) or 0)

    first, cold = timed(count)
    warm = min(timed(count)[1] for _ in range(5))
    used = min(timed(count, time.process_time)[1] for _ in range(3))
    dialect = db.engine.dialect.name
    written = BY_HAND[name[:2]].replace("LATER", LATER[dialect]).replace("g.country", COUNTRY[dialect])
    moments = {f"d{days}": kept(NOW - timedelta(days=days)) for days in (7, 30, 90, 180, 365)} | {"now": kept(NOW)}
    by_hand = lambda: int(db.session.scalar(text(written), moments) or 0)  # noqa: E731
    expected = by_hand()
    hand = min(timed(by_hand)[1] for _ in range(2))
    print(f"{name:36}{first:>12,}{cold:>12,.1f}{warm:>12,.1f}{used:>12,.1f}{hand:>12,.1f}", flush=True)
    if first != expected:
        sys.exit(f"{name}: the compiler counts {first:,}, SQL by hand {expected:,}")
    return first, warm


def kept(at: datetime) -> Any:
    """A moment as the database holds it."""
    return at.strftime("%Y-%m-%d %H:%M:%S.%f") if db.engine.dialect.name == "sqlite" else at


def timed(work: Any, clock: Any = time.perf_counter) -> tuple[Any, float]:
    """What came of it, and milliseconds by the clock: of the wall, or of this process's processor."""
    begun = clock()
    found = work()
    return found, (clock() - begun) * 1000


def fill(profiles: int, events: int) -> None:
    """Write customers, a quarter of them with two records, and a year of events."""
    random = Random(SEED)
    write(Profile, ({"id": number, "created_at": NOW} for number in range(1, profiles + 1)))
    contacts = profiles + profiles // 4
    write(Contact, (contact(number, profiles) for number in range(1, contacts + 1)))
    write(GoldenRecord, (golden(number, random) for number in range(1, profiles + 1)))
    write(ContactIdentifier, (identifier(number) for number in range(1, profiles + 1) if number % 5))
    write(Statement, (statement(number, random) for number in range(1, profiles + 1) if number % 5))
    spent: dict[int, int] = {}
    write_events(contacts, profiles, events, random, spent)
    write(CustomerValue, (value(number, minor) for number, minor in sorted(spent.items())))


def write(model: Any, rows: Iterator[dict[str, Any]]) -> None:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            bulk.insert_rows(db.session, table_of(model), batch)
            batch = []
    bulk.insert_rows(db.session, table_of(model), batch)
    db.session.commit()


def contact(number: int, profiles: int) -> dict[str, Any]:
    seen = {"first_seen_at": NOW, "last_seen_at": NOW, "created_at": NOW, "anonymous": False}
    profile = number if number <= profiles else (number - profiles) * 4
    fields = {"city": {"value": "Kraków", "at": NOW.isoformat()}, "full_name": {"value": f"Anna Kowalska {number}"}}
    return {
        "id": number,
        "source": "shop",
        "external_id": str(number),
        "profile_id": profile,
        "fields": fields,
        "compared": fields,
        **seen,
    }


def golden(number: int, random: Random) -> dict[str, Any]:
    said = {
        "country": random.choice(("PL", "PL", "PL", "DE", "FR")),
        "city": "Kraków",
        "given_name": "Anna",
        "family_name": f"K{number}",
    }
    fields = {
        name: {
            "value": text,
            "source": "shop",
            "contact_id": number,
            "at": NOW.isoformat(),
            "rule": "newest",
            "others": [],
        }
        for name, text in said.items()
    }
    return {
        "profile_id": number,
        "display_name": f"Anna K{number}",
        "city": "Kraków",
        "fields": fields,
        "refreshed_at": NOW,
    }


def identifier(number: int) -> dict[str, Any]:
    address = f"a{number}@example.com"
    return {
        "id": number,
        "contact_id": number,
        "kind": "email",
        "value": address,
        "normal": address,
        "verified": False,
        "first_seen_at": NOW - timedelta(days=400),
        "last_seen_at": NOW,
    }


def statement(number: int, random: Random) -> dict[str, Any]:
    address, at = f"a{number}@example.com", NOW - timedelta(days=random.randrange(1, 300))
    return {
        "contact_id": number, "identifier_kind": "email", "identifier_value": address, "identifier_normal": address,
        "purpose": "offers", "channel": "email", "state": random.choice(("given", "given", "withdrawn")), "occurred_at": at,
        "recorded_at": at, "source": "shop", "statement_id": str(number), "evidence_grade": "A",
    }  # fmt: skip


def value(number: int, minor: int) -> dict[str, Any]:
    return {"profile_id": number, "as_of": NOW, "refreshed_at": NOW, "currency": "PLN", "spend_minor": minor}


def write_events(contacts: int, profiles: int, events: int, random: Random, spent: dict[int, int]) -> None:
    """In the order of time, as they would have come; few customers do much."""
    kinds, weights = zip(*KINDS, strict=True)
    entries: list[dict[str, Any]] = []
    orders: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for number in range(events):
        at = NOW - timedelta(days=365) + timedelta(days=365) * number / events
        who, (kind,) = 1 + int(contacts * random.random() ** 2), random.choices(kinds, weights)
        entries.append(
            {
                "contact_id": who,
                "kind": kind,
                "occurred_at": at,
                "recorded_at": at,
                "title": "",
                "properties": {"category": f"c{random.randrange(8)}"},
                "subject": None,
                "payload_id": None,
            }
        )
        if kind == "order.placed":
            total = random.randrange(1_000, 20_000)
            whose = who if who <= profiles else (who - profiles) * 4
            spent[whose] = spent.get(whose, 0) + total
            orders.append(order(number, who, at, total))
            lines += [{"order_id": number, "line_no": line, "category": f"c{random.randrange(8)}"} for line in range(2)]
        if len(entries) == BATCH or number == events - 1:
            for model, rows in ((TimelineEntry, entries), (Order, orders), (Line, lines)):
                bulk.insert_rows(db.session, table_of(model), rows)
                rows.clear()
            db.session.commit()


def order(number: int, who: int, at: datetime, total: int) -> dict[str, Any]:
    return {
        "id": number, "contact_id": who, "source": "shop", "external_id": str(number), "number": str(number), "kind": "sale",
        "status": "paid", "stated_status": "paid", "placed_at": at, "version_at": at, "currency": "PLN", "total_minor": total,
    }  # fmt: skip


if __name__ == "__main__":
    main(*(int(each.replace("_", "")) for each in sys.argv[1:]))

"""What was one customer's consent on a date, and the whole base's, among 100,000 profiles.

python -m bench.consent_date [PROFILES] builds that many in a temporary SQLite file: every profile has an e-mail and a
phone, two in three said something, one in three several times over two years; one in ten was joined with another once.
Prints p50, p95 and p99 in milliseconds, known then and known now, and the seconds of the report over everybody.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import insert

import crm360.models
from crm360.consents import as_of
from crm360.kernel import dialects
from crm360.kernel.db import db

NOW = datetime(2026, 3, 1, tzinfo=UTC)
BATCH, ASKED = 5_000, 1_000
STATES, GRADES = ("given", "given", "given", "withdrawn", "pending_confirmation", "refused"), "AABCD"
CELLS = (("email", "marketing", "email"), ("email", "newsletter", "email"), ("phone", "marketing", "sms"))


def main(profiles: int) -> None:
    random.seed(5)
    with tempfile.TemporaryDirectory() as folder, _app(Path(folder)).app_context():
        started = time.perf_counter()
        said = build(profiles)
        db.session.execute(db.text("ANALYZE"))
        db.session.commit()
        print(f"{profiles:,} profiles, {said:,} statements in {time.perf_counter() - started:.0f} s")
        for name, known in (("known then", None), ("known now", NOW)):
            times = sorted(_timed(random.randrange(1, profiles + 1), known) for _ in range(ASKED))
            at = [times[int(len(times) * share)] for share in (0.5, 0.95, 0.99)]
            print(f"one customer, {name}: p50 {at[0]:.1f}, p95 {at[1]:.1f}, p99 {at[2]:.1f} ms")
        started = time.perf_counter()
        report = as_of.base(at=NOW - timedelta(days=200), known=NOW)
        permitted = sum(report.permitted.values())
        print(
            f"everybody: {report.profiles:,} profiles, {permitted:,} permissions, {time.perf_counter() - started:.1f} s"
        )


def _timed(profile_id: int, known: datetime | None) -> float:
    at = NOW - timedelta(days=random.randrange(1, 500))
    started = time.perf_counter()
    as_of.person(profile_id, at=at, known=known or at)
    took = (time.perf_counter() - started) * 1000
    db.session.rollback()
    return took


def _app(folder: Path) -> Flask:
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{folder / 'consents.sqlite3'}"
    db.init_app(app)
    with app.app_context():
        dialects.prepare_engine(db.engine)
        crm360.models.Base.metadata.create_all(db.engine)
    return app


def build(profiles: int) -> int:
    said = 0
    for start in range(1, profiles + 1, BATCH):
        ids = range(start, min(start + BATCH, profiles + 1))
        born = {i: NOW - timedelta(days=random.randrange(500, 800)) for i in ids}
        _insert("identity_profile", [{"id": i, "created_at": born[i]} for i in ids])
        _insert("identity_contact", [_contact(i, born[i]) for i in ids])
        _insert("identity_identifier", [row for i in ids for row in _identifiers(i, born[i])])
        _insert("identity_lineage", list(_moves(ids)))
        rows = [row for i in ids for row in _statements(i)]
        _insert("consents_statement", rows)
        said += len(rows)
        db.session.commit()
    return said


def _insert(table: str, rows: list[dict[str, Any]]) -> None:
    db.session.execute(insert(crm360.models.Base.metadata.tables[table]), rows)


def _joined(number: int) -> bool:
    return number % 10 == 0


def _contact(number: int, born: datetime) -> dict[str, Any]:
    place = number - 1 if _joined(number) else number
    times = {"first_seen_at": born, "last_seen_at": born, "created_at": born}
    return {
        "id": number, "source": "shop", "external_id": str(number), "profile_id": place, "home_profile_id": number,
    } | times  # fmt: skip


def _moves(ids: range) -> Iterator[dict[str, Any]]:
    for number in ids:
        if _joined(number):
            at = NOW - timedelta(days=random.randrange(1, 400))
            move = {"from_profile_id": number, "to_profile_id": number - 1, "cause": "evidence", "decision_id": None}
            yield {"contact_id": number, "at": at, **move}


def _identifiers(number: int, born: datetime) -> list[dict[str, Any]]:
    times = {"first_seen_at": born, "last_seen_at": born, "verified": False}
    email, phone = f"person{number}@example.com", f"+48{500_000_000 + number}"
    return [
        {"contact_id": number, "kind": kind, "value": value, "normal": value, **times}
        for kind, value in (("email", email), ("phone", phone))
    ]


def _statements(number: int) -> Iterator[dict[str, Any]]:
    for turn in range(random.choice((0, 1, 6))):
        kind, purpose, channel = random.choice(CELLS)
        normal = f"person{number}@example.com" if kind == "email" else f"+48{500_000_000 + number}"
        at = NOW - timedelta(minutes=random.randrange(700_000))
        yield {
            "contact_id": number, "identifier_kind": kind, "identifier_value": normal, "identifier_normal": normal,
            "purpose": purpose, "channel": channel, "state": random.choice(STATES), "occurred_at": at,
            "recorded_at": at + timedelta(hours=random.choice((0, 0, 48))), "source": "shop",
            "statement_id": f"{number}:{turn}", "evidence_grade": random.choice(GRADES), "method": "form",
        }  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)

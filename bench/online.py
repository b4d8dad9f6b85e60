"""Arriving contacts against a stored base: `python bench/online.py [STORED [ARRIVING]]` (100,000 and 5,000).

The base is written in bulk and resolved at once by the batch engine. Then batches of 100 arrive, each committed, then single
contacts. Prints contacts per second of wall and of processor time, the latency of single ones, and the partition's pairwise
precision and recall against the known truth. `DATABASE_URL` chooses the database (empty); a SQLite file by default. `BASE`
names a folder the base is kept in: it is written once, and every further run goes on with contacts that did not arrive yet.
"""

from __future__ import annotations

import gc
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path

import config
from bench.retail.contacts import Contact as Told
from bench.retail.contacts import contacts
from crm360.app import create_app
from crm360.facts import ContactRef, ContactSeen, Identifier
from crm360.identity import loading, operations, recomputing
from crm360.identity.models import Contact
from crm360.kernel import collecting, schema
from crm360.kernel.batches import chunked
from crm360.kernel.db import db

SEED, NOW, SINGLES = 11, datetime(2026, 3, 2, tzinfo=UTC), 500
#: Contacts generated beyond the base, for this run and further ones on the same base.
BEYOND = 30_000
FIELDS = ("given_name", "family_name", "birth_date", "street", "house_number", "city", "postcode")


def main(stored: int = 100_000, arriving: int = 5_000) -> None:
    with kept_or_not() as folder:
        app = create_app(config.load({"INSTANCE_DIR": folder, "SECRET_KEY": "x" * 40, **given()}))
        with app.app_context():
            schema.upgrade(db.engine)
            told = iter(contacts(stored + max(BEYOND, arriving + SINGLES), seed=SEED))
            there = db.session.scalar(db.select(db.func.count()).select_from(Contact))
            if not there:
                load(islice(told, stored), stored)
            consume(told, there)
            gc.collect()
            collecting.seldom()  # as the worker does
            measure("arriving, batches of 100", list(islice(told, arriving)), 100)
            latencies = sorted(single(one) for one in islice(told, SINGLES))
            print_latencies(latencies)
            print_accuracy()
            db.session.remove()
            db.engine.dispose()


def kept_or_not() -> AbstractContextManager[str]:
    """The folder of the base: the one the caller names, or one that goes with the run."""
    return nullcontext(os.environ["BASE"]) if "BASE" in os.environ else tempfile.TemporaryDirectory()


def consume(told: Iterator[Told], count: int) -> None:
    """Leave out contacts that arrived in an earlier run."""
    next(islice(told, count, count), None)


def given() -> dict[str, str]:
    """The database to use, when the caller names one (it must be empty)."""
    return {"DATABASE_URL": os.environ["DATABASE_URL"]} if "DATABASE_URL" in os.environ else {}


def load(told: Iterable[Told], count: int) -> None:
    """Write the base in bulk and resolve it at once; prints what each took."""
    wall = time.perf_counter()
    for batch in batched(told, 5_000):
        loading.load(planned=loading.plan(seen=[seen(one) for one in batch]), now=NOW)
        db.session.commit()
        db.session.expunge_all()
    written = time.perf_counter()
    print(f"{'base written':28} {count:>9,} contacts  {count / (written - wall):>8,.0f}/s wall", flush=True)
    marks: list[tuple[str, float]] = []
    recomputing.recompute(now=NOW, progress=lambda step: marks.append((step, time.perf_counter())))
    db.session.commit()
    done = time.perf_counter()
    print(f"{'base resolved':28} {count:>9,} contacts  {count / (done - written):>8,.0f}/s wall", flush=True)
    for (step, at), (_, then) in pairwise([*marks, ("", done)]):
        print(f"  {step:26} {then - at:>7.1f} s")
    print(f"{'largest memory':28} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:>9,.0f} MB", flush=True)


def batched(told: Iterable[Told], size: int) -> Iterator[list[Told]]:
    """Lists of `size`, without holding all."""
    rest = iter(told)
    while batch := list(islice(rest, size)):
        yield batch


def measure(title: str, told: Sequence[Told], size: int) -> None:
    """Receive in batches, each committed; prints the rates."""
    wall, cpu = time.perf_counter(), time.process_time()
    for batch in chunked(told, size):
        receive(batch)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(
        f"{title:28} {len(told):>9,} contacts  {len(told) / wall:>8,.0f}/s wall  {len(told) / cpu:>8,.0f}/s cpu",
        flush=True,
    )


def single(one: Told) -> float:
    """Milliseconds for one contact, commit included."""
    started = time.perf_counter()
    receive([one])
    return (time.perf_counter() - started) * 1000


def receive(batch: Iterable[Told]) -> None:
    recorded = operations.record_contacts(seen=[seen(one) for one in batch], now=NOW)
    operations.resolve(contact_ids=recorded.changed, before=recorded.before, now=NOW)
    db.session.commit()
    db.session.expunge_all()


def seen(one: Told) -> ContactSeen:
    """A record as its channel's statement; the truth travels in the external id."""
    identifiers = [Identifier("email", one.email)] if one.email else []
    identifiers += [Identifier("phone", one.phone)] if one.phone else []
    return ContactSeen(
        ref=ContactRef(one.source, f"{one.person}:{one.record_id}"),
        occurred_at=NOW - timedelta(days=1),
        fields={name: value for name in FIELDS if (value := getattr(one, name))},
        identifiers=tuple(identifiers),
    )


def print_latencies(latencies: Sequence[float]) -> None:
    p50, p95, p99 = (latencies[int(len(latencies) * part)] for part in (0.5, 0.95, 0.99))
    print(f"{'one at a time':28} {len(latencies):>9,} contacts  p50 {p50:.1f} ms  p95 {p95:.1f} ms  p99 {p99:.1f} ms")


def print_accuracy() -> None:
    """Pairwise precision and recall of the stored partition."""
    rows = list(persons())
    together = pairs(Counter(profile for profile, _ in rows))
    right, truth = pairs(Counter(rows)), pairs(Counter(person for _, person in rows))
    precision, recall = right / max(together, 1), right / max(truth, 1)
    print(
        f"{'partition':28} precision {precision:.4f}  recall {recall:.4f}  F1 {2 * precision * recall / (precision + recall):.4f}"
    )


def persons() -> Iterator[tuple[int, str]]:
    for external_id, profile in db.session.execute(db.select(Contact.external_id, Contact.profile_id)):
        yield profile, external_id.partition(":")[0]


def pairs(sizes: Counter[object]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes.values())


if __name__ == "__main__":
    print(f"{Path(sys.argv[0]).name}: load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    main(*map(int, sys.argv[1:3]))

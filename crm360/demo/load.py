"""Loads the demo shop: colleagues, then every payload through its real door, the files by the importer, the inbox drained.

The statements of the story depend on its last day and on the number of people alone; only keys and secrets are made
anew for each database.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from flask import Flask

from crm360.commerce import operations as commerce
from crm360.commerce import queries as commerce_queries
from crm360.demo import asking, desk, importing, life, marketing, reviewing, sending, shop, staff
from crm360.identity import queries as identity
from crm360.inbox import queries as inbox
from crm360.jobs import draining
from crm360.kernel import clock, collecting, dialects
from crm360.kernel.db import db
from crm360.outreach import plan

PEOPLE = 2000
_DRAINED_AT_ONCE = 1000


class Reporter(Protocol):
    """Hears how far a stage has come; `total` 0 while nobody knows."""

    def __call__(self, stage: str, done: int, total: int) -> None: ...


class Summary(NamedTuple):
    """What is in the database afterwards, and the write key, which is never shown again."""

    counts: dict[str, int]
    write_key: str
    anchor: datetime


def load(app: Flask, *, anchor: datetime, people: int, report: Reporter) -> Summary:
    """Load `people` people's eighteen months up to `anchor` (UTC midnight); an interrupted load goes on.

    Commits as it goes. Raises shop.NotEmpty when the database holds anything else, or the whole demo.
    """
    now = clock.now()
    collecting.seldom()
    said = shop.plan(anchor=anchor, people=people)
    doors = shop.open_doors(said, now=now)
    staff.hire(now=now)
    db.session.commit()
    report("inventing", 0, 0)
    world = life.world(anchor=said.anchor, count=said.people)
    report("inventing", len(world.people), len(world.people))
    with dialects.hasty():
        _bring_in(app, world, doors, report)
    _finish(app, world, now)
    return Summary(counts(), doors.write_key, said.anchor)


def _bring_in(app: Flask, world: life.World, doors: shop.Doors, report: Reporter) -> None:
    outgoing = list(sending.requests(world, doors))
    sending.send(app, outgoing, counting("sending", sum(one.payloads for one in outgoing), report))
    _drain(report)
    report("importing", 0, 0)
    files = importing.prepare(world)
    importing.import_all(
        files, now=clock.now(), done=counting("importing", sum(file.documents for file in files), report)
    )


def counting(stage: str, total: int, report: Reporter) -> Callable[[int], None]:
    """A counter that reports a stage's progress as it is told of more."""
    so_far = 0

    def more(count: int) -> None:
        nonlocal so_far
        so_far += count
        report(stage, so_far, total)

    return more


def counts() -> dict[str, int]:
    """Contacts, profiles, orders and the rest, by name."""
    waiting = inbox.counts()
    found = {**identity.counts(), **commerce_queries.counts()}
    return {**found, "inbox_waiting": waiting.waiting, "quarantined": waiting.quarantined}


def _drain(report: Reporter) -> None:
    more = counting("processing", inbox.counts().waiting, report)
    db.session.rollback()
    while (progress := draining.process_batch(_DRAINED_AT_ONCE)) != (0, 0):
        more(progress.processed + progress.quarantined)


def _finish(app: Flask, world: life.World, now: datetime) -> None:
    rest = timedelta(hours=app.config["SETTINGS"].cart_abandoned_hours)
    commerce.abandon_carts(rest=rest, now=now)
    desk.write(world)
    asking.answer(anchor=world.anchor)
    reviewing.write(anchor=world.anchor)
    marketing.plan(anchor=world.anchor, house=plan.house(app.config["SETTINGS"]))
    shop.mark_loaded()
    db.session.commit()

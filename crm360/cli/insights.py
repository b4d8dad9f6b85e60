"""`flask insights`: values and figures computed now, or as of an earlier day."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click
from flask import current_app

from crm360.cli.door import Group, print_json, remark
from crm360.commerce import value_fits, valuing
from crm360.flows import toning
from crm360.insights import figures, promises
from crm360.kernel import clock
from crm360.kernel.db import db

group = Group("insights", help="Values of customers, and figures of how they are doing.")


@group.command("compute")
@click.option("--at", metavar="TIME", help="As of this moment (ISO, with its zone) instead of now.")
@click.option("--json", "as_json", is_flag=True, help="Print every figure.")
def compute(at: str | None, as_json: bool) -> None:
    """Learn from all purchases, value every customer anew, compute every figure: what the worker does by itself."""
    now = _moment(at)
    learned = value_fits.learn(now=now)
    value_fits.keep(learned)
    valuing.mark_missing()
    db.session.commit()
    valued = 0
    while done := valuing.work_off(now=now):
        db.session.commit()
        valued += done
    settings = current_app.config["SETTINGS"]
    opening = promises.opening(zone=settings.timezone, country=settings.phone_region)
    documents = figures.computed(terms=figures.Terms(opening, promises.targets()), now=now)
    figures.keep(documents, now=now)
    db.session.commit()
    remark(f"learned of {learned.fit.customers} customers, valued {valued}, computed {len(documents)} sets of figures")
    if as_json:
        print_json(_told(learned, documents))


@group.command("tones")
def tones() -> None:
    """Guess anew what customers' words sound like, in every message, answer and review; corrections of staff stay.

    Needed once after an update that brings other lexicons; new words are guessed as they come.
    """
    seen = changed = last = 0
    while (done := toning.rebuild(after=last)).seen:
        db.session.commit()
        seen, changed, last = seen + done.seen, changed + done.changed, done.last_id
    remark(f"{seen} lines read, {changed} sound otherwise than before")


def _told(learned: value_fits.Learned, documents: Any) -> dict[str, Any]:
    figures_told = {
        f"{family} {on:%Y-%m}" if family == "month" else family: each for (family, on), each in documents.items()
    }
    return {"fit": learned.fit.document(), **figures_told}


def _moment(text: str | None) -> datetime:
    if text is None:
        return clock.now()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text} is no time such as 2026-03-31T18:00:00+02:00.") from None
    if at.tzinfo is None:
        raise click.BadParameter("The time needs its zone, such as +02:00 or Z.")
    return at

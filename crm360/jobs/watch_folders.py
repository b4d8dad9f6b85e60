"""Watched folders: files that have stopped growing are imported once, then put away with what became of them.

What was taken stands in the same transaction as its effect, so a worker killed at any moment imports nothing twice:
the next one goes on, or only puts the file away.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from sqlalchemy.exc import DBAPIError
from structlog import get_logger

from crm360.flows import import_receipts, import_runs, imports, watched_folder
from crm360.flows.import_files import UnusableFile
from crm360.flows.left_out import ErrorFile
from crm360.flows.watched_folder import DONE, FAILED, Mark
from crm360.imports import queries as runs
from crm360.inbox import polls
from crm360.inbox import queries as inbox
from crm360.inbox.polls import Claim
from crm360.jobs import polling
from crm360.jobs.job import Limits
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.kernel.errors import DomainError
from crm360.sources import folder, json_fields
from crm360.sources.tabular_lines import BROKEN_OFF

LEASE = timedelta(minutes=5)
#: How an import of customers ends.
_ENDS = {"done": DONE, "failed": FAILED, "discarded": FAILED, "reverted": FAILED}

#: What reading says of a file that ends in its middle.
_DAMAGED = (EOFError, zlib.error, BadZipFile)

log = get_logger(__name__)


def run(*, limits: Limits, now: datetime) -> int:
    """Returns how many files were taken or put away. `now` is asked anew with every step."""
    total = 0
    while (mine := polls.claim(channels=[folder.CHANNEL], now=clock.now(), lease=LEASE)) is not None:
        db.session.commit()
        total += _visit(mine, limits)
    db.session.commit()
    return total


def something_waits() -> bool:
    """Whether a folder has its turn."""
    return polls.anything_due(channels=[folder.CHANNEL], now=clock.now())


def _visit(mine: Claim, limits: Limits) -> int:
    watch = Watch(mine, limits)
    reason = ""
    try:
        watch.go_through()
    except polls.ClaimLost:
        db.session.rollback()
        log.warning("folder taken over", source=mine.name)
        return watch.moved
    except (DomainError, OSError, DBAPIError) as error:
        db.session.rollback()
        reason = (
            error.message if isinstance(error, DomainError) else f"{type(error).__name__} while reading the folder."
        )
        log.warning("folder failed", source=mine.name, error=type(error).__name__)
    polling.end_turn(watch.mine, reason=reason, every=timedelta(seconds=folder.ABOUT.every_seconds))
    return watch.moved


class Watch:
    """One look into one folder. Cursor: {"seen": name → mark, "taken": name → {"mark", "run" | "outcome", "reason"}}."""

    def __init__(self, mine: Claim, limits: Limits):
        self.mine, self.limits, self.moved = mine, limits, 0
        self.folder = Path()
        self.seen: dict[str, Mark] = dict(json_fields.obj(mine.cursor.get("seen")))
        self.taken: dict[str, dict[str, Any]] = dict(json_fields.obj(mine.cursor.get("taken")))

    def go_through(self) -> None:
        """Put away what is finished, take what has settled, remember what is there."""
        self.folder = watched_folder.place(self.limits.import_root, str(self.mine.settings.get("path") or ""))
        there = watched_folder.look(self.folder, str(self.mine.settings.get("pattern") or "*"))
        self.taken = {name: taken for name, taken in self.taken.items() if there.get(name) == taken["mark"]}
        for name in list(self.taken):
            self._put_away(name)
        for name in watched_folder.settled(there, self.seen):
            if name not in self.taken and (self.folder / name).exists():
                self._take(name, there[name])
        self.seen = watched_folder.look(self.folder, str(self.mine.settings.get("pattern") or "*"))
        self._keep()

    def _take(self, name: str, mark: Mark) -> None:
        try:
            if self.mine.settings.get("kind") == "contacts":
                self.taken[name] = {"mark": mark, "run": self._begin(name)}
            else:
                fault = self._receipts(name)
                self.taken[name] = {"mark": mark, "outcome": FAILED if fault else DONE, "reason": fault}
        except UnusableFile as error:
            db.session.rollback()
            self.taken[name] = {"mark": mark, "outcome": FAILED, "reason": error.message}
        self._keep()
        self._put_away(name)

    def _begin(self, name: str) -> int:
        """Customers: an import of their own, which the worker carries on; the file waits until it is done."""
        now = clock.now()
        begun = import_runs.begin(
            self.folder / name, name=name, source=self.mine.name, folder=self.limits.instance_dir / import_runs.FOLDER,
            defaults=self._defaults(), by=f"folder {self.mine.name}", now=now,
        )  # fmt: skip
        if fault := import_runs.unusable(begun.mapping):
            raise UnusableFile(f"{name}: {fault}")
        import_runs.start(run_id=begun.id, now=now)
        return int(begun.id)

    def _receipts(self, name: str) -> str:
        """Receipts, here and now, a step at a time; each repeats nothing that an earlier try has done.

        Returns what is wrong with the file as a whole, or "": a broken one is told even though its beginning counts.
        """
        source, file = inbox.get_source(self.mine.name), self.folder / name
        digits = import_runs.known_card_digits(source.name)
        try:
            plan = imports.plan(file, kind="receipts", defaults=self._defaults(), card_digits=digits)
        except imports.UnusableFile as error:
            raise UnusableFile(error.message) from None
        import_runs.remember_card_digits(source=source.name, digits=plan.card_digits)
        left_out, broken = ErrorFile(file, plan.headers), False
        try:
            for step in import_receipts.receipts(plan=plan, source=source, now=clock.now()):
                self._keep()
                left_out.write(step.refused)
                broken = broken or any(problem.reason == BROKEN_OFF for problem in step.refused)
        except _DAMAGED as error:
            raise UnusableFile(f"{name}: damaged, or not copied whole ({type(error).__name__}).") from error
        return f"{name}: damaged, or not copied whole; what could be read of it was taken." if broken else ""

    def _put_away(self, name: str) -> None:
        taken, reason = self.taken[name], ""
        outcome, reason = taken.get("outcome", ""), taken.get("reason", "")
        if not outcome:
            imported = runs.get(int(taken["run"]))
            outcome, reason = _ENDS.get(imported.status, ""), imported.failure
            if outcome == DONE and (refused := imported.counts.get("refused")):
                reason = f"{refused} rows were left out; import {imported.id} says why."
        if outcome:
            watched_folder.put_away(self.folder / name, outcome, reason=reason)
            self.moved += 1
            del self.taken[name]

    def _keep(self) -> None:
        """Commit what was done together with the place; the folder stays this worker's."""
        cursor: Mapping[str, Any] = {"seen": self.seen, "taken": self.taken}
        _, self.mine = polls.keep_page(
            mine=self.mine, items=[], cursor=cursor, credentials={}, now=clock.now(), lease=LEASE
        )
        db.session.commit()

    def _defaults(self) -> dict[str, str]:
        names = ("currency", "region", "timezone")
        return {name: str(value) for name in names if (value := self.mine.settings.get(name))}

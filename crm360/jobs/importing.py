"""Imports carried on step by step, each a transaction of its own, and customers whose turn to be resolved has come."""

from __future__ import annotations

from pathlib import Path

from structlog import get_logger

from crm360.flows import catching_up
from crm360.flows.import_runs import FOLDER, Driver
from crm360.imports import queries
from crm360.kernel import clock, dialects
from crm360.kernel.db import db

log = get_logger(__name__)


class Importer:
    """What the worker has open: one import at a time, its file read once."""

    def __init__(self, instance_dir: Path) -> None:
        self.folder = instance_dir / FOLDER
        self._driver: Driver | None = None

    def some(self) -> bool:
        """One step of the oldest import, else some of those who wait; whether there was anything to do."""
        with dialects.reading():
            run_id = queries.next_active(now=clock.now())
            waits = run_id is None and catching_up.waits()
            db.session.rollback()
        if run_id is None and not waits:
            return False
        dialects.set_may_write(True)
        try:
            if run_id is None:
                catching_up.some(now=clock.now())
            else:
                self._step(run_id)
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise
        db.session.expunge_all()
        return True

    def _step(self, run_id: int) -> None:
        if self._driver is None or self._driver.run_id != run_id:
            self.close()
            self._driver = Driver(run_id, folder=self.folder)
        if not self._driver.advance(now=clock.now()):
            log.info("import rests", run_id=run_id)
            self.close()

    def close(self) -> None:
        """Let the file go."""
        if self._driver is not None:
            self._driver.close()
            self._driver = None

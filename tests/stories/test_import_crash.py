"""kill -9 of the worker in the middle of an import: the next one goes on where it stopped, every row once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select

from crm360.app import create_app
from crm360.cli import processes
from crm360.flows import import_runs
from crm360.imports.models import Run
from crm360.kernel.db import db
from tests.flows.importing import DEFAULTS
from tests.processes import Instance, Process, wait_until

pytestmark = [pytest.mark.server]
ROWS = 60_000


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_killed_import_goes_on(instance: Instance, tmp_path: Path) -> None:
    file = tmp_path / "many.csv"
    file.write_text("Customer ID,Email\n" + "".join(f"{n},p{n}@example.com\n" for n in range(ROWS)))
    app = create_app(instance.settings())
    with app.app_context():
        now = datetime.now(UTC)
        folder = instance.settings().instance_dir / import_runs.FOLDER
        run = import_runs.begin(file, name="many.csv", source="list", folder=folder, defaults=DEFAULTS, by="x", now=now)
        import_runs.start(run_id=run.id, now=now)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    worker = Process("worker", processes.worker_command(), instance).start()
    killed_at = wait_until(lambda: the_run(instance)["position"], what="the import's first step")
    worker.kill()
    assert killed_at < ROWS
    worker = Process("worker again", processes.worker_command(), instance).start()
    try:
        stored: Callable[[], Any] = lambda: the_run(instance)["status"] in ("resolving", "done")  # noqa: E731
        wait_until(stored, what="the rest of the import")
    finally:
        worker.kill()
    counts = the_run(instance)["counts"]
    assert {name: count for name, count in counts.items() if count} == {"created": ROWS}
    assert instance.json("stats")["contacts"] == ROWS


def the_run(instance: Instance) -> dict[str, Any]:
    engine = create_engine(instance.database_url)
    try:
        with engine.connect() as connection:
            found = connection.execute(select(Run.status, Run.position, Run.counts)).mappings().one()
            return dict(found)
    finally:
        engine.dispose()

"""kill -9 while a watched folder's file is imported, before a commit: everything in the end, nothing twice."""

from __future__ import annotations

import itertools
import os
import random
import sys
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from crm360.commerce.models import Line, Order
from crm360.inbox.models import Payload, Poll
from tests.processes import PATIENCE_SECONDS, Instance, Process, wait_until

pytestmark = [pytest.mark.server]

#: All receipts take at least so many commits. FOLDER_KILLS=20 kills it more often; every kill costs the start of a process.
DOCUMENTS, COMMITS, KILLS = 1500, 12, int(os.environ.get("FOLDER_KILLS", "1"))
LOOK = """
import sys, threading
from sqlalchemy import event
from sqlalchemy.orm import Session
from crm360.jobs import watch_folders
from crm360.kernel import clock, dialects
from wsgi import app
left = int(sys.argv[1])
def stop(session):  # everything of this step is written, nothing of it is kept yet
    global left
    left -= 1
    if left == 0:
        print("waiting", flush=True)
        threading.Event().wait()
event.listen(Session, "before_commit", stop)
with app.app_context():
    dialects.set_may_write(True)
    print("moved", watch_folders.run(limits=app.config["SETTINGS"], now=clock.now()), flush=True)
"""


_looks = itertools.count(1)


def make_due(instance: Instance) -> None:
    """As if the lease of whoever was killed had run out, and the folder's turn had come."""
    engine = instance.engine()
    past = datetime.now(UTC) - timedelta(hours=1)
    with engine.begin() as connection:
        connection.execute(update(Poll).values(due_at=past, claimed_until=None))
    engine.dispose()


def look(instance: Instance, *, kill_at: int = 0) -> bool:
    """One look in a process of its own, killed before its `kill_at`th commit; whether it came to its end."""
    process = Process(f"look {next(_looks)}", [sys.executable, "-c", LOOK, str(kill_at)], instance).start()
    if kill_at:
        wait_until(lambda: "waiting" in process.log.read_text() or not process.alive(), what="a commit")
        process.kill()
    assert process.popen is not None
    process.popen.wait(PATIENCE_SECONDS)
    return "moved" in process.log.read_text()


def counts(instance: Instance) -> list[int]:
    """How many receipts, lines and payloads there are."""
    engine = instance.engine()
    with engine.connect() as connection:
        found = [int(connection.scalar(select(func.count()).select_from(each)) or 0) for each in (Order, Line, Payload)]
    engine.dispose()
    return found


def test_a_worker_killed_outright_imports_nothing_twice(instance: Instance) -> None:
    folder = instance.folder / "watched" / "till"
    folder.mkdir(parents=True)
    told = ["--set", "path=till", "--set", "kind=receipts"]
    instance.flask("sources", "create", "--channel", "folder", "--name", "till", *told)
    rows = [f"P{n};02.03.2026;{name};12,50;{n % 50:010}" for n in range(DOCUMENTS) for name in ("Kawa", "Ciasto")]
    (folder / "noc.csv").write_text("receipt_no;date;name;unit_price;card_no\n" + "\n".join(rows) + "\n")
    look(instance)
    rng, killed = random.Random(7), 0
    for _ in range(KILLS):
        make_due(instance)
        killed += not look(instance, kill_at=rng.randrange(1, COMMITS))
    make_due(instance)
    look(instance)
    assert [path.name for path in (folder / "done").iterdir()] == ["noc.csv"]
    assert counts(instance) == [DOCUMENTS, 2 * DOCUMENTS, DOCUMENTS]
    print(f"killed {killed} times while it worked")
    assert killed > 0

"""A backup is made, life goes on, the backup is put back: on both databases, by the operator's own commands."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

import config
from crm360.accounts.models import AuditEntry
from crm360.consents.ledger import signer_of
from crm360.flows import by_staff
from crm360.flows.by_staff import Written
from crm360.kernel import dialects, schema
from crm360.kernel.db import db
from crm360.upkeep import folder, making
from crm360.upkeep.folder import Backup
from tests import databases
from tests.processes import Instance, wait_until
from tests.stories.test_restored import ANNA, NOW, PIOTR, erase_anna, house, known

pytestmark = [pytest.mark.server]
ZOE = "zoe@example.com"
#: Makes a backup and, once it is being packed, rests until it is killed.
STUCK = """
import sys, threading
from datetime import UTC, datetime
import config
from crm360.consents.ledger import signer_of
from crm360.upkeep import making
def tell(step):
    if step.name == "pack":
        print("packing", flush=True)
        threading.Event().wait()
making.create(place=config.load(), by="test", signer=signer_of("http://x", b"k" * 32), now=datetime.now(UTC), tell=tell)
"""


def meet(name: str, address: str) -> None:
    by_staff.create(written=Written(fields={"given_name": name}, email=address), by="Ola", now=NOW)


def backed_up(instance: Instance) -> Backup:
    settings = instance.settings()
    made, _ = making.create(
        place=settings, by="Ola", signer=signer_of(settings.public_url, settings.ledger_key), now=NOW
    )
    return made


def test_a_backup_is_proved_put_back_and_the_erased_stay_erased(instance: Instance) -> None:
    uploads = instance.folder / "imports"
    uploads.mkdir()
    (uploads / "list.csv").write_text("email\n")
    with house(instance):
        meet("Anna", ANNA)
        meet("Piotr", PIOTR)
        db.session.commit()
    name = operate(instance, "create")["name"]
    erase_anna(instance)
    with house(instance):
        meet("Zoe", ZOE)
        db.session.commit()
    (uploads / "list.csv").unlink()

    drill = operate(instance, "drill")
    assert drill["ok"], drill
    assert drill["proved"]["erased"].startswith("1 contact erased since erased again")
    assert [each.ok for each in folder.drills(instance.settings().backup_dir)] == [True]
    with house(instance):
        assert known() == {PIOTR, ZOE}, "a drill changes nothing"
        assert db.session.query(AuditEntry).filter_by(action="backup.drilled").count() == 1

    done = operate(instance, "restore", name, "--yes")
    assert (done["proved"]["erased_again"], done["files"]) == (1, 1)
    with house(instance):
        assert known() == {PIOTR}
    assert (uploads / "list.csv").read_text() == "email\n"
    try:
        with house(before(instance, done["kept"])):
            assert known() == {PIOTR, ZOE}, "the database before is kept aside"
        if instance.database_url.startswith("sqlite"):
            assert ANNA.encode() not in file_of(instance).read_bytes()
            assert sorted(path.name for path in instance.folder.glob("test.sqlite3.*-*")) == [Path(done["kept"]).name]
    finally:
        drop(instance, done["kept"])


def operate(instance: Instance, *arguments: str) -> Any:
    """What `flask backup … --json` prints. It runs in this process; the application it starts on the backup does not."""
    with pytest.MonkeyPatch.context() as patch, house(instance) as app:
        for name, value in instance.env.items():
            patch.setenv(name, value)
        done = app.test_cli_runner().invoke(args=["backup", *arguments, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def before(instance: Instance, kept: str) -> Instance:
    """The installation on the database kept aside."""
    at = f"sqlite:///{kept}" if instance.database_url.startswith("sqlite") else beside(instance, kept)
    return Instance(instance.folder, at, instance.extra, instance.port)


def beside(instance: Instance, name: str) -> str:
    return instance.database_url.rpartition("/")[0] + "/" + name


def file_of(instance: Instance) -> Path:
    return Path(instance.database_url.removeprefix("sqlite:///"))


def drop(instance: Instance, name: str) -> None:
    from crm360.upkeep.stores import open_store

    if not instance.database_url.startswith("sqlite"):
        open_store(instance.settings().database_url).discard(beside(instance, name))


def test_an_older_backup_is_brought_up_to_date(database: str, tmp_path: Path, worker_id: str) -> None:
    with databases.fresh(database, folder=tmp_path, label=worker_id) as url:
        instance = Instance(tmp_path, url)
        engine = create_engine(instance.settings().database_url)
        dialects.prepare_engine(engine)
        older = list(ScriptDirectory(str(schema.MIGRATIONS)).walk_revisions())[1].revision
        command.upgrade(schema.config_for(engine), older)
        engine.dispose()
        made = backed_up(instance)
        assert made.manifest is not None
        assert made.manifest.migration == older
        instance.migrate()
        assert operate(instance, "drill")["proved"]["migrated"] == f"from {older} to {schema.newest()}"


def test_a_backup_killed_half_way_is_none(instance: Instance) -> None:
    target = instance.settings().backup_dir
    process = subprocess.Popen(
        [sys.executable, "-c", STUCK], cwd=config.ROOT, env=instance.env, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "packing\n"
    assert [path.suffix for path in target.iterdir() if path.name != ".lock"] == [".part"]
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    wait_until(lambda: process.poll() is not None, what="it is gone")
    assert folder.all_backups(target) == []
    made = backed_up(instance)
    assert folder.all_backups(target) == [made]
    assert not list(target.glob("*.part")), "what it left is swept away by the next"

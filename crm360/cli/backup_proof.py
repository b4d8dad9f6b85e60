"""`flask backup prove`: what a restore and a drill do with the database they put back, before anybody is answered."""

from __future__ import annotations

from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from crm360.accounts import audit
from crm360.cli.door import leave, operator, print_json, remark, settled
from crm360.consents import ledger
from crm360.flows import burying, erasing, personal_map
from crm360.identity import queries as identity
from crm360.jobs.work_cases import places
from crm360.kernel import clock, dialects, schema, sweeping
from crm360.kernel.db import db
from crm360.privacy import tombstones


@click.command("prove")
@click.option(
    "--drill",
    is_flag=True,
    help="The database is thrown away: TOMBSTONE_FILE is read, not added to, and nothing is swept.",
)
@click.option("--json", "as_json", is_flag=True)
@with_appcontext
@settled
def prove(drill: bool, as_json: bool) -> None:
    """Migrate the database of DATABASE_URL, erase again who was erased since, verify the ledger; exit code 1 on a fault.

    `restore` and `drill` do this by themselves; run it after a restore by other means (pg_basebackup, a snapshot).
    """
    before = schema.current(db.engine)
    schema.upgrade(db.engine)
    found = {"from": before, "to": schema.current(db.engine)} | settle(drill=drill)
    if as_json:
        print_json(found)
    else:
        for what, finding in found.items():
            click.echo(f"{what:<14} {finding}")
        remark("The database is as it should be." if not found["faults"] else f"{len(found['faults'])} faults.")
    leave(1 if found["faults"] and not as_json else 0)


def settle(*, drill: bool) -> dict[str, Any]:
    """Erase again, commit, sweep; then what is found."""
    settings, now = current_app.config["SETTINGS"], clock.now()
    dialects.set_may_write(True)
    missing = tombstones.missing(settings.tombstone_file)
    count = erasing.erase_again(places=places(settings), now=now)
    if count:
        audit.record(actor=operator(), action="privacy.erased_again", details={"contacts": count}, now=now)
    db.session.commit()
    if count and not drill:
        sweeping.sweep(db.engine, list(personal_map.rows()))
    left = burying.still_here({mark.digest for mark in missing}) if missing else []
    known = tombstones.all_marks()
    if not drill:
        tombstones.write(settings.tombstone_file, known)
    faults = [
        f"ledger, statement {leaf}: {what}"
        for leaf, what in ledger.faults(verifier=ledger.signer_of(settings.public_url, settings.ledger_key).verifier)
    ]
    faults += [f"{len(left)} contacts of erased people are still there"] if left else []
    return {
        "erased_again": count, "tombstones": len(known), "ledger": ledger.size(), "profiles": identity.counts()["profiles"],
        "faults": faults,
    }  # fmt: skip

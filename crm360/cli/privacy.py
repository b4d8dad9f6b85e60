"""`flask privacy`: what an operator does for the privacy officers."""

from __future__ import annotations

import click
from flask import current_app

from crm360.accounts import audit
from crm360.cli.door import Group, operator, print_json, remark
from crm360.flows import erasing, personal_map
from crm360.jobs.work_cases import places
from crm360.kernel import clock, dialects, sweeping
from crm360.kernel.db import db

group = Group("privacy", help="The erased stay erased.")


@group.command("erase-again")
@click.option("--json", "as_json", is_flag=True, help="Print how many as JSON.")
def erase_again(as_json: bool) -> None:
    """After a restore, erase again who was erased since the backup was made; every start does it by itself."""
    dialects.set_may_write(True)
    now = clock.now()
    count = erasing.erase_again(places=places(current_app.config["SETTINGS"]), now=now)
    if count:
        audit.record(actor=operator(), action="privacy.erased_again", details={"contacts": count}, now=now)
    db.session.commit()
    if count:
        sweeping.sweep(db.engine, list(personal_map.rows()))
    remark(f"erased again: {count} contacts")
    if as_json:
        print_json({"contacts": count})

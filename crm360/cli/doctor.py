"""`flask doctor`: whether this installation is well, and what to do when it is not."""

from __future__ import annotations

import click
from flask import current_app

from crm360.cli.door import command, leave, print_json
from crm360.doctor.examining import examine


@command("doctor")
@click.option("--json", "as_json", is_flag=True)
def doctor(as_json: bool) -> None:
    """Look at settings, database, queues, mail server, ledger, clock, disk, secrets, worker, jobs, backups, documents and front-end files. Exit code 1 when something does not work."""
    findings = list(examine(current_app.config["SETTINGS"]))
    if as_json:
        print_json([finding._asdict() for finding in findings])
    else:
        for level, what, advice in findings:
            click.echo(f"{level:<8} {what}" + (f" {advice}" if advice else ""))
    leave(1 if any(finding.level == "error" for finding in findings) else 0)

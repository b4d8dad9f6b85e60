"""`flask ledger`: the proof of the consent ledger."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app

from crm360.accounts import audit
from crm360.cli.door import Group, operator, print_json, remark
from crm360.consents import as_of, grants, ledger
from crm360.evidence import packing
from crm360.kernel import clock, notes
from crm360.kernel.iso8601 import zulu

group = Group("ledger", help="The consent ledger: is it what was written?")


@group.command("verify")
@click.option("--json", "as_json", is_flag=True)
def verify(as_json: bool) -> None:
    """Look at every statement and every checkpoint; exit code 1 when anything is not as it was written."""
    found = ledger.faults(verifier=_signer().verifier)
    if as_json:
        print_json(
            {"leaves": ledger.size(), "verifier": _signer().verifier, "faults": [each._asdict() for each in found]}
        )
    else:
        for leaf, what in found:
            click.echo(f"{leaf if leaf >= 0 else 'ledger'}: {what}")
        remark(f"{ledger.size()} statements, {len(found)} faults. Public key: {_signer().verifier}")
    if found:
        sys.exit(1)


@group.command("grants")
@click.argument("role")
def print_grants(role: str) -> None:
    """Print the SQL that lets ROLE, the application's role in PostgreSQL, add to the ledger and never rewrite it."""
    try:
        click.echo(";\n".join(grants.sql_for(role)) + ";")
    except ValueError as error:
        raise click.ClickException(str(error)) from None


@group.command("as-of")
@click.argument("date", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]))
@click.option(
    "--known", type=click.Choice(["then", "now"]), default="then", help="By what was known then, or is known now."
)
@click.option("--json", "as_json", is_flag=True)
def everybody_as_of(date: datetime, known: str, as_json: bool) -> None:
    """What might be sent to everybody on a date (UTC): addresses by purpose, channel and state."""
    at = date.replace(tzinfo=UTC)
    report = as_of.base(at=at, known=at if known == "then" else clock.now())
    rows = [
        {"purpose": purpose, "channel": channel, "permitted_profiles": report.permitted[purpose, channel], **states}
        for (purpose, channel), states in sorted(report.counts.items())
    ]
    if as_json:
        print_json({"at": zulu(at), "known": known, "profiles": report.profiles, "addresses": report.addresses, "cells": rows})  # fmt: skip
        return
    click.echo(f"{report.profiles} customers, {report.addresses} addresses")
    for row in rows:
        click.echo(", ".join(f"{name} {value}" for name, value in row.items()))


@group.command("checkpoint")
def checkpoint() -> None:
    """Sign the ledger as it stands and print the note; keep it where this machine's owner cannot reach it."""
    made = ledger.checkpoint(signer=_signer(), now=clock.now()) or ledger.last_checkpoint()
    if made is None:
        remark("The ledger is empty.")
        return
    details = {"size": made.size}
    audit.record(
        actor=operator(),
        action="ledger.signed",
        subject_kind="ledger",
        subject_id=made.size,
        details=details,
        now=clock.now(),
    )
    click.echo(made.note)


@group.command("export")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
def export(file: Path) -> None:
    """Write every leaf and checkpoint to FILE, a zip that anybody can check with the verify.py in it."""
    packing.signed_now(signer=_signer(), now=clock.now())
    file.write_bytes(packing.whole_ledger(signer=_signer()))
    details = {"file": file.name}
    audit.record(actor=operator(), action="ledger.exported", subject_kind="ledger", details=details, now=clock.now())
    remark(f"{ledger.size()} statements. Public key: {_signer().verifier}")


def _signer() -> notes.Signer:
    settings = current_app.config["SETTINGS"]
    return ledger.signer_of(settings.public_url, settings.ledger_key)

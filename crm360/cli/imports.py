"""`flask import`: customer lists, receipts and mail archives from files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import click
from flask import current_app

from crm360.accounts import audit
from crm360.cli.door import Group, operator, remark
from crm360.cli.import_report import run
from crm360.flows import import_receipts, import_runs, imports
from crm360.flows.imports import Plan, Step
from crm360.inbox import operations as inbox
from crm360.inbox.models import Source
from crm360.kernel import clock
from crm360.kernel.db import db

group = Group("import", help="Files of customers, receipts and mail. The same file again changes nothing.")

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
SOURCE = click.option("--source", help="The name its data is kept under.")
DRY_RUN = click.option("--dry-run", is_flag=True, help="Only tell what would happen.")
MAP = click.option("--map", "overrides", multiple=True, metavar="COLUMN=FIELD", help="COLUMN= leaves a column out.")
SIGN = click.option("--decimal", type=click.Choice([".", ","]), help="The decimal sign, when it is guessed wrong.")
ORDER = click.option("--date-order", type=click.Choice(["dmy", "mdy", "ymd"]), help="When it is guessed wrong.")


@group.command("receipts")
@FILE
@SOURCE
@MAP
@SIGN
@ORDER
@DRY_RUN
def import_receipts_(file: Path, source: str | None, overrides: tuple[str, ...], dry_run: bool, **given: str) -> None:
    """A till's export: CSV, TSV or XLSX, one row per line of a receipt."""
    name = source or "store"
    plan = _plan(file, name, overrides, given)
    steps = partial(import_receipts.receipts, plan=plan)
    _import(file, name, "pos_csv", dry_run, steps, plan.headers, card_digits=plan.card_digits)


@group.command("mailbox")
@FILE
@SOURCE
@click.option("--own", multiple=True, metavar="ADDRESS", help="The shop's own address, or @domain; remembered.")
@DRY_RUN
def import_mailbox(file: Path, source: str | None, own: tuple[str, ...], dry_run: bool) -> None:
    """A mail archive (mbox) or a single message (.eml)."""
    name = source or "mailbox"
    known = inbox.ensure_source(name=name, channel="mailbox", now=clock.now())
    addresses = ",".join(own) or known.settings.get("own_addresses", "")
    if own and not dry_run:
        inbox.set_source_settings(name=name, settings={"own_addresses": addresses})
    if not addresses:
        remark("No --own address given: every message counts as one from a customer.")
    if dry_run:
        db.session.rollback()
    steps = partial(imports.mailbox, path=file, own_addresses=addresses)
    _import(file, name, "mailbox", dry_run, steps, ("message",))


def _plan(file: Path, name: str, overrides: tuple[str, ...], given: dict[str, Any]) -> Plan:
    settings = current_app.config["SETTINGS"]
    defaults = {"currency": settings.currency, "timezone": settings.timezone, "region": settings.phone_region}
    stated = {name: value for name, value in given.items() if value}
    digits = import_runs.known_card_digits(name)
    plan = imports.plan(
        file, kind="receipts", overrides=overrides, defaults=defaults, stated=stated, card_digits=digits
    )
    for header in plan.headers:
        remark(f"  {header} → {plan.mapping.get(header, '(no field)')}")
    habits = f"encoding {plan.encoding}, delimiter {plan.delimiter!r}, dates {plan.options['date_order']}"
    remark(f"  {habits}, decimal sign {plan.options['decimal']!r}")
    return plan


def _import(
    file: Path,
    name: str,
    channel: str,
    dry_run: bool,
    steps: Callable[..., Iterator[Step]],
    headers: tuple[str, ...],
    card_digits: int = 0,
) -> None:
    now = clock.now()
    source: Source | None = None
    if not dry_run:
        settings = current_app.config["SETTINGS"]
        defaults = {"currency": settings.currency, "region": settings.phone_region}
        source = inbox.ensure_source(name=name, channel=channel, settings=defaults, now=now)
        import_runs.remember_card_digits(source=name, digits=card_digits)
        details = {"file": file.name, "source": name}
        audit.record(actor=operator(), action="file.imported", details=details, now=now)
        db.session.commit()
    run(steps(source=source, now=now), file=file, headers=headers, dry_run=dry_run)

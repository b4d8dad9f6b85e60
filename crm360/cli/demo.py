"""`flask demo load`: fills an empty database with the demo shop."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import click
from flask import current_app
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from crm360.cli.door import Group, print_json
from crm360.demo import load as loading
from crm360.demo.staff import SIGN_INS
from crm360.kernel import clock

_STAGES = {
    "inventing": "Inventing people",
    "sending": "Sending through the doors",
    "processing": "Reading the inbox",
    "importing": "Importing files",
}

group = Group("demo", help="The demo shop.")


@group.command("load")
@click.option("--people", default=loading.PEOPLE, show_default=True, type=click.IntRange(20, 20_000))
@click.option("--ends-on", type=click.DateTime(["%Y-%m-%d"]), help="Last day of the story; today by default.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def load(people: int, ends_on: datetime | None, as_json: bool) -> None:
    """Fill an empty database with an invented shop's customers and eighteen months of their lives."""
    started = time.monotonic()
    now = clock.now()
    anchor = (ends_on.replace(tzinfo=UTC) if ends_on else now).replace(hour=0, minute=0, second=0, microsecond=0)
    if anchor > now:
        raise click.BadParameter("the story cannot end in the future.", param_hint="--ends-on")
    with Bars() as bars:
        summary = loading.load(current_app, anchor=anchor, people=people, report=bars.report)
    if as_json:
        print_json({**summary.counts, "write_key": summary.write_key, "ends_on": f"{summary.anchor:%Y-%m-%d}"})
    else:
        tell(summary, time.monotonic() - started)


def tell(summary: loading.Summary, seconds: float) -> None:
    """Print what was loaded and how to get in."""
    click.echo(f"The demo shop Lipowa & Oak is loaded, in {seconds:.0f} s:")
    for name, count in summary.counts.items():
        click.echo(f"  {name.replace('_', ' '):20}{count:>8,}")
    click.echo("Sign in as:")
    for one in SIGN_INS:
        click.echo(f"  {one.role:10} {one.email:24} {one.password}")
    click.echo(f"Write key of the web shop, shown only now:\n{summary.write_key}")


class Bars:
    """One progress bar per stage, on standard error."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description:26}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=Console(stderr=True))
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._progress.stop()

    def report(self, stage: str, done: int, total: int) -> None:
        """Show how far `stage` is; the bar pulses while `total` is 0."""
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(_STAGES[stage], total=None)
        self._progress.update(self._tasks[stage], completed=done, total=total or None)

"""What the operator sees of an import: progress, a summary, and a file of the rows left out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import click

from crm360.cli.door import remark
from crm360.cli.progress import bars
from crm360.flows.imports import Step
from crm360.flows.left_out import ErrorFile
from crm360.kernel import collecting
from crm360.kernel.db import db


def run(steps: Iterator[Step], *, file: Path, headers: tuple[str, ...], dry_run: bool) -> None:
    """Commit every step, show how far it is, and sum up on stdout."""
    collecting.seldom()
    errors, started = ErrorFile(file, headers), monotonic()
    rows = new = repeated = refused = 0
    with bars() as progress:
        reading = progress.add_task("reading rows", total=None)
        storing = None
        for step in steps:
            db.session.commit()
            db.session.expunge_all()
            errors.write(step.refused)
            rows, new, repeated = rows + step.rows, new + step.new, repeated + step.repeated
            refused += step.refused_documents
            progress.update(reading, completed=rows)
            if step.documents:
                progress.update(reading, total=rows)
                storing = progress.add_task("storing documents", total=step.documents)
            if storing is not None:
                progress.update(storing, completed=new + repeated + refused)
        progress.update(reading, total=rows)
    seconds = max(monotonic() - started, 0.001)
    verb = "could be imported" if dry_run else "imported"
    click.echo(f"{rows} rows read: {new} {verb}, {repeated} known already, {errors.rows} rows left out.")
    remark(f"{seconds:.1f} s, {rows / seconds:.0f} rows/s")
    if errors.rows:
        remark(f"The rows left out, with the reasons: {errors.path}")

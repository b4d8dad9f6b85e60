"""The progress bars of long commands: on standard error, so that what a command prints stays clean."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


@contextmanager
def bars() -> Iterator[Progress]:
    """Bars with count and time; tasks are added to what comes back."""
    columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=False) as progress:
        yield progress


@contextmanager
def steps(total: int) -> Iterator[Callable[[str], None]]:
    """A bar that is told which of `total` steps begins."""
    with bars() as progress:
        task = progress.add_task("reading", total=total)

        def step(name: str) -> None:
            progress.update(task, description=name, advance=1)

        yield step
        progress.update(task, description="done", completed=total)

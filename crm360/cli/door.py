"""What every operator's command shares: one transaction, clear errors, and who is at the keyboard."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, NoReturn

import click
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.exc import OperationalError, ProgrammingError

from crm360.accounts.audit import Actor
from crm360.kernel.db import db
from crm360.kernel.errors import DomainError
from crm360.kernel.iso8601 import zulu


class Group(AppGroup):
    """Commands that run as one visit: what they did is committed when they end well."""

    def command(  # type: ignore[override]  # always called with a name
        self, *args: Any, **kwargs: Any
    ) -> Callable[[Callable[..., Any]], click.Command]:
        outer = super().command

        def decorate(function: Callable[..., Any]) -> click.Command:
            made: click.Command = outer(*args, **kwargs)(settled(function))
            return made

        return decorate


def command(name: str) -> Callable[[Callable[..., Any]], click.Command]:
    """A command that stands by itself, settled like those of a group."""

    def decorate(function: Callable[..., Any]) -> click.Command:
        made: click.Command = click.command(name)(with_appcontext(settled(function)))
        return made

    return decorate


def settled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Commit at the end, also where it ends with an exit code; an anticipated failure is one line on stderr and exit code 1."""

    @wraps(function)
    def visit(*args: Any, **kwargs: Any) -> Any:
        try:
            result = function(*args, **kwargs)
            db.session.commit()
        except click.exceptions.Exit:  # an exit code is an answer: what was done before it stands
            db.session.commit()
            raise
        except DomainError as error:
            db.session.rollback()
            raise click.ClickException(error.message) from None
        except (OperationalError, ProgrammingError) as error:
            db.session.rollback()
            reason = str(error.orig).strip().partition("\n")[0]
            raise click.ClickException(f"The database cannot be used: {reason}. Try `flask doctor`.") from None
        return result

    return visit


def leave(code: int) -> NoReturn:
    """End with an exit code. click's `context.exit` would close the application's context before what was done is committed."""
    raise click.exceptions.Exit(code)


def operator() -> Actor:
    """Whom the audit trail names for what is done at the command line."""
    try:
        return Actor("operator", None, getpass.getuser())
    except (KeyError, OSError):  # a container's user may have no name
        return Actor("operator", None, "operator")


def secret_line(what: str) -> str:
    """The first line of stdin, for secrets that must not stand on a command line. Refuses an empty one."""
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise click.UsageError(f"{what} is expected as one line on stdin.")
    return line


def remark(text: str) -> None:
    """Say something to the operator that is no data: on stderr."""
    click.echo(text, err=True)


def print_json(value: Any) -> None:
    """Print data as JSON on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None, default=_plain))


def _plain(value: Any) -> str:
    return zulu(value) if isinstance(value, datetime) else str(value)


def print_table(headers: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    """Print rows in aligned columns, times to the second."""
    texts = [tuple(_text(cell) for cell in row) for row in rows]
    widths = [max(len(text) for text in column) for column in zip(headers, *texts, strict=True)]
    for line in (headers, *texts):
        click.echo("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    return cell.strftime("%Y-%m-%d %H:%M:%S") if hasattr(cell, "strftime") else str(cell)

"""`flask inbox`: what could not be read, and letting it be tried again."""

from __future__ import annotations

import click

from crm360.accounts import audit
from crm360.cli.door import Group, operator, print_json, print_table, remark
from crm360.inbox import operations, queries, refusals
from crm360.kernel import clock

group = Group("inbox", help="Raw payloads: what could not be read waits in quarantine.")


@group.command("quarantined")
@click.option("--source", default="", help="Only of this source.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--json", "as_json", is_flag=True)
def quarantined(source: str, limit: int, as_json: bool) -> None:
    """Payloads that could not be read, the latest first, with the reason."""
    payloads = queries.quarantined(source=source, limit=limit)
    names = queries.source_names({payload.source_id for payload in payloads})
    if as_json:
        print_json(
            [
                {
                    "id": payload.id,
                    "source": names[payload.source_id],
                    "channel": payload.channel,
                    "received_at": payload.received_at,
                    "reason": payload.reason,
                    "body": payload.body.decode("utf-8", "replace"),
                }
                for payload in payloads
            ]
        )
    else:
        rows = [(payload.id, names[payload.source_id], payload.received_at, payload.reason) for payload in payloads]
        print_table(("ID", "SOURCE", "RECEIVED", "REASON"), rows)


@group.command("refused")
@click.option("--json", "as_json", is_flag=True)
def refused(as_json: bool) -> None:
    """How many requests were refused without being kept, by day, door and reason."""
    names = ("on_day", "door", "code", "requests", "last_at")
    rows = [{name: getattr(refusal, name) for name in names} for refusal in refusals.latest()]
    if as_json:
        print_json(rows)
    else:
        print_table(("DAY", "DOOR", "REASON", "REQUESTS", "LAST"), [tuple(row.values()) for row in rows])


@group.command("replay")
@click.argument("ids", nargs=-1, type=int)
@click.option("--source", default="", help="All of this source.")
def replay(ids: tuple[int, ...], source: str) -> None:
    """Let payloads be tried again: those with these IDS, of a source, or all."""
    count = operations.replay(ids=ids, source=source, now=clock.now())
    details = {"source": source, "ids": list(ids), "count": count}
    audit.record(actor=operator(), action="quarantine.replayed", details=details, now=clock.now())
    remark(f"{count} waiting again.")

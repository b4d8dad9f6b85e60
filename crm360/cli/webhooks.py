"""`flask webhooks`: systems that are told what happens to customers."""

from __future__ import annotations

from datetime import datetime

import click
from flask import current_app

from crm360.accounts import audit
from crm360.cli.door import Group, operator, print_json, print_table, remark
from crm360.kernel import clock
from crm360.webhooks import kinds, operations, queries

group = Group("webhooks", help="Outgoing webhooks: systems that are told what happens to customers.")


@group.command("create")
@click.argument("url")
@click.option(
    "--kind", "wanted", multiple=True, type=click.Choice(list(kinds.KINDS)), help="Only these; all by default."
)
@click.option("--description", default="", help="Whose address it is.")
def create(url: str, wanted: tuple[str, ...], description: str) -> None:
    """Tell URL what happens; prints the signing secret, alone on the last line. It cannot be shown again."""
    endpoint, secret = operations.open_endpoint(
        url=url, kinds=wanted, description=description, key=_key(), now=clock.now()
    )
    _record("webhook.created", endpoint.id)
    remark(f"Endpoint {endpoint.id}. Its signing secret:")
    click.echo(secret)


@group.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_endpoints(as_json: bool) -> None:
    """Every endpoint: what it hears, how it does."""
    figures, pauses = queries.figures(now=clock.now()), queries.pauses()
    rows = [
        {
            "id": each.id,
            "url": each.url,
            "kinds": each.kinds or ["all"],
            "paused": pauses[each.id].reason if each.id in pauses else "",
            **figures.get(each.id, queries.Figures())._asdict(),
        }
        for each in queries.all_endpoints()
    ]
    if as_json:
        print_json(rows)
    else:
        headers = ("ID", "URL", "KINDS", "PAUSED", "WAITING", "GIVEN UP", "DELIVERED (24 H)")
        print_table(headers, [tuple({**row, "kinds": ",".join(row["kinds"])}.values()) for row in rows])


@group.command("rotate")
@click.argument("endpoint_id", type=int)
def rotate(endpoint_id: int) -> None:
    """A new signing secret; the one before signs too for a day."""
    secret = operations.new_secret(endpoint_id=endpoint_id, key=_key(), now=clock.now())
    _record("webhook.rotated", endpoint_id)
    click.echo(secret)


@group.command("pause")
@click.argument("endpoint_id", type=int)
def pause(endpoint_id: int) -> None:
    """Send nothing for now; what happens waits."""
    if operations.pause(endpoint_id=endpoint_id, by=operator().name, now=clock.now()):
        _record("webhook.paused", endpoint_id)


@group.command("resume")
@click.argument("endpoint_id", type=int)
def resume(endpoint_id: int) -> None:
    """Send again, first what waited."""
    if operations.resume(endpoint_id=endpoint_id, by=operator().name, now=clock.now()):
        _record("webhook.resumed", endpoint_id)


@group.command("remove")
@click.argument("endpoint_id", type=int)
def remove(endpoint_id: int) -> None:
    """Forget an endpoint, with what waits for it and its log."""
    operations.remove(endpoint_id=endpoint_id)
    _record("webhook.removed", endpoint_id)


@group.command("test")
@click.argument("endpoint_id", type=int)
def test(endpoint_id: int) -> None:
    """Queue an event that says nothing; the worker sends it at once."""
    click.echo(operations.send_test(endpoint_id=endpoint_id, now=clock.now()))


@group.command("deliveries")
@click.option("--endpoint", "endpoint_id", type=int)
@click.option("--state", type=click.Choice(queries.STATES))
@click.option("--limit", type=click.IntRange(1, 1000), default=50)
@click.option("--json", "as_json", is_flag=True)
def deliveries(endpoint_id: int | None, state: str | None, limit: int, as_json: bool) -> None:
    """The log, the latest first."""
    rows = [
        {
            "id": line.delivery.id,
            "endpoint": line.delivery.endpoint_id,
            "kind": line.event.kind,
            "profile": line.event.profile_id,
            "state": line.delivery.state,
            "attempts": line.delivery.attempts,
            "last": (line.last.status or line.last.symbol) if line.last else None,
            "at": line.event.occurred_at,
        }
        for line in queries.log(endpoint_id=endpoint_id, state=state or "", limit=limit)
    ]
    if as_json:
        print_json(rows)
    else:
        print_table(tuple(map(str.upper, rows[0])) if rows else ("ID",), [tuple(row.values()) for row in rows])


@group.command("redeliver")
@click.argument("delivery_ids", type=int, nargs=-1)
@click.option("--endpoint", "endpoint_id", type=int, help="Everything given up of this endpoint.")
@click.option("--since", type=click.DateTime(), help="With --endpoint: only what happened since then (UTC).")
def redeliver(delivery_ids: tuple[int, ...], endpoint_id: int | None, since: datetime | None) -> None:
    """Send events again, under their own ids."""
    now = clock.now()
    for delivery_id in delivery_ids:
        operations.redeliver(delivery_id=delivery_id, now=now)
    count = len(delivery_ids)
    if endpoint_id is not None:
        start = since.replace(tzinfo=now.tzinfo) if since else now - operations.KEPT
        count += operations.redeliver_failed(endpoint_id=endpoint_id, since=start, now=now)
    click.echo(count)


def _key() -> str:
    key: str = current_app.config["SETTINGS"].secret_key
    return key


def _record(action: str, endpoint_id: int) -> None:
    audit.record(actor=operator(), action=action, subject_kind="webhook", subject_id=endpoint_id, now=clock.now())

"""`flask sources`: the inlets of webhooks."""

from __future__ import annotations

from urllib.parse import quote

import click
from flask import current_app

from crm360.accounts import audit
from crm360.cli.door import Group, operator, print_json, print_table, remark, secret_line
from crm360.inbox import operations, queries
from crm360.inbox.models import Source
from crm360.kernel import clock, signing
from crm360.sources import registry

WEBHOOKS = tuple(sorted(name for name, about in registry.channels().items() if about.hook))

group = Group("sources", help="Inlets: shops, chats, sites, mailboxes, tills.")


@group.command("create")
@click.option("--channel", type=click.Choice(WEBHOOKS), required=True)
@click.option("--name", required=True, help="How the customer page calls this source.")
@click.option("--secret-stdin", is_flag=True, help="Read the secret from stdin: the one the vendor signs with.")
def create(channel: str, name: str, secret_stdin: bool) -> None:
    """Open a webhook and print its address. Without --secret-stdin a secret is made."""
    settings = current_app.config["SETTINGS"]
    secret = secret_line("The secret") if secret_stdin else signing.new_secret()
    defaults = {"currency": settings.currency, "region": settings.phone_region}
    source = operations.create_source(name=name, channel=channel, secret=secret, settings=defaults, now=clock.now())
    _record("source.created", source)
    if not secret_stdin and not _in_address(channel):
        remark(f"Secret to sign with: {secret}")
    remark(f"Let {channel} deliver to:")
    click.echo(address(source, settings.public_url))


@group.command("signing-secret")
@click.argument("name")
def signing_secret(name: str) -> None:
    """Read from stdin the secret the chat at NAME signs with, when it is not the one of its address."""
    operations.set_source_settings(name=name, settings={"signing_secret": secret_line("The secret")})
    _record("source.changed", queries.get_source(name))
    remark(f"Deliveries to {name!r} are checked with this secret when they are signed.")


@group.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_sources(as_json: bool) -> None:
    """Every source, without its secret."""
    sources = [
        {"id": source.id, "name": source.name, "channel": source.channel, "created_at": source.created_at}
        for source in queries.all_sources()
    ]
    if as_json:
        print_json(sources)
    else:
        print_table(("ID", "NAME", "CHANNEL", "SINCE"), [tuple(source.values()) for source in sources])


def address(source: Source, public_url: str) -> str:
    """Where the source's webhooks go; of a chat it holds the secret."""
    secret = f"/{quote(source.secret, safe='')}" if _in_address(source.channel) else ""
    return f"{public_url}/hooks/{source.channel}/{quote(source.name, safe='')}{secret}"


def _in_address(channel: str) -> bool:
    hook = registry.channels()[channel].hook
    return hook is not None and hook.in_address


def _record(action: str, source: Source) -> None:
    details = {"name": source.name, "channel": source.channel}
    audit.record(
        actor=operator(), action=action, subject_kind="source", subject_id=source.id, details=details, now=clock.now()
    )

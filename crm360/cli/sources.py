"""`flask sources`: where contacts and events come from by themselves, delivered or polled."""

from __future__ import annotations

import sys
from typing import Any
from urllib.parse import quote

import click
from flask import current_app

from crm360.accounts import audit
from crm360.cli.door import Group, operator, print_json, print_table, remark, secret_line
from crm360.flows import connecting
from crm360.inbox import operations, polls, queries
from crm360.inbox.models import Source
from crm360.kernel import clock, sealing
from crm360.sources import registry

CHANNELS = tuple(sorted(name for name, about in registry.channels().items() if about.hook or about.is_asked))

group = Group("sources", help="Inlets: shops, chats, sites, mailboxes, tills.")


@group.command("create")
@click.option("--channel", type=click.Choice(CHANNELS), required=True)
@click.option("--name", required=True, help="How the customer page calls this source.")
@click.option("--set", "told", multiple=True, metavar="NAME=VALUE", help="A setting of the channel; repeat for more.")
@click.option("--settings-stdin", is_flag=True, help="Read settings from stdin, NAME=VALUE a line: for passwords.")
@click.option("--secret-stdin", is_flag=True, help="Read the secret from stdin: the one the vendor signs with.")
def create(channel: str, name: str, told: tuple[str, ...], settings_stdin: bool, secret_stdin: bool) -> None:
    """Open a webhook and print its address, or begin to poll. Without --secret-stdin a secret is made.

    `flask sources channels` names what each channel must be told.
    """
    settings = current_app.config["SETTINGS"]
    secret = secret_line("The secret") if secret_stdin else ""
    lines = [*told, *(sys.stdin.read().splitlines() if settings_stdin else ())]
    source = connecting.connect(
        channel=channel, name=name, told=dict(_pair(line) for line in lines if line.strip()), secret=secret,
        defaults={"currency": settings.currency, "region": settings.phone_region},
        seal=lambda text: sealing.seal(text, key=settings.secret_key), now=clock.now(),
    )  # fmt: skip
    _record("source.created", source)
    about = registry.channels()[channel]
    for step in about.setup:
        remark(step)
    if about.hook is None:
        remark(f"{about.label} is asked every {about.every_seconds} seconds while `make serve` runs.")
        return
    if not secret_stdin and not about.hook.in_address:
        remark(f"Secret to sign with: {source.secret}")
    remark(f"Let {about.label} deliver to:")
    click.echo(address(source, settings.public_url))


def _pair(line: str) -> tuple[str, str]:
    name, equals, value = line.partition("=")
    if not equals:
        raise click.UsageError(f"A setting is written NAME=VALUE, not {name[:40]!r}.")
    return name.strip(), value.strip()


@group.command("channels")
@click.option("--json", "as_json", is_flag=True)
def list_channels(as_json: bool) -> None:
    """Every channel a source can be of, how it gets here, and what it must be told."""
    rows: list[dict[str, Any]] = [
        {
            "channel": name,
            "label": about.label,
            "webhook": about.hook is not None,
            "polled": about.poll is not None or about.reads_mail,
            "settings": [
                {"name": each.name, "kind": each.kind, "required": each.required, "default": each.default}
                for each in about.settings
            ],
        }
        for name, about in sorted(registry.channels().items())
    ]
    if as_json:
        print_json(rows)
        return
    told = [" ".join(each["name"] + ("" if each["required"] else "?") for each in row["settings"]) for row in rows]
    print_table(("CHANNEL", "NAME", "WEBHOOK", "POLLED", "SETTINGS"), [
        (row["channel"], row["label"], "yes" if row["webhook"] else "", "yes" if row["polled"] else "", settings)
        for row, settings in zip(rows, told, strict=True)
    ])  # fmt: skip


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
    """Every source, without its secret; of those that are asked, when they last answered and what is wrong."""
    standings = polls.standings()
    sources = [
        {
            "id": source.id,
            "name": source.name,
            "channel": source.channel,
            "created_at": source.created_at,
            "answered_at": standings[source.id].succeeded_at if source.id in standings else None,
            "problem": standings[source.id].last_error if source.id in standings else "",
        }
        for source in queries.all_sources()
    ]
    if as_json:
        print_json(sources)
    else:
        headings = ("ID", "NAME", "CHANNEL", "SINCE", "ANSWERED", "PROBLEM")
        print_table(
            headings, [tuple("" if value is None else value for value in source.values()) for source in sources]
        )


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

"""`flask keys`: write keys for tracking, API keys for integrators."""

from __future__ import annotations

import click
from flask import current_app

from crm360.accounts import audit, operations, queries
from crm360.accounts.models import Key
from crm360.accounts.permissions import ROLES
from crm360.cli.door import Group, operator, print_json, print_table, remark
from crm360.inbox import operations as inbox
from crm360.kernel import clock

group = Group("keys", help="Keys of machines: write keys for tracking, API keys for integrators.")


@group.command("create")
@click.option("--kind", type=click.Choice(operations.KEY_KINDS), required=True)
@click.option("--name", required=True, help="Of a write key: the name of the source its events are kept under.")
@click.option(
    "--role",
    type=click.Choice(ROLES),
    help="What an API key may do (sales when nothing is said); write keys have none.",
)
@click.option("--value", default="", help="Keep a key that clients already carry instead of making one.")
def create(kind: str, name: str, role: str | None, value: str) -> None:
    """Make a key and print it, alone on the last line; it cannot be shown again."""
    now = clock.now()
    key, secret = operations.create_key(
        kind=kind, name=name, role=role or ("sales" if kind == "api" else ""), value=value, now=now
    )
    if kind == "write":
        settings = current_app.config["SETTINGS"]
        defaults = {"currency": settings.currency, "region": settings.phone_region}
        inbox.ensure_source(name=key.name, channel="tracking", settings=defaults, now=now)
    _record("key.created", key)
    remark(
        f"{'A write' if kind == 'write' else 'An API'} key named {key.name!r}; keep it now, only its digest is stored:"
    )
    click.echo(secret)


@group.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_keys(as_json: bool) -> None:
    """Every key, by the first letters of its secret."""
    names = ("id", "kind", "name", "role", "hint", "created_at", "revoked_at")
    keys = [{name: getattr(key, name) for name in names} for key in queries.all_keys()]
    if as_json:
        print_json(keys)
    else:
        print_table(tuple(name.upper() for name in names), [tuple(key.values()) for key in keys])


@group.command("revoke")
@click.argument("key_id", type=int)
def revoke(key_id: int) -> None:
    """Let the key with this id (see `keys list`) work no more."""
    operations.revoke_key(key_id=key_id, now=clock.now())
    key = queries.get_key(key_id)
    _record("key.revoked", key)
    remark(f"The {key.kind} key {key.name!r} works no more.")


def _record(action: str, key: Key) -> None:
    details = {"kind": key.kind, "name": key.name, "role": key.role}
    audit.record(
        actor=operator(), action=action, subject_kind="key", subject_id=key.id, details=details, now=clock.now()
    )

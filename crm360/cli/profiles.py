"""`flask profiles`: who somebody is, for scripts and for a look without a browser."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from crm360.cli.door import Group, print_json, print_table
from crm360.commerce import queries as commerce
from crm360.consents import queries as consents
from crm360.identity import queries as identity
from crm360.kernel import clock
from crm360.profiles import queries as profiles
from crm360.profiles import search

group = Group("profiles", help="Unified customers.")


@group.command("find")
@click.argument("query")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 100))
@click.option("--json", "as_json", is_flag=True)
def find(query: str, limit: int, as_json: bool) -> None:
    """Customers by part of a name, address, phone, order number, card, typos tolerated."""
    hits = search.find(query=query, limit=limit)
    if as_json:
        print_json([asdict(hit) for hit in hits])
    else:
        rows = [(hit.profile_id, hit.display_name, hit.city, hit.matched_kind, hit.matched_text) for hit in hits]
        print_table(("ID", "NAME", "CITY", "FOUND BY", "WHICH IS"), rows)


@group.command("show")
@click.argument("profile_id", type=int)
@click.option("--json", "as_json", is_flag=True)
def show(profile_id: int, as_json: bool) -> None:
    """One customer: golden record, identifiers, value, consents, tags."""
    shown = describe(identity.current(profile_id), now=clock.now())
    if as_json:
        print_json(shown)
        return
    click.echo(f"{shown['id']}  {shown['display_name']}")
    print_table(("FIELD", "VALUE", "SOURCE"), [(name, f["value"], f["source"]) for name, f in shown["fields"].items()])
    click.echo()
    print_table(("KIND", "IDENTIFIER"), [(found["kind"], found["value"]) for found in shown["identifiers"]])


def describe(profile_id: int, *, now: datetime) -> dict[str, Any]:
    """A customer as plain data."""
    record = profiles.golden([profile_id]).get(profile_id)
    identifiers = {(found.kind, found.normal): found.value for found in identity.identifiers_of(profile_id)}
    return {
        "id": profile_id,
        "display_name": record.display_name if record else "",
        "fields": dict(record.fields) if record else {},
        "identifiers": [{"kind": kind, "value": value} for (kind, _), value in sorted(identifiers.items())],
        "contacts": [
            {"source": row.source, "external_id": row.external_id} for row in identity.contacts_of(profile_id)
        ],
        "value": asdict(commerce.value_of(profile_id)),
        "consents": [
            {
                "identifier": cell.identifier,
                "purpose": cell.purpose,
                "channel": cell.channel,
                "state": cell.verdict.state,
                "permitted": cell.verdict.permitted,
                "reason": cell.verdict.reason,
            }
            for cell in consents.matrix(profile_id, now=now)
        ],
        "tags": [tag.name for tag in profiles.tags(profile_id)],
    }

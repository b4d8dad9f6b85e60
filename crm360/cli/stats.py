"""`flask stats`: how much of everything there is."""

from __future__ import annotations

import click

from crm360.cli.door import command, print_json, print_table
from crm360.commerce import queries as commerce
from crm360.consents import queries as consents
from crm360.conversations import queries as conversations
from crm360.identity import queries as identity
from crm360.inbox import queries as inbox


@command("stats")
@click.option("--json", "as_json", is_flag=True)
def stats(as_json: bool) -> None:
    """Counts of everything; visitors nobody has named are no contacts."""
    counts = gather()
    if as_json:
        print_json(counts)
    else:
        print_table(("WHAT", "HOW MANY"), list(counts.items()))


def gather() -> dict[str, int]:
    """What there is → how many."""
    people, purchases, raw = identity.counts(), commerce.counts(), inbox.counts()
    return {
        "contacts": people["contacts"],
        "profiles": people["profiles"],
        "anonymous_visitors": people["anonymous_visitors"],
        "orders": purchases["orders"],
        "cancellations": purchases["cancellations"],
        "returns": purchases["returns"],
        "order_lines": purchases["order_lines"],
        "cart_events": purchases["cart_events"],
        "messages": conversations.count_messages(),
        "consent_statements": consents.count_statements(),
        "inbox_waiting": raw.waiting,
        "quarantined": raw.quarantined,
    }

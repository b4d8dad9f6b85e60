"""The operator's door: flask commands."""

from __future__ import annotations

from flask import Flask

from crm360.cli import (
    backup,
    dedupe,
    demo,
    doctor,
    identity,
    import_contacts,
    inbox,
    insights,
    jobs,
    keys,
    ledger,
    privacy,
    profiles,
    push,
    sources,
    stats,
    users,
    webhooks,
)


def register(app: Flask) -> None:
    """Open the operator's door of `app`."""
    for part in (
        users,
        keys,
        ledger,
        privacy,
        sources,
        import_contacts,
        jobs,
        profiles,
        inbox,
        identity,
        demo,
        webhooks,
        push,
        insights,
        backup,
    ):
        app.cli.add_command(part.group)
    for command in (dedupe.dedupe, dedupe.train):
        identity.group.add_command(command)
    for command in (stats.stats, doctor.doctor):
        app.cli.add_command(command)

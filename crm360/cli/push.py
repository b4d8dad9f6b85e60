"""`flask push`: browsers that take push messages."""

from __future__ import annotations

import click
from flask import current_app

import config
from crm360.accounts import audit
from crm360.cli.door import Group, leave, operator, print_json, print_table, remark
from crm360.flows import pushing
from crm360.flows.pushing import Ready
from crm360.identity import queries as identity
from crm360.kernel import clock, http
from crm360.kernel.db import db
from crm360.kernel.errors import NotFound
from crm360.push import operations, queries
from crm360.push.operations import Outcome

group = Group("push", help="Browsers that take push messages.")
_LIMITS = http.Limits(connect=5, read=10, total=15, largest=10_000, cut=True)


@group.command("list")
@click.argument("profile_id", type=int)
@click.option("--json", "as_json", is_flag=True)
def list_browsers(profile_id: int, as_json: bool) -> None:
    """The browsers of customer PROFILE_ID, those that ended included."""
    names = ("id", "source", "user_agent", "subscribed_at", "sent_at", "failures", "ended_at", "ended_reason")
    found = queries.subscriptions_of(identity.current(profile_id))
    rows = [{name: getattr(each, name) for name in names} for each in found]
    if as_json:
        print_json(rows)
    else:
        print_table(tuple(name.upper() for name in names), [tuple(row.values()) for row in rows])


@group.command("send")
@click.argument("profile_id", type=int)
@click.option("--title", required=True)
@click.option("--body", default="")
@click.option("--url", default="/", help="Where a click leads.")
@click.option("--purpose", default="marketing", show_default=True, help="A consent for it must be on record.")
def send(profile_id: int, title: str, body: str, url: str, purpose: str) -> None:
    """Send a test message to every browser of customer PROFILE_ID that may have it."""
    settings = current_app.config["SETTINGS"]
    words = {"title": title, "body": body, "url": url}
    ready = pushing.prepare(
        profile_id=profile_id, purpose=purpose, key=settings.vapid_key, contact=_contact(settings), now=clock.now(),
        **words,
    )  # fmt: skip
    db.session.commit()  # nothing is spoken inside a transaction
    client = http.Client(private_targets=settings.private_targets)
    outcomes = [(each, _speak(client, each)) for each in ready]
    pushing.settle(outcomes=outcomes, now=clock.now())
    details = {"purpose": purpose, "outcomes": [outcome for _, outcome in outcomes]}
    audit.record(
        actor=operator(), action="push.sent", subject_kind="profile", subject_id=profile_id, details=details,
        now=clock.now(),
    )  # fmt: skip
    db.session.commit()
    for each, outcome in outcomes:
        click.echo(f"{each.subscription_id} {outcome}")
    leave(0 if any(outcome == "sent" for _, outcome in outcomes) else 1)


@group.command("end")
@click.argument("subscription_id", type=int)
def end(subscription_id: int) -> None:
    """Send nothing more to the browser SUBSCRIPTION_ID."""
    if not operations.end(subscription_id=subscription_id, reason="staff", now=clock.now()):
        raise NotFound(f"There is no browser {subscription_id} that takes messages.")
    details = {"subscription_id": subscription_id}
    audit.record(actor=operator(), action="push.ended", details=details, now=clock.now())
    remark("Ended.")


def _contact(settings: config.Settings) -> str:
    """Whom a push service may ask about our messages."""
    if settings.mail_from:
        return f"mailto:{settings.mail_from}"
    if settings.public_url.startswith("https://"):
        return settings.public_url
    return "mailto:postmaster@localhost.localdomain"


def _speak(client: http.Client, ready: Ready) -> Outcome:
    sent = http.Request(method="POST", url=ready.url, headers=ready.message.headers, body=ready.message.body)
    try:
        answer = client.send(sent, _LIMITS)
    except http.Failed as failure:
        remark(f"{ready.subscription_id}: {failure.symbol}")
        return "unreachable"
    if answer.status >= 300:
        remark(f"{ready.subscription_id}: answered {answer.status}")
    return pushing.outcome_of(answer.status)

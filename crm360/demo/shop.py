"""The demo's place in a database: its sources, its write key, and whether it was loaded to the end."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from crm360.accounts import operations as accounts
from crm360.accounts.models import Key
from crm360.identity import queries as identity
from crm360.inbox import operations as inbox
from crm360.inbox import queries as inbox_queries
from crm360.inbox.models import Payload, Source
from crm360.kernel import signing
from crm360.kernel.db import db
from crm360.kernel.errors import Conflict

WEB, SHOP, CHAT = "web", "shop", "chat"
TILLS, LOYALTY, NEWSLETTER, COMPANIES, MAILBOX = "tills", "loyalty", "newsletter", "companies", "mailbox"


class NotEmpty(Conflict):
    """The database holds something already, and the demo must not mix with it."""


class Plan(NamedTuple):
    """What is to be loaded: the story's end (UTC) and how many people."""

    anchor: datetime
    people: int


class Doors(NamedTuple):
    """What senders need to be let in."""

    write_key: str
    shopify_secret: str
    chat_token: str


def plan(*, anchor: datetime, people: int) -> Plan:
    """The plan for an empty database, or the one of a load that was interrupted. Raises NotEmpty."""
    source = inbox_queries.find_source(SHOP)
    begun: dict[str, Any] = (source.settings.get("demo") or {}) if source else {}
    if begun.get("loaded"):
        raise NotEmpty("The demo shop is in this database already. Start with an empty one to load it anew.")
    if begun:
        return Plan(datetime.fromisoformat(begun["anchor"]).astimezone(UTC), int(begun["people"]))
    if db.session.scalar(select(Payload.id).limit(1)) or any(identity.counts().values()):
        raise NotEmpty("This database holds customers already; the demo shop is only loaded into an empty one.")
    return Plan(anchor, people)


def open_doors(chosen: Plan, *, now: datetime) -> Doors:
    """Make the sources and a write key; a key of an interrupted load is revoked, for nobody can read it again."""
    begun = {"demo": {"anchor": chosen.anchor.isoformat(), "people": chosen.people, "loaded": False}}
    shop = inbox.ensure_source(name=SHOP, channel="shopify", secret=signing.new_secret(), settings=begun, now=now)
    chat = inbox.ensure_source(name=CHAT, channel="chatwoot", secret=signing.new_secret(), now=now)
    for key in db.session.scalars(select(Key).where(Key.kind == "write", Key.name == WEB, Key.revoked_at.is_(None))):
        accounts.revoke_key(key_id=key.id, now=now)
    _, write_key = accounts.create_key(kind="write", name=WEB, now=now)
    return Doors(write_key, shop.secret, chat.secret)


def mark_loaded() -> None:
    """Everything is in; a second load is refused from now on."""
    source: Source = inbox_queries.get_source(SHOP)
    source.settings = {**source.settings, "demo": {**source.settings["demo"], "loaded": True}}
    db.session.flush()

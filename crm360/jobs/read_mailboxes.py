"""Mailboxes are read by IMAP: what is new in each folder is kept in one transaction with how far the folder was read.

A poller killed at any moment has kept whole batches; the next one goes on after them. What it fetches a second time
(a folder numbered anew, a message in two folders) is known by its content.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from structlog import get_logger

from crm360.flows.keeping import payload_of
from crm360.inbox import polls
from crm360.inbox.polls import Claim
from crm360.jobs import mail_server, polling
from crm360.jobs.job import Limits
from crm360.jobs.mail_server import Account, Connection, Fetched, Place
from crm360.kernel import clock, sealing
from crm360.kernel.db import db
from crm360.sources import mailbox
from crm360.sources.channel import Item

LEASE = timedelta(minutes=2)
#: After so long another mailbox has its turn; this one's comes again at once.
LONGEST_TURN = timedelta(minutes=3)

log = get_logger(__name__)

#: Opens a mailbox. Raises NoAnswer, NotLetIn.
Opener = Callable[[Account], Connection]


def run(*, limits: Limits, now: datetime) -> int:
    """Returns how many new messages were kept. `now` is asked anew with every step."""

    def opened(account: Account) -> Connection:
        return Connection(account, private_targets=limits.private_targets)

    total = 0
    while (mine := _claim()) is not None:
        secrets = {name: sealing.unseal(text, key=limits.secret_key) for name, text in mine.credentials.items()}
        total += read_one(mine, {**mine.settings, **secrets}, opened)
    return total


def something_waits() -> bool:
    """Whether a mailbox has its turn."""
    return polls.anything_due(channels=[mailbox.CHANNEL], now=clock.now())


def read_one(mine: Claim, settings: Mapping[str, Any], opened: Opener) -> int:
    """Read one claimed mailbox to its end; a failure is kept for staff to see, and the next try goes on from there."""
    new, reason, started = 0, "", clock.now()
    pause = timedelta(seconds=mailbox.ABOUT.every_seconds)
    try:
        with opened(account_of(settings)) as connection:
            for folder, sent in connection.folders().items():
                place = _place(mine.cursor, folder)
                for later, messages in connection.new(folder, place):
                    kept, mine = _keep(mine, settings, folder, sent, later, messages)
                    new += kept
                    if clock.now() - started > LONGEST_TURN:
                        pause = timedelta(0)
                        break
    except polls.ClaimLost:
        db.session.rollback()
        log.warning("mailbox taken over", source=mine.name)
        return new
    except (mail_server.NoAnswer, mail_server.NotLetIn) as error:
        reason = str(error)
    except Exception as error:
        db.session.rollback()
        log.exception("mailbox failed", source=mine.name)
        reason = f"{type(error).__name__} while reading the mailbox."
    if reason:
        log.warning("mailbox not read", source=mine.name, reason=reason)
    polling.end_turn(mine, reason=reason, every=pause)
    return new


def account_of(settings: Mapping[str, Any]) -> Account:
    """The account a source's settings name."""
    return Account(
        host=str(settings.get("host", "")),
        port=int(settings.get("port") or 993),
        security=str(settings.get("security") or "tls"),
        user=str(settings.get("user", "")),
        password=str(settings.get("password", "")),
        folders=_names(settings.get("folders")) or ("INBOX",),
        sent_folders=_names(settings.get("sent_folders")),
    )


def _names(written: object) -> tuple[str, ...]:
    return tuple(part.strip() for part in str(written or "").split(",") if part.strip())


def _claim() -> Claim | None:
    mine = polls.claim(channels=[mailbox.CHANNEL], now=clock.now(), lease=LEASE)
    db.session.commit()
    return mine


def _keep(
    mine: Claim, settings: Mapping[str, Any], folder: str, sent: bool, place: Place, messages: list[Fetched]
) -> tuple[int, Claim]:
    own = ",".join(filter(None, (str(settings.get("own-addresses", "")), _login(settings))))
    items = [payload_of(_item(each, own, sent)) for each in messages]
    cursor = {**mine.cursor, folder: [place.validity, place.uid]}
    kept, mine = polls.keep_page(mine=mine, items=items, cursor=cursor, credentials={}, now=clock.now(), lease=LEASE)
    db.session.commit()
    return kept.new, mine


def _item(message: Fetched, own: str, sent: bool) -> Item:
    headers = {"own-addresses": own}
    if message.arrived_at is not None:
        headers["internal-date"] = message.arrived_at.isoformat()
    if sent:
        headers["sent"] = "yes"
    return Item(message.body, "mail " + hashlib.sha256(message.body).hexdigest(), headers)


def _login(settings: Mapping[str, Any]) -> str:
    """Who signs in with an address owns it."""
    user = str(settings.get("user", ""))
    return user if "@" in user else ""


def _place(cursor: Mapping[str, Any], folder: str) -> Place:
    validity, uid = cursor.get(folder, (0, 0))
    return Place(int(validity), int(uid))

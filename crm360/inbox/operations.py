"""Keeping raw payloads once, and settling what became of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import delete, select, update

from crm360.inbox.models import Payload, Poll, Source
from crm360.inbox.queries import QUARANTINED, Waiting, find_source, get_source, known, waiting_of
from crm360.kernel import bulk, dialects
from crm360.kernel.batches import chunked
from crm360.kernel.db import db, table_of
from crm360.kernel.errors import Conflict, Invalid

#: Setting of a source that is paused: since when, by whom.
PAUSED = "paused"
_FOR_GOOD = timedelta(days=36500)
LONGEST_NAME = 100
LONGEST_SENDERS_ID = 200
#: Certificates of senders change once a year.
MOST_CERTIFICATES = 4


class NewPayload(NamedTuple):
    """A payload to keep. `dedup_key` from `senders_key` or `content_key`; `headers` the few that matter."""

    dedup_key: str
    body: bytes
    headers: Mapping[str, str] = {}


class Kept(NamedTuple):
    """How many payloads were new and how many the inbox had already."""

    new: int
    repeated: int


class Taken(NamedTuple):
    """Payloads to process now: `new` ones, others `held` since earlier; and how many the inbox had already."""

    new: list[Waiting]
    held: list[Waiting]
    repeated: int


class UnusableSource(Invalid):
    """The name of a source cannot be accepted."""


class SourceInUse(Conflict):
    """Payloads point at the source."""


class SourceExists(Conflict):
    """There is a source of this name already."""


def senders_key(event_id: str) -> str:
    """Dedup key from the sender's own id of an event; an id too long or unprintable is digested."""
    if len(event_id) > LONGEST_SENDERS_ID or not event_id.isprintable():
        return "id-sha256:" + hashlib.sha256(event_id.encode("utf-8", "replace")).hexdigest()
    return "id:" + event_id


def content_key(*parts: bytes) -> str:
    """Dedup key from what a payload says, for senders that give no id."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return "sha256:" + digest.hexdigest()


def create_source(
    *, name: str, channel: str, secret: str = "", settings: Mapping[str, Any] | None = None, now: datetime
) -> Source:
    """A new source. Raises UnusableSource, SourceExists."""
    if find_source(name) is not None:
        raise SourceExists(f"There is a source {name!r} already.", errors={"name": ["This name is taken."]})
    return ensure_source(name=name, channel=channel, secret=secret, settings=settings, now=now)


def ensure_source(
    *, name: str, channel: str, secret: str = "", settings: Mapping[str, Any] | None = None, now: datetime
) -> Source:
    """The source of this name, made when missing; channel, secret and settings only count for a new one.

    Raises UnusableSource.
    """
    source = find_source(name)
    if source is None:
        if not name.strip() or len(name) > LONGEST_NAME or "/" in name or not name.isprintable():
            text = f"A source needs a name of at most {LONGEST_NAME} printable characters, without a slash."
            raise UnusableSource(text, errors={"name": [text]})
        row = {"name": name, "channel": channel, "secret": secret, "settings": dict(settings or {}), "created_at": now}
        dialects.insert_new(db.session, Source.__table__, [row], ["name"])  # another process may be as quick
        source = get_source(name)
    return source


def set_source_settings(*, name: str, settings: Mapping[str, Any]) -> None:
    """Add to, or overwrite in, a source's settings. Raises SourceNotFound."""
    source = get_source(name)
    source.settings = {**source.settings, **settings}
    db.session.flush()


def rotate_secret(*, name: str, secret: str, overlap: timedelta, now: datetime) -> None:
    """A new secret; deliveries proved by the one before are taken until `overlap` has passed. Raises SourceNotFound."""
    source = get_source(name)
    before = {"previous_secret": source.secret, "previous_secret_until": (now + overlap).isoformat()}
    source.settings = {**source.settings, **before}
    source.secret = secret
    db.session.flush()


def pause_source(*, name: str, by: str, now: datetime) -> None:
    """Take nothing from a source until it is resumed: its deliveries are put off, it is not asked. Raises SourceNotFound."""
    source = get_source(name)
    source.settings = {**source.settings, PAUSED: {"at": now.isoformat(), "by": by}}
    db.session.execute(update(Poll).where(Poll.source_id == source.id).values(due_at=now + _FOR_GOOD))
    db.session.flush()


def resume_source(*, name: str, now: datetime) -> None:
    """Take from a source again, and ask it at once. Raises SourceNotFound."""
    source = get_source(name)
    source.settings = {key: value for key, value in source.settings.items() if key != PAUSED}
    db.session.execute(update(Poll).where(Poll.source_id == source.id).values(due_at=now))
    db.session.flush()


def remove_source(*, name: str) -> None:
    """Forget a source that never sent anything. Raises SourceInUse, SourceNotFound."""
    source = get_source(name)
    if db.session.scalar(select(Payload.id).where(Payload.source_id == source.id).limit(1)) is not None:
        raise SourceInUse("This source has sent something and can only be paused: what it told stays traceable.")
    db.session.execute(delete(Poll).where(Poll.source_id == source.id))
    db.session.delete(source)
    db.session.flush()


def ask_to_confirm(*, source_id: int, url: str) -> None:
    """Remember an address that has to be fetched before the sender delivers; the clock's door does it."""
    _change_settings(source_id, {"confirm_url": url})


def ask_for_certificate(*, source_id: int, url: str) -> None:
    """Remember a certificate that has to be fetched before the sender can be checked; the clock's door does it."""
    _change_settings(source_id, {"certificate_wanted": url})


def confirmed(*, source_id: int, url: str) -> None:
    """The address was fetched, or will never answer; another one asked for meanwhile stays."""
    source = _locked(source_id)
    if source.settings.get("confirm_url") == url:
        source.settings = {name: value for name, value in source.settings.items() if name != "confirm_url"}
        db.session.flush()


def keep_certificate(*, source_id: int, url: str, certificate: str) -> None:
    """Keep a certificate by its address; "" when there is none there. The last few are kept."""
    source = _locked(source_id)
    held = {name: text for name, text in dict(source.settings.get("certificates", {})).items() if name != url}
    if certificate:
        held = dict([*held.items(), (url, certificate)][-MOST_CERTIFICATES:])
    rest = {name: value for name, value in source.settings.items() if name != "certificate_wanted"}
    other = source.settings.get("certificate_wanted", url)
    source.settings = {**rest, "certificates": held, **({"certificate_wanted": other} if other != url else {})}
    db.session.flush()


def _change_settings(source_id: int, changes: Mapping[str, Any]) -> None:
    source = _locked(source_id)
    if any(source.settings.get(name) != value for name, value in changes.items()):
        source.settings = {**source.settings, **changes}
        db.session.flush()


def _locked(source_id: int) -> Source:
    found: Source = db.session.get_one(Source, source_id, with_for_update=True, populate_existing=True)
    return found


def keep(*, source_id: int, channel: str, items: Sequence[NewPayload], now: datetime) -> Kept:
    """Keep each payload once, waiting to be processed; one that came before (same source and key) changes nothing."""
    fixed = {"source_id": source_id, "channel": channel, "received_at": now, "state": "waiting", "reason": ""}
    rows = [fixed | _content(item) for item in items]
    new = dialects.insert_new(db.session, Payload.__table__, rows, ["source_id", "dedup_key"])
    return Kept(new=new, repeated=len(rows) - new)


def take(*, source_id: int, channel: str, items: Sequence[NewPayload], now: datetime) -> Taken:
    """Keep payloads for a caller that processes them in this very transaction, which therefore count as processed.

    Hands over the new ones, and those that were kept earlier and still wait; the latter must be marked by the caller.
    """
    dialects.lock_partition(db.session)  # another import of the same file waits here
    unique = {item.dedup_key: item for item in reversed(items)}
    there = known(source_id=source_id, dedup_keys=list(unique))
    fresh = [unique[key] for key in dict.fromkeys(item.dedup_key for item in items) if key not in there]
    fixed = {"source_id": source_id, "channel": channel, "received_at": now, "state": "processed", "settled_at": now}
    rows = [fixed | {"reason": ""} | _content(item) for item in fresh]
    bulk.insert_rows(db.session, table_of(Payload), rows)
    ids = known(source_id=source_id, dedup_keys=[item.dedup_key for item in fresh])
    new = [Waiting(ids[key][0], source_id, channel, key, now, headers, body) for key, body, headers in fresh]
    held = [key for key, (_, state) in there.items() if state == "waiting"]
    return Taken(new, waiting_of(source_id=source_id, dedup_keys=held), len(items) - len(new))


def keep_unreadable(*, source_id: int, channel: str, item: NewPayload, reason: str, now: datetime) -> Kept:
    """Keep a payload the door itself could not take apart: it waits in quarantine with the reason."""
    fixed = {"source_id": source_id, "channel": channel, "received_at": now, "state": "quarantined", "reason": reason}
    row = fixed | {"settled_at": now} | _content(item)
    new = dialects.insert_new(db.session, Payload.__table__, [row], ["source_id", "dedup_key"])
    return Kept(new=new, repeated=1 - new)


def mark_processed(*, ids: Sequence[int], now: datetime) -> None:
    """These payloads have had their effect."""
    for some in chunked(ids):
        _settle(some, state="processed", settled_at=now, reason="")


def empty(*, ids: Sequence[int]) -> None:
    """These payloads stay as received, so that they are not taken in again, but hold nothing any more."""
    for some in chunked(ids):
        _settle(some, body=b"", headers={})


def quarantine(*, payload_id: int, reason: str, now: datetime) -> None:
    """This payload cannot be read; it waits, with the reason, for a fix and a replay."""
    _settle([payload_id], state="quarantined", settled_at=now, reason=reason)


def replay(*, ids: Sequence[int] = (), source: str = "", now: datetime) -> int:
    """Let quarantined payloads wait again: those of `ids`, else of one source, else all. Returns how many.

    Raises SourceNotFound. `received_at` stays: the skew of the sender's clock was measured against it.
    """
    chosen = update(Payload).where(QUARANTINED)
    if ids:
        chosen = chosen.where(Payload.id.in_(ids))
    if source:
        chosen = chosen.where(Payload.source_id == get_source(source).id)
    return int(db.session.execute(chosen.values(state="waiting", settled_at=None)).rowcount)


def _content(item: NewPayload) -> dict[str, Any]:
    return {"dedup_key": item.dedup_key, "headers": dict(item.headers), "body": item.body}


def _settle(ids: Sequence[int], **values: Any) -> None:
    db.session.execute(update(Payload).where(Payload.id.in_(ids)).values(**values))

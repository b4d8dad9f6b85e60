"""Promising letters, taking them in hand, and settling what became of them. Who sends commits between the steps."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Update, bindparam, insert, select, update

from crm360.kernel import dialects, mail
from crm360.kernel.batches import chunked
from crm360.kernel.db import db, table_of
from crm360.kernel.errors import Invalid
from crm360.outbox.models import Letter, Permit

#: Pauses after temporary refusals; after the last one the letter is given up.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))

_LETTERS = table_of(Letter)
_KEEP = insert(table_of(Permit))
_SPOKEN = "spoken"


class UnusableLetter(Invalid):
    """A letter that could never be sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLetter:
    """A letter to promise; fields as in `models.Letter`."""

    dedup_key: str
    subject_of: str
    to_address: str
    purpose: str
    subject: str
    text: str
    html: str = ""
    contact_id: int | None = None
    sender_name: str = ""
    reply_to: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    due_at: datetime | None = None


def promise(*, letters: Sequence[NewLetter], domain: str, now: datetime) -> int:
    """Keep letters to be sent; one promised before (same key) changes nothing. Returns how many were new.

    `domain` is that of the message ids. Raises UnusableLetter naming what could not stand in a message.
    """
    rows = [_row(letter, domain, now) for letter in letters]
    return dialects.insert_new(db.session, table_of(Letter), rows, ["dedup_key"])


def usable(*, letter: NewLetter, domain: str, now: datetime) -> None:
    """Raises UnusableLetter for one that `promise` would refuse."""
    _row(letter, domain, now)


def claim(*, limit: int, now: datetime, lease: timedelta) -> list[Letter]:
    """Take the letters due longest in hand until `now + lease`. The caller commits before it speaks."""
    query = select(Letter).where(Letter.state == "queued", Letter.due_at <= now).order_by(Letter.due_at, Letter.id)
    query = query.limit(limit).with_for_update(**dialects.skip_locked(db.session))
    found = list(db.session.scalars(query.execution_options(populate_existing=True)))
    for letter in found:
        letter.state, letter.claimed_until = "claimed", now + lease
    db.session.flush()
    return found


def begin_speaking(*, letter_id: int, now: datetime, lease: timedelta) -> bool:
    """The letter goes on the wire now; False when it is no longer this sender's (called off, taken over)."""
    return _move(letter_id, "claimed", state="speaking", claimed_until=now + lease, spoken=True)


def stop(*, letter_id: int, reason: str, now: datetime) -> bool:
    """It must not be sent any more: the person withdrew, or the address is dead."""
    return _move(letter_id, "claimed", state="stopped", settled_at=now, claimed_until=None, reason=reason)


def postpone(*, letter_id: int, until: datetime, reason: str) -> bool:
    """It waits until then: the reader sleeps. Not a try."""
    return _move(letter_id, "claimed", state="queued", due_at=until, claimed_until=None, reason=reason)


def permit(*, letter_id: int, permitted: bool, reason: str, evidence: Sequence[int], now: datetime) -> None:
    """Keep what was decided about a letter when it was to leave, and on which statements of the ledger that rests."""
    row = {
        "letter_id": letter_id,
        "permitted": permitted,
        "reason": reason,
        "evidence": list(evidence),
        "decided_at": now,
    }
    db.session.connection().execute(_KEEP, row)


def settle(*, letter_id: int, outcome: str, reason: str, attempts: int, now: datetime) -> bool:
    """What became of a letter that was spoken, for the `attempts`-th time: sent, refused, unknown, or later (until patience
    ends)."""
    if outcome != "later":
        return _move(letter_id, "speaking", state=outcome, settled_at=now, claimed_until=None, reason=reason[:500])
    if attempts > len(PAUSES):
        reason = f"Given up after {attempts} tries: {reason}"
        return _move(letter_id, "speaking", state="refused", settled_at=now, claimed_until=None, reason=reason[:500])
    due = now + PAUSES[attempts - 1]
    return _move(letter_id, "speaking", state="queued", due_at=due, claimed_until=None, reason=reason[:500])


def recover(*, now: datetime) -> tuple[int, int]:
    """Letters whose sender died: back to the queue, or unknown where it may have been sent. Returns how many of each."""
    dead = Letter.claimed_until < now
    back = update(Letter).where(Letter.state == "claimed", dead).values(state="queued", claimed_until=None)
    lost = update(Letter).where(Letter.state == "speaking", dead)
    lost = lost.values(state="unknown", claimed_until=None, settled_at=now, reason="The sender died while it was sent.")
    return int(db.session.execute(back).rowcount), int(db.session.execute(lost).rowcount)


def cancel(*, subject_of: str, contact_ids: Collection[int] | None = None, reason: str, now: datetime) -> int:
    """Call off what is not on the wire yet; returns how many. Without `contact_ids` all of it."""
    chosen = update(Letter).where(Letter.subject_of == subject_of, Letter.state.in_(("queued", "claimed")))
    if contact_ids is not None:
        chosen = chosen.where(Letter.contact_id.in_(contact_ids))
    values = {"state": "cancelled", "settled_at": now, "claimed_until": None, "reason": reason}
    return int(db.session.execute(chosen.values(**values)).rowcount)


def call_off(*, contact_ids: Collection[int], but: str = "", reason: str, now: datetime) -> int:
    """Nothing more goes to these contacts, except letters that belong to `but`; returns how many were called off."""
    values = {"state": "cancelled", "settled_at": now, "claimed_until": None, "reason": reason}
    waiting, count = Letter.state.in_(("queued", "claimed")), 0
    for some in chunked(contact_ids):
        chosen = update(Letter).where(Letter.contact_id.in_(some), waiting, Letter.subject_of != but)
        count += int(db.session.execute(chosen.values(**values)).rowcount)
    return count


def under_way(subject_of: str) -> bool:
    """Whether a letter that belongs to it has still to leave."""
    waiting = Letter.state.in_(("queued", "claimed", "speaking"))
    return db.session.scalar(select(Letter.id).where(Letter.subject_of == subject_of, waiting).limit(1)) is not None


def send_again(*, letter_id: int, now: datetime) -> bool:
    """A person decides that a letter of unknown or refused outcome is sent once more."""
    chosen = update(Letter).where(Letter.id == letter_id, Letter.state.in_(("unknown", "refused")))
    values = {"state": "queued", "due_at": now, "settled_at": None, "attempts": 0}
    return int(db.session.execute(chosen.values(**values)).rowcount) == 1


def _move(letter_id: int, before: str, **values: object) -> bool:
    """Of the row alone: letters in memory are not touched. `spoken`: one try more."""
    said = {"of_letter": letter_id, "before": before, **values}
    said.pop(_SPOKEN, None)
    return int(db.session.connection().execute(_moving(tuple(values)), said).rowcount) == 1


@cache
def _moving(names: tuple[str, ...]) -> Update:
    """Sets these columns of a letter in a state; made once, for it is done twice a letter."""
    chosen = update(_LETTERS).where(_LETTERS.c.id == bindparam("of_letter"), _LETTERS.c.state == bindparam("before"))
    own = {"attempts": _LETTERS.c.attempts + 1} if _SPOKEN in names else {}
    return chosen.values({name: bindparam(name) for name in names if name != _SPOKEN} | own)


def _row(letter: NewLetter, domain: str, now: datetime) -> dict[str, object]:
    message_id = f"{uuid.uuid4().hex}@{domain}"
    try:
        mail.head(
            mail.Message(
                sender=(letter.sender_name, f"x@{domain}"), to=letter.to_address, subject=letter.subject,
                text=letter.text, html=letter.html, message_id=message_id, date=now, headers=letter.headers,
                reply_to=("", letter.reply_to) if letter.reply_to else None,
            )
        )  # fmt: skip
    except mail.UnsafeValue as error:
        raise UnusableLetter(f"The message cannot be sent: {error}.") from None
    return {
        "dedup_key": letter.dedup_key, "subject_of": letter.subject_of, "contact_id": letter.contact_id,
        "to_address": letter.to_address, "purpose": letter.purpose, "sender_name": letter.sender_name,
        "reply_to": letter.reply_to, "subject": letter.subject, "text": letter.text, "html": letter.html,
        "headers": dict(letter.headers), "message_id": message_id, "state": "queued", "created_at": now,
        "due_at": letter.due_at or now, "attempts": 0, "reason": "",
    }  # fmt: skip

"""Letters on their way: taken in hand, asked once more whether they may go, spoken outside any transaction, settled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from crm360.consents import asking
from crm360.consents.policy import Verdict
from crm360.kernel import mail, smtp
from crm360.kernel.db import db
from crm360.normalise import identifiers
from crm360.outbox import operations as outbox
from crm360.outbox.models import Letter
from crm360.outreach import leaving

#: What besides consent keeps a letter from leaving at a moment.
Hold = Callable[[Letter, datetime], leaving.Held | None]

#: Letters taken in hand at once, and for how long a sender may be silent before it counts as dead.
BATCH = 50
LEASE = timedelta(minutes=10)


class Sender(NamedTuple):
    """Whose mail it is: the address in From, the name beside it, and what signs the message (DKIM) or leaves it."""

    address: str
    name: str
    sign: Callable[[bytes], bytes]


class Tally(NamedTuple):
    """What became of the letters of one round."""

    sent: int = 0
    later: int = 0
    refused: int = 0
    unknown: int = 0
    stopped: int = 0
    held: int = 0

    @property
    def total(self) -> int:
        return sum(self)


def send_due(
    *, carry: Callable[..., smtp.Outcome], sender: Sender, clock: Callable[[], datetime],
    pace: Callable[[], bool] = lambda: True, hold: Hold = lambda letter, now: None, limit: int = BATCH,
) -> Tally:  # fmt: skip
    """Send what is due, at most `limit` letters. `pace()` waits for the server's rate; False ends the round.

    `hold(letter, now)` says what besides consent keeps a letter. What was decided is kept as a permit of the letter.

    Commits: first that the letters are in hand, then for each that it is spoken, then how it ended. A process killed in
    between leaves letters nobody sent in the queue, and at most one of unknown outcome.
    """
    outbox.recover(now=clock())
    letters = outbox.claim(limit=limit, now=clock(), lease=LEASE)
    db.session.commit()
    found: dict[str, int] = {}
    for letter in letters:
        if not pace():
            break
        kind = _send(letter, carry, sender, clock, hold)
        found[kind] = found.get(kind, 0) + 1
    return Tally(**{name: count for name, count in found.items() if name in Tally._fields})


def _send(
    letter: Letter, carry: Callable[..., smtp.Outcome], sender: Sender, clock: Callable[[], datetime], hold: Hold
) -> str:
    kept = _kept(letter, clock(), hold)
    if kept:
        db.session.commit()
        return kept
    mine = outbox.begin_speaking(letter_id=letter.id, now=clock(), lease=LEASE)
    db.session.commit()
    if not mine:
        return "gone"
    outcome = carry(sender=sender.address, recipient=letter.to_address, message=sender.sign(_message(letter, sender)))
    outbox.settle(letter_id=letter.id, outcome=outcome.kind, reason=f"{outcome.code} {outcome.text}", now=clock())
    leaving.follow(letter_ids=[letter.id], now=clock())
    db.session.commit()
    return outcome.kind


def _kept(letter: Letter, now: datetime, hold: Hold) -> str:
    """Ask whether the letter may leave, and keep the answer; "" when it may."""
    verdict = _asked([letter], now)[0]
    held = hold(letter, now) if verdict.permitted else leaving.Held(verdict.reason)
    if held and held.until:
        outbox.postpone(letter_id=letter.id, until=held.until, reason=held.reason)
        return "held"
    reason = held.reason if held else verdict.reason
    outbox.permit(letter_id=letter.id, permitted=held is None, reason=reason, evidence=verdict.evidence, now=now)
    if held is None:
        return ""
    outbox.stop(letter_id=letter.id, reason=reason, now=now)
    leaving.follow(letter_ids=[letter.id], now=now)
    return "stopped"


def _asked(letters: Sequence[Letter], now: datetime) -> list[Verdict]:
    """Consent as it stands at this very moment."""
    return asking.ask([_question(letter) for letter in letters], now=now)


def _question(letter: Letter) -> asking.Question:
    normal = identifiers.normal("email", letter.to_address) or letter.to_address.lower()
    return asking.Question(letter.contact_id, "email", normal, letter.purpose, "email")


def _message(letter: Letter, sender: Sender) -> bytes:
    return mail.as_bytes(
        mail.Message(
            sender=(letter.sender_name or sender.name, sender.address),
            to=letter.to_address,
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            message_id=letter.message_id,
            date=letter.created_at,
            headers=letter.headers,
            reply_to=("", letter.reply_to) if letter.reply_to else None,
        )
    )

"""Letters on their way: taken in hand, asked about at the moment they leave, spoken outside any transaction, settled."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from crm360.consents import asking
from crm360.consents.policy import Verdict
from crm360.identity import queries as identity
from crm360.kernel import mail, smtp, standstill
from crm360.kernel.db import db
from crm360.normalise import identifiers
from crm360.outbox import operations as outbox
from crm360.outbox.models import Letter
from crm360.outreach import leaving, replying

#: What besides consent keeps letters from leaving at a moment, by their ids.
Hold = Callable[[Sequence[Letter], datetime], Mapping[int, leaving.Held]]

#: Letters taken in hand at once, and for how long a sender may be silent before it counts as dead.
BATCH = 50
LEASE = timedelta(minutes=10)
#: So many letters are asked about together, and for how long the answers count when nobody writes anything.
_AHEAD = 20
_FRESH = timedelta(seconds=1)


class Pace:
    """At most so many letters a second."""

    def __init__(self, per_second: float):
        self.between = 1.0 / per_second
        self.next = 0.0

    def pause(self) -> float:
        """Seconds until the next letter may leave; one that may at once is counted."""
        now = time.monotonic()
        if (wait := self.next - now) > 0:
            return wait
        self.next = max(self.next, now) + self.between
        return 0.0

    def rest(self) -> None:
        """Wait for that moment, and count the letter."""
        while (wait := self.pause()) > 0:
            threading.Event().wait(wait)


AT_ONCE = Pace(math.inf)


class Sender(NamedTuple):
    """Whose mail it is: the address in From, the name beside it, and what signs the message (DKIM) or leaves it."""

    address: str
    name: str
    sign: Callable[[bytes], bytes]


def nowhere(*, sender: str, recipient: str, message: bytes) -> smtp.Outcome:
    """A mail server of shops that are for show: it takes everything and delivers it to nobody."""
    return smtp.Outcome("sent", 250, "2.0.0 delivered to nobody")


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
    pace: Pace = AT_ONCE, hold: Hold = lambda letters, now: {}, limit: int = BATCH,
) -> Tally:  # fmt: skip
    """Send what is due, at most `limit` letters, no faster than `pace`.

    `hold(letters, now)` says what besides consent keeps letters. What was decided is kept as a permit of the letter.

    Commits: first that the letters are in hand, then for each that it is spoken, together with how the one before it
    ended. A process killed in between leaves letters nobody sent in the queue, and at most one of unknown outcome.
    """
    now = clock()
    _, lost = outbox.recover(now=now)
    if lost:
        replying.follow(letter_ids=replying.in_doubt(at=now), now=now)
    letters = outbox.claim(limit=limit, now=clock(), lease=LEASE)
    db.session.commit()
    return _Round(letters, carry=carry, sender=sender, clock=clock, hold=hold).go(pace)


class _Answer(NamedTuple):
    """Whether a letter may leave, and what besides consent keeps it."""

    verdict: Verdict
    held: leaving.Held | None


class _Round:
    """Letters in hand, one after the other.

    Asking costs as much for twenty letters as for one, so it is done ahead; and again, of those still in hand, as soon as anybody has
    written anything or a second has passed. So each letter is decided by what stands at the moment it leaves.
    """

    def __init__(
        self, letters: Sequence[Letter], *, carry: Callable[..., smtp.Outcome], sender: Sender,
        clock: Callable[[], datetime], hold: Hold,
    ) -> None:  # fmt: skip
        self.letters, self.carry, self.sender, self.clock, self.hold = letters, carry, sender, clock, hold
        self.nobody_else = standstill.Standstill(db.session)
        self.ahead: dict[int, _Answer] = {}
        self.asked_at = clock()
        #: The letter that was spoken last, until its end is written down.
        self.open: tuple[Letter, smtp.Outcome] | None = None
        self.ends: Counter[str] = Counter()

    def go(self, pace: Pace) -> Tally:
        for position, letter in enumerate(self.letters):
            if pace.pause() > 0:
                self._close()  # nobody knows how long we rest
                pace.rest()
            try:
                spoken = self._decided(position, letter)
            except Exception:
                db.session.rollback()
                self._close()
                raise
            if spoken:
                message = self.sender.sign(_message(letter, self.sender))
                outcome = self.carry(sender=self.sender.address, recipient=letter.to_address, message=message)
                self.open = (letter, outcome)
        self._close()
        return Tally(**{name: number for name, number in self.ends.items() if name in Tally._fields})

    def _decided(self, position: int, letter: Letter) -> bool:
        """One transaction: how the last one ended, and whether this one is on the wire now."""
        now, calm = self.clock(), self.nobody_else.holds()
        self._settle(now)
        if not calm or now - self.asked_at >= _FRESH or letter.id not in self.ahead:
            self.ahead, self.asked_at = _asked(self.letters[position : position + _AHEAD], now, self.hold), now
        kept = _kept(letter, self.ahead[letter.id], now)
        spoken = not kept and outbox.begin_speaking(letter_id=letter.id, now=now, lease=LEASE)
        db.session.commit()
        self._noted()
        if kept:
            self.ends[kept] += 1
        return spoken

    def _settle(self, now: datetime) -> None:
        if self.open is None:
            return
        letter, outcome = self.open
        reason = f"{outcome.code} {outcome.text}"
        outbox.settle(letter_id=letter.id, outcome=outcome.kind, reason=reason, attempts=letter.attempts + 1, now=now)
        _follow(letter, now)

    def _close(self) -> None:
        """Write down how the last one ended, in a transaction of its own."""
        if self.open is not None:
            self._settle(self.clock())
            db.session.commit()
            self._noted()

    def _noted(self) -> None:
        if self.open is not None:
            self.ends[self.open[1].kind] += 1
            self.open = None


def _asked(letters: Sequence[Letter], now: datetime, hold: Hold) -> dict[int, _Answer]:
    """Answers about letters, up to the second one to the same customer: how the first ends bears on that."""
    found = identity.profile_ids([each.contact_id for each in letters if each.contact_id is not None])
    first: list[Letter] = []
    seen: set[int] = set()
    for letter in letters:
        whose = found.get(letter.contact_id or 0)
        if whose is not None and whose in seen:
            break
        seen |= {whose} if whose is not None else set()
        first.append(letter)
    verdicts = asking.ask([_question(letter) for letter in first], now=now)
    held = hold([each for each, verdict in zip(first, verdicts, strict=True) if verdict.permitted], now)
    return {each.id: _Answer(verdict, held.get(each.id)) for each, verdict in zip(first, verdicts, strict=True)}


def _kept(letter: Letter, answer: _Answer, now: datetime) -> str:
    """Keep what was decided; "" when the letter may leave."""
    verdict = answer.verdict
    held = answer.held if verdict.permitted else leaving.Held(verdict.reason)
    if held and held.until:
        outbox.postpone(letter_id=letter.id, until=held.until, reason=held.reason)
        return "held"
    reason = held.reason if held else verdict.reason
    outbox.permit(letter_id=letter.id, permitted=held is None, reason=reason, evidence=verdict.evidence, now=now)
    if held is None:
        return ""
    outbox.stop(letter_id=letter.id, reason=reason, now=now)
    _follow(letter, now)
    return "stopped"


def _follow(letter: Letter, now: datetime) -> None:
    """Whoever promised the letter hears how it ended."""
    if leaving.belongs(letter):
        leaving.follow(letter_ids=[letter.id], now=now)
    elif replying.belongs(letter):
        replying.follow(letter_ids=[letter.id], now=now)


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

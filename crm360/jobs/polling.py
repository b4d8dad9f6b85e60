"""Asks the sources that do not deliver by themselves: claims one, speaks to it outside any transaction, keeps each page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from structlog import get_logger

from crm360.flows.keeping import payload_of
from crm360.inbox import polls
from crm360.inbox.polls import Claim
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.sources import registry
from crm360.sources.channel import Call, Channel, Page, PollFailed, Reply

LEASE = timedelta(minutes=5)
MOST_CALLS = 2000

log = get_logger(__name__)

#: Makes one call. Raises TryLater when no usable answer came.
Speaker = Callable[[Call], Reply]
#: Sealed credentials → settings in clear.
Opener = Callable[[Mapping[str, str]], Mapping[str, str]]
#: Secrets in clear → sealed credentials.
Sealer = Callable[[Mapping[str, str]], Mapping[str, str]]


class TryLater(Exception):
    """The system did not answer, or asked for patience; the message is shown to staff."""


def poll_due(*, speak: Speaker, opened: Opener, sealed: Sealer, stopping: Callable[[], bool] = lambda: False) -> int:
    """Poll every source whose turn it is; returns how many new payloads were kept."""
    total = 0
    while not stopping():
        mine = polls.claim(channels=polled(), now=clock.now(), lease=LEASE)
        db.session.commit()
        if mine is None:
            break
        total += poll_one(mine, speak=speak, opened=opened, sealed=sealed)
    return total


def polled() -> list[str]:
    """The channels whose sources are asked."""
    return [name for name, about in registry.channels().items() if about.poll]


def poll_one(mine: Claim, *, speak: Speaker, opened: Opener, sealed: Sealer) -> int:
    """Poll one claimed source to its end; a failure is kept for staff to see, and the next try goes on from there."""
    about = registry.channels()[mine.channel]
    new, reason = 0, ""
    try:
        for kept, later in _pages(mine, about, {**mine.settings, **opened(mine.credentials)}, speak, sealed):
            new, mine = new + kept, later
    except polls.ClaimLost:
        db.session.rollback()
        log.warning("poll taken over", source=mine.name)
        return new
    except (TryLater, PollFailed) as error:
        reason = str(error)
    except Exception as error:
        db.session.rollback()
        log.exception("poll failed", source=mine.name)
        reason = f"{type(error).__name__} while reading what {about.label} answered."
    if reason:
        log.warning("poll failed", source=mine.name, reason=reason)
    end_turn(mine, reason=reason, every=timedelta(seconds=about.every_seconds))
    return new


def _pages(
    mine: Claim, about: Channel, settings: Mapping[str, Any], speak: Speaker, sealed: Sealer
) -> Iterator[tuple[int, Claim]]:
    """Drive the conversation; yields how many payloads of a page were new, committed with the cursor."""
    if about.poll is None:
        raise PollFailed(f"{about.label} is not polled.")
    conversation = about.poll(settings, mine.cursor, clock.now())
    reply: Reply | None = None
    calls = 0
    while True:
        try:
            step = conversation.send(reply)
        except StopIteration:
            return
        if isinstance(step, Page):
            items = [payload_of(item) for item in step.items]
            new_secrets = sealed(step.credentials)
            kept, mine = polls.keep_page(
                mine=mine, items=items, cursor=step.cursor, credentials=new_secrets, now=clock.now(), lease=LEASE
            )
            db.session.commit()
            reply = None
            yield kept.new, mine
        else:
            calls += 1
            if calls > MOST_CALLS:
                raise TryLater(f"More than {MOST_CALLS} calls in one go; the rest follows.")
            reply = speak(step)


def end_turn(mine: Claim, *, reason: str, every: timedelta) -> None:
    """Give a source back and commit: it has its next turn `every` later, or after a pause when `reason` says it failed."""
    try:
        if reason:
            polls.failed(mine=mine, now=clock.now(), reason=reason)
        else:
            polls.succeeded(mine=mine, now=clock.now(), every=every)
        db.session.commit()
    except polls.ClaimLost:
        db.session.rollback()
        log.warning("poll taken over", source=mine.name)

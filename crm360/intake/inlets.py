"""The source a checked request speaks for, and how its payloads are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from flask import current_app

from crm360.inbox import operations as inbox
from crm360.inbox.operations import NewPayload
from crm360.intake.calls import Refused
from crm360.kernel import clock
from crm360.kernel.errors import Unavailable


class SourcePaused(Unavailable):
    """Staff paused the source; a sender that tries again later loses nothing."""

    def __init__(self) -> None:
        super().__init__("This source is paused. Deliver again later.")


class Inlet(NamedTuple):
    """A source, and the channel whose reader takes what came through this door."""

    source_id: int
    channel: str


def keep(inlet: Inlet, payloads: Sequence[NewPayload], refused: Sequence[Refused] = ()) -> None:
    """Keep payloads for the worker, and refused ones in quarantine; durable once the visit is settled."""
    now = clock.now()
    inbox.keep(source_id=inlet.source_id, channel=inlet.channel, items=payloads, now=now)
    for payload, reason in refused:
        inbox.keep_unreadable(source_id=inlet.source_id, channel=inlet.channel, item=payload, reason=reason, now=now)


def defaults() -> dict[str, str]:
    """Settings of a source made at the door: what its payloads mean when they do not say."""
    settings = current_app.config["SETTINGS"]
    return {"currency": settings.currency, "region": settings.phone_region}

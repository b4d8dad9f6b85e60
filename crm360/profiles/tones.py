"""What a colleague said a line sounds like stands above every guess, now and whenever the line is written anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from crm360.kernel import dialects
from crm360.kernel.batches import chunked
from crm360.kernel.db import db, table_of
from crm360.kernel.errors import Invalid, NotFound
from crm360.profiles import feed
from crm360.profiles.models import TimelineEntry, Tone
from crm360.tone.guessing import TONES

#: Kinds of lines that have a tone.
KINDS = ("message.in", "survey.answered", "review.written")


class NoSuchLine(NotFound):
    """The line is not there, or nobody speaks in it."""

    def __init__(self) -> None:
        super().__init__("There is no such line, or it has no words of a customer.")


class BadTone(Invalid):
    """A tone there is none of."""


def get(entry_id: int) -> TimelineEntry:
    """A line with words of a customer. Raises NoSuchLine."""
    found = db.session.get(TimelineEntry, entry_id)
    if found is None or found.kind not in KINDS or found.subject is None:
        raise NoSuchLine
    return found


def correct(*, entry_id: int, tone: str, by: str, now: datetime) -> TimelineEntry:
    """Say what a line sounds like. Raises NoSuchLine, BadTone."""
    entry = get(entry_id)
    if tone not in TONES:
        raise BadTone("Choose one of the three.", errors={"tone": ["Choose one of the three."]})
    row = {"subject": entry.subject, "contact_id": entry.contact_id, "tone": tone, "said_at": now, "said_by": by}
    dialects.upsert(db.session, table_of(Tone), [row], ["subject"])
    entry.properties = _said(entry.properties, tone, by)
    db.session.flush()
    feed.mark_contacts({entry.contact_id}, now=now)
    return entry


def stand(rows: Sequence[dict[str, Any]]) -> None:
    """Put what colleagues said into rows of lines that have a tone, in place."""
    toned = {row["subject"]: row for row in rows if "tone" in row["properties"] and row["subject"] is not None}
    for chunk in chunked(sorted(toned)):
        query = select(Tone.subject, Tone.tone, Tone.said_by).where(Tone.subject.in_(chunk))
        for subject, tone, by in db.session.execute(query):
            toned[subject]["properties"] = _said(toned[subject]["properties"], tone, by)


def _said(properties: Any, tone: str, by: str) -> dict[str, Any]:
    kept = {name: value for name, value in properties.items() if name != "tone_confidence"}
    return kept | {"tone": tone, "tone_by": by}

"""Tones stand on the timeline, are guessed anew alike, and a colleague's word outlives every guess."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from crm360.flows import forgetting, toning
from crm360.kernel.db import db
from crm360.profiles import tones
from crm360.profiles.models import TimelineEntry, Tone
from tests.reviews.test_tending import tell


def line() -> TimelineEntry:
    db.session.expire_all()
    return db.session.scalars(select(TimelineEntry).where(TimelineEntry.kind == "review.written")).one()


def test_a_colleagues_word_stands_above_the_guess(session: Any, alice: Any, now: datetime):
    tell(now, body="Fatalny kubek, nie polecam.")
    guessed = dict(line().properties)
    assert (guessed["tone"], guessed["tone_confidence"] > 0.6) == ("negative", True)
    assert toning.rebuild(after=0).changed == 0
    bare = {name: value for name, value in guessed.items() if not name.startswith("tone")}
    line().properties = bare
    db.session.flush()
    assert toning.rebuild(after=0).changed == 1
    assert line().properties == guessed
    with pytest.raises(tones.BadTone):
        tones.correct(entry_id=line().id, tone="angry", by="Marta", now=now)
    tones.correct(entry_id=line().id, tone="positive", by="Marta", now=now)
    assert (line().properties["tone"], line().properties["tone_by"]) == ("positive", "Marta")
    assert toning.rebuild(after=0).changed == 0
    tell(now, body="Fatalny kubek, nie polecam, okropny.", at=now)
    assert line().properties["tone"] == "positive", "the line was written anew"
    forgetting.forget([line().contact_id])
    assert session.scalars(select(Tone)).all() == []

"""A segment as a person one can picture: what is typical of its members beside all customers, and what they said."""

from __future__ import annotations

from flask import render_template

from crm360.flows import personas
from crm360.insights.personas import DAYS
from crm360.kernel import clock
from crm360.web import insight_words, labels
from crm360.web.blueprint import door
from crm360.web.policy import requires


@door.get("/segments/<int:segment_id>/persona")
@requires("insights.read")
def persona(segment_id: int) -> str:
    found = personas.of_segment(segment_id, now=clock.now())
    return render_template(
        "segments/persona.html",
        persona=found,
        words=insight_words,
        days=DAYS,
        channels=labels.CHANNELS,
        most=personas.SAMPLE,
        tones=labels.TONES,
    )

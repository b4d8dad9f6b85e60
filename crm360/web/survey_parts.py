"""The score of a survey by part, each with its count, interval and customers; as a page and as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response

from crm360.flows import scored
from crm360.flows.scored import Part
from crm360.surveys import queries
from crm360.surveys.models import Survey
from crm360.web import insight_lists, insight_words, tables, team, work
from crm360.web.blueprint import door
from crm360.web.policy import requires

HEADER = ("part", "name", "score", "low", "high", "answers")


@door.get("/surveys/<int:survey_id>/parts")
@requires("customers.read")
def survey_parts(survey_id: int) -> str | Response:
    found = queries.get(survey_id)
    parts = of(found, scored.PARTS)
    if request.args.get("form") == "csv":
        return tables.as_csv(HEADER, lines(parts), name=f"survey-{survey_id}-parts")
    return render_template(
        "surveys/parts.html", survey=found, score=queries.score_of(found), counts=queries.counts(found.id), parts=parts,
        words=insight_words, part_name=insight_lists.part_name,
    )  # fmt: skip


def of(found: Survey, wanted: Sequence[str]) -> dict[str, list[Part]]:
    """The score by these parts; of agents oneself and those one leads."""
    parts = {part: scored.by(found, part, zone=work.zone()) for part in wanted}
    if "agent" in parts:
        parts["agent"] = [each for each in parts["agent"] if team.sees_agent(each.key)]
    return parts


def lines(parts: Mapping[str, Sequence[Part]]) -> list[Sequence[Any]]:
    """A line of the file for each part."""
    return [
        (part, each.name, *(round(number, 2) for number in each.score[:3]), each.score.answers)
        for part, found in parts.items()
        for each in found
    ]

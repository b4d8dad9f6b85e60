"""Merging customers, and taking decisions back."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from crm360.accounts import audit
from crm360.api import bodies, examples, schemas
from crm360.api.door import door, failing
from crm360.api.policy import actor, key, requires
from crm360.api.profiles import ID
from crm360.flows import review
from crm360.identity import queries as identity
from crm360.identity.operations import Outcome
from crm360.kernel import clock

TAGS = ["Decisions"]
refused = failing(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


@door.post(f"{ID}/merges", tags=TAGS)
@requires("merges.decide")
@refused
@door.arguments(bodies.MergeRequest, example=examples.MERGE)
@door.response(HTTPStatus.CREATED, schemas.Decision, example=examples.DECISION)
@door.doc(operationId="mergeProfiles")
def merge(body: dict[str, Any], profile_id: int) -> dict[str, Any]:
    """Say that two profiles are one customer"""
    pair = [profile_id, body["with_"]]
    outcome = review.merge(profile_ids=pair, by=key().name, reason=body["reason"], now=clock.now())
    record("profiles.merged", outcome, pair)
    return decided(outcome, identity.current(profile_id))


@door.post("/decisions/<int(min=1, max=9223372036854775807):decision_id>/undo", tags=TAGS)
@requires("merges.decide")
@refused
@door.arguments(bodies.UndoRequest, required=False, example=examples.UNDO)
@door.response(HTTPStatus.OK, schemas.Decision, example=examples.UNDONE)
@door.doc(operationId="undoDecision")
def undo(body: dict[str, Any], decision_id: int) -> dict[str, Any]:
    """Take a decision back

    Every record returns to where the evidence and the other decisions put it; ids retired by a merge come back.
    """
    outcome = review.undo(decision_id=decision_id, by=key().name, reason=body["reason"], now=clock.now())
    record("decision.undone", outcome, sorted(outcome.profile_ids))
    return decided(outcome, None)


def record(action: str, outcome: Outcome, profile_ids: list[int]) -> None:
    """One audit entry per customer the decision was about."""
    details = {"decision_id": outcome.decision_id, "profile_ids": profile_ids}
    acts = [
        audit.Act(actor=actor(), action=action, subject_kind="profile", subject_id=each, details=details)
        for each in profile_ids
    ]
    audit.record_all(acts=acts, now=clock.now())


def decided(outcome: Outcome, profile_id: int | None) -> dict[str, Any]:
    """The answer to a decision."""
    return {
        "decision_id": outcome.decision_id, "profile_ids": sorted(outcome.profile_ids), "profile_id": profile_id
    }  # fmt: skip

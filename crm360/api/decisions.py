"""Merging customers, parting them, and taking decisions back."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from crm360.accounts import audit
from crm360.api import bodies, bodies_identity, disclosing, examples, examples_identity, identity_view, schemas
from crm360.api.door import door, failing
from crm360.api.policy import actor, key, requires
from crm360.api.profiles import ID, refused_or_absent
from crm360.api.schemas_identity import DecisionPage, Split
from crm360.flows import review
from crm360.identity import listing
from crm360.identity import queries as identity
from crm360.identity.operations import Outcome
from crm360.kernel import clock

TAGS = ["Decisions"]
MERGED, DISTINGUISHED = "profiles.merged", "profiles.distinguished"
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
    record(MERGED, outcome, pair)
    return decided(outcome, identity.current(profile_id))


@door.post(f"{ID}/splits", tags=TAGS)
@requires("merges.decide")
@refused
@door.arguments(bodies_identity.SplitRequest, example=examples_identity.SPLIT)
@door.response(HTTPStatus.CREATED, Split, example=examples_identity.SPLIT_DECISION)
@door.doc(operationId="splitProfile")
def split(body: dict[str, Any], profile_id: int) -> dict[str, Any]:
    """Say that some records are another customer

    Holds against new evidence until undone. The larger part keeps the id.
    """
    present, chosen, now = identity.current(profile_id), sorted(set(body["contact_ids"])), clock.now()
    rest = next((each.id for each in identity.contacts_of(present) if each.id not in chosen and not each.anonymous), 0)
    outcome = review.split(profile_id=present, contact_ids=chosen, by=key().name, reason=body["reason"], now=now)
    record("profile.split", outcome, sorted(outcome.profile_ids))
    homes = identity.profile_ids([chosen[0], rest])
    return decided(outcome, homes[rest]) | {"split_off_id": homes[chosen[0]]}


@door.post(f"{ID}/distinctions", tags=TAGS)
@requires("merges.decide")
@refused
@door.arguments(bodies_identity.DistinctionRequest, example=examples_identity.DISTINCTION)
@door.response(HTTPStatus.CREATED, schemas.Decision, example=examples_identity.DISTINGUISHED)
@door.doc(operationId="distinguishProfiles")
def distinguish(body: dict[str, Any], profile_id: int) -> dict[str, Any]:
    """Say that two profiles are two customers

    Whatever evidence comes, they stay apart until this is undone.
    """
    pair = [profile_id, body["from_"]]
    outcome = review.distinguish(profile_ids=pair, by=key().name, reason=body["reason"], now=clock.now())
    record(DISTINGUISHED, outcome, pair)
    return decided(outcome, identity.current(profile_id))


@door.get("/decisions", tags=TAGS)
@requires("merges.decide")
@refused_or_absent
@door.arguments(bodies_identity.DecisionQuery, location="query")
@door.response(HTTPStatus.OK, DecisionPage, example=examples_identity.DECISIONS)
@door.doc(operationId="listDecisions")
def decisions(query: dict[str, Any]) -> dict[str, Any]:
    """Read what was decided, latest first, by people and integrations"""
    present = identity.current(query["profile"]) if query["profile"] else None
    found = listing.decisions(profile_id=present, after=query["after"], limit=query["limit"])
    told = {"items": [identity_view.step(item) for item in found.items], "next_cursor": found.next_cursor}
    return disclosing.told([present], told)


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

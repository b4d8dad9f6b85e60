"""The questions that wait for a person, and the answers to them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from crm360.api import bodies_identity as bodies
from crm360.api import decisions, disclosing, identity_view
from crm360.api import examples_identity as examples
from crm360.api import schemas_identity as schemas
from crm360.api.door import door, failing
from crm360.api.policy import key, requires
from crm360.api.schemas import Decision
from crm360.flows import review as flow
from crm360.identity import holding, in_force, listing
from crm360.identity import queries as identity
from crm360.identity.reviewing import Review
from crm360.identity.thresholds import thresholds
from crm360.kernel import clock
from crm360.profiles import queries as golden

TAGS = ["Reviews"]


@door.get("/reviews", tags=TAGS)
@requires("merges.decide")
@failing(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
@door.arguments(bodies.ReadPageQuery, location="query")
@door.response(HTTPStatus.OK, schemas.ReviewPage, example=examples.REVIEWS)
@door.doc(operationId="listReviews")
def reviews(query: dict[str, Any]) -> dict[str, Any]:
    """Read which customers may be one, most alike first

    Each pair of customers once, by its strongest pair of records.
    """
    found = listing.reviews(after=query["after"], limit=query["limit"])
    records = golden.golden({each for asked in found.items for each in (asked.left_profile_id, asked.right_profile_id)})
    sure = [_ends(asked) for asked in found.items if asked.weight >= thresholds().join]
    held = holding.held(sure)
    items = [identity_view.review(asked, records, held.get(_ends(asked), holding.DOUBT)) for asked in found.items]
    told = {"model": in_force.current().name, "thresholds": identity_view.lines(thresholds()), "items": items}
    return disclosing.told(sorted(records), told | {"next_cursor": found.next_cursor}, action=disclosing.REVIEWED)


def _ends(asked: Review) -> tuple[int, int]:
    return asked.left_profile_id, asked.right_profile_id


@door.post("/reviews/answers", tags=TAGS)
@requires("merges.decide")
@decisions.refused
@door.arguments(bodies.ReviewAnswer, example=examples.ANSWER)
@door.response(HTTPStatus.CREATED, Decision, example=examples.ANSWERED)
@door.doc(operationId="answerReview")
def answer(body: dict[str, Any]) -> dict[str, Any]:
    """Answer whether two customers are one

    Also for pairs that no review asked about. The answer is a decision: it holds against new evidence until undone.
    """
    ends, same = {"left_id": body["left_contact_id"], "right_id": body["right_contact_id"]}, body["same"]
    asked = sorted(identity.profile_ids(ends.values()).values())
    outcome = flow.decide(**ends, same=same, by=key().name, reason=body["reason"], now=clock.now())
    decisions.record(decisions.MERGED if same else decisions.DISTINGUISHED, outcome, asked)
    return decisions.decided(outcome, identity.current(asked[0]) if same else None)

"""Campaigns: planning one, whom it would reach, launching it, how it goes, and everybody it considered."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import current_app

from crm360.accounts import audit
from crm360.api import schemas_campaigns as schemas
from crm360.api.door import door, failing
from crm360.api.policy import actor, key, requires
from crm360.flows import campaigns as running
from crm360.kernel import clock
from crm360.outreach import audience, launching, plan, queries, results
from crm360.outreach.models import Campaign

TAGS = ["Campaigns"]
ID = "/campaigns/<int(min=1, max=9223372036854775807):campaign_id>"
_AT = "2026-03-02T10:30:00.000000Z"
_BRIEF: dict[str, Any] = {"id": 4, "name": "Coffee days", "purpose": "marketing", "state": "running", "created_at": _AT,
                          "launched_at": _AT, "ended_at": None}  # fmt: skip
_PLAN = {
    "name": "Coffee days",
    "audience": {"kind": "segment", "segment_id": 3},
    "templates": [7],
    "plan": {"control_percent": 10},
}
_WHOLE = _BRIEF | {
    "audience": {"kind": "segment", "segment_id": 3}, "templates": [7], "plan": {"control_percent": 10},
    "waterfall": [{"step": "matched", "lost": 0, "left": 2}, {"step": "no_consent", "lost": 1, "left": 1}],
    "outcomes": {"sent": 1, "skipped": 1}, "did": [{"kind": "opened", "people": 1, "by_machine": 0}], "bought": 0, "winner": {},
}  # fmt: skip
_PAGE = {"items": [{"id": 9, "profile_id": 17, "state": "sent", "step": "reachable", "reason": "consent_given", "evidence": [88],
                    "variant": "A", "settled_at": _AT}], "next_after": None}  # fmt: skip
refused = failing(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
refused_or_absent = failing(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
refused_or_not_now = failing(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


@door.get("/campaigns", tags=TAGS)
@requires("campaigns.read")
@refused
@door.response(HTTPStatus.OK, schemas.CampaignList, example={"items": [_BRIEF]})
@door.doc(operationId="listCampaigns")
def campaigns() -> dict[str, Any]:
    """Read campaigns, the newest first"""
    return {"items": queries.campaigns()}


@door.post("/campaigns", tags=TAGS)
@requires("campaigns.manage")
@refused_or_absent
@door.arguments(schemas.NewCampaign, example=_PLAN)
@door.response(HTTPStatus.CREATED, schemas.WholeCampaign, example=_WHOLE | {"state": "draft", "launched_at": None})
@door.doc(operationId="createCampaign")
def create_campaign(body: dict[str, Any]) -> dict[str, Any]:
    """Plan a campaign

    Nothing leaves before its launch; `waterfall` says whom it would reach now.
    """
    made = launching.draft(
        campaign_id=None, name=body["name"], purpose=body["purpose"], audience_=body["audience"],
        templates=body["templates"], chosen=body["plan"], by=key().name, now=clock.now(),
    )  # fmt: skip
    return _told("campaign.planned", made)


@door.get(ID, tags=TAGS)
@requires("campaigns.read")
@refused_or_absent
@door.response(HTTPStatus.OK, schemas.WholeCampaign, example=_WHOLE)
@door.doc(operationId="getCampaign")
def campaign(campaign_id: int) -> dict[str, Any]:
    """Read one campaign: whom it reaches, how far it is, what came of it"""
    return _whole(queries.get_campaign(campaign_id))


@door.get(f"{ID}/recipients", tags=TAGS)
@requires("campaigns.read")
@refused_or_absent
@door.arguments(schemas.AskedRecipients, location="query")
@door.response(HTTPStatus.OK, schemas.RecipientPage, example=_PAGE)
@door.doc(operationId="listCampaignRecipients")
def campaign_recipients(asked: dict[str, Any], campaign_id: int) -> dict[str, Any]:
    """Read everybody a launched campaign considered, each with their outcome and why"""
    queries.get_campaign(campaign_id)
    most = asked.pop("limit")
    found = queries.recipients(campaign_id, **asked, limit=most + 1)
    return {"items": found[:most], "next_after": found[most - 1].id if len(found) > most else None}


@door.post(f"{ID}/launch", tags=TAGS)
@requires("campaigns.manage")
@refused_or_not_now
@door.response(HTTPStatus.OK, schemas.WholeCampaign, example=_WHOLE)
@door.doc(operationId="launchCampaign")
def launch_campaign(campaign_id: int) -> dict[str, Any]:
    """Freeze the audience and begin to send

    Consent is asked for again as each message leaves.
    """
    launched = running.launch(campaign_id=campaign_id, house=_house(), by=key().name, now=clock.now())
    return _told("campaign.launched", launched)


def _change(path: str, action: str, name: str, about: str, act: Callable[[int], Campaign]) -> None:
    """One of the small steps of a running campaign, as an address of its own."""

    def view(campaign_id: int) -> dict[str, Any]:
        return _told(action, act(campaign_id))

    view.__name__, view.__doc__ = f"{name.lower()}_campaign", about
    for decorate in (
        door.doc(operationId=f"{name}Campaign"), door.response(HTTPStatus.OK, schemas.WholeCampaign, example=_WHOLE),
        refused_or_not_now, requires("campaigns.manage"), door.post(f"{ID}/{path}", tags=TAGS),
    ):  # fmt: skip
        view = decorate(view)


_change(
    "pause",
    "campaign.paused",
    "pause",
    "Let nothing more leave",
    lambda number: running.pause(campaign_id=number, now=clock.now()),
)
_change(
    "resumption", "campaign.resumed", "resume", "Go on after a pause", lambda number: running.resume(campaign_id=number)
)
_change("cancellation", "campaign.cancelled", "cancel", "End it: nobody gets it any more", lambda number: running.cancel(campaign_id=number, now=clock.now()))  # fmt: skip


def _told(action: str, changed: Campaign) -> dict[str, Any]:
    audit.record(
        actor=actor(), action=action, subject_kind="campaign", subject_id=changed.id, details={}, now=clock.now()
    )
    return _whole(changed)


def _whole(found: Campaign) -> dict[str, Any]:
    brief = {
        name: getattr(found, name)
        for name in ("id", "name", "purpose", "state", "created_at", "launched_at", "ended_at")
    }
    did = results.happened(found.id).get("", {})
    return brief | {
        "audience": found.audience, "templates": [each["template_id"] for each in found.variants],
        "plan": found.settings, "winner": found.winner, "outcomes": queries.states([found.id])[found.id],
        "waterfall": [each._asdict() for each in _waterfall(found)],
        "did": [{"kind": kind, **each._asdict()} for kind, each in sorted(did.items())],
        "bought": len({each.recipient_id for each in results.sales(found)}) if found.launched_at else 0,
    }  # fmt: skip


def _waterfall(found: Campaign) -> list[audience.Fall]:
    """As promised at launch; before it, as it would be now."""
    if found.launched_at:
        return audience.waterfall(step for step, many in found.promised.items() for _ in range(many))
    now = clock.now()
    everybody = running.profiles_of(found, now=now)
    return audience.waterfall(each.step for each in launching.consider(found, everybody, house=_house(), now=now))


def _house() -> plan.House:
    return plan.house(current_app.config["SETTINGS"])

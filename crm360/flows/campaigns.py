"""Campaigns from end to end: whom they are for, what the clock does with those that run, and how they are stopped."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from crm360.identity import queries as identity
from crm360.kernel.batches import chunked
from crm360.kernel.errors import DomainError
from crm360.outreach import handing, launching, leaving, queries, results
from crm360.outreach.composing import subject_of
from crm360.outreach.models import Campaign
from crm360.outreach.plan import House
from crm360.segments import counting

#: Recipients handed over in one round of the clock.
MOST_AT_ONCE = 1000
#: So many letters may wait in the outbox; the rest is composed when these have left, with what is known then.
MOST_WAITING = 1000


def profiles_of(campaign: Campaign, *, now: datetime) -> list[int]:
    """Everybody the campaign is for, as it is at this moment."""
    return audience_of(campaign.audience, now=now)


def audience_of(chosen: dict[str, Any], *, now: datetime) -> list[int]:
    """Profile ids of an audience: the members of a segment at this moment, a list somebody gave (followed through
    merges), or everybody. Raises NoSuchSegment."""
    if chosen["kind"] == "segment":
        return counting.members(segment_id=chosen["segment_id"], now=now)
    if chosen["kind"] == "everybody":
        found: list[int] = []
        while page := identity.profile_page(after=found[-1] if found else 0, limit=5000):
            found += page
        return found
    return list(dict.fromkeys(_current([int(each) for each in chosen.get("profile_ids", ())])))


def launch(*, campaign_id: int, house: House, by: str, now: datetime) -> Campaign:
    """Freeze the audience and begin. Raises NotNow, BadTemplate."""
    campaign = queries.get_campaign(campaign_id)
    return launching.launch(
        campaign_id=campaign_id, profile_ids=profiles_of(campaign, now=now), house=house, by=by, now=now
    )


def run(*, house: House, now: datetime) -> int:
    """One round of the clock: start what is due, decide tests, hand over, end what is done. Returns how many rows moved."""
    moved = 0
    for campaign in queries.in_states("scheduled"):
        if campaign.scheduled_at and campaign.scheduled_at <= now:
            moved += _start(campaign, house, now)
    for campaign in queries.in_states("running", "paused"):
        moved += leaving.follow(letter_ids=leaving.straggling(campaign.id), now=now)
        if campaign.state == "running":
            moved += _advance(campaign, house, now)
    return moved


def pause(*, campaign_id: int, now: datetime) -> Campaign:
    """Nothing more leaves; what is not on the wire waits. Raises NotNow."""
    campaign = launching.in_state(campaign_id, "running")
    campaign.state = "paused"
    handing.take_back(campaign_id=campaign_id, subject=subject_of(campaign_id), to="waiting", reason="paused", now=now)
    return queries.get_campaign(campaign_id)


def resume(*, campaign_id: int) -> Campaign:
    """It goes on. Raises NotNow."""
    campaign = launching.in_state(campaign_id, "paused")
    campaign.state = "running"
    return campaign


def cancel(*, campaign_id: int, now: datetime) -> Campaign:
    """It ends here: nobody who has not got the message gets it. Raises NotNow."""
    campaign = launching.in_state(campaign_id, "draft", "scheduled", "running", "paused")
    campaign.state, campaign.ended_at = "cancelled", now
    handing.take_back(
        campaign_id=campaign_id, subject=subject_of(campaign_id), to="cancelled", reason="cancelled", now=now
    )
    return queries.get_campaign(campaign_id)


def _start(campaign: Campaign, house: House, now: datetime) -> int:
    try:
        launch(campaign_id=campaign.id, house=house, by=campaign.launched_by, now=now)
    except DomainError as error:
        campaign.state, campaign.ended_at = "cancelled", now
        campaign.winner = {"failed": error.message}
    return 1


def _advance(campaign: Campaign, house: House, now: datetime) -> int:
    moved = results.decide_winner(campaign=campaign, now=now)
    counted = queries.states([campaign.id])[campaign.id]
    room = MOST_WAITING - counted.get("handed", 0)
    moved += (
        handing.hand_over(campaign=campaign, house=house, now=now, limit=min(room, MOST_AT_ONCE)) if room > 0 else 0
    )
    if not counted.get("waiting") and not counted.get("handed"):
        campaign.state, campaign.ended_at = "finished", now
        moved += 1
    return moved


def _current(profile_ids: list[int]) -> list[int]:
    """Where these customers are now; those who are gone are left out."""
    found = []
    for some in chunked(profile_ids):
        for profile_id in some:
            try:
                found.append(identity.current(profile_id))
            except identity.ProfileNotFound:
                continue  # erased: nobody to write to
    return found

"""What the pages of a campaign show: its plan as a form, its waterfall, its progress, its results, the people behind a number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import request

from crm360.consents import definitions
from crm360.flows import campaigns as running
from crm360.kernel import clock
from crm360.outreach import audience, judging, launching, plan, queries, results
from crm360.outreach.models import Campaign
from crm360.outreach.plan import House
from crm360.profiles import queries as profiles
from crm360.segments import queries as segments
from crm360.web import formats

MOST_NAMED = 100
#: Outcomes in the order they are read.
STATES = ("waiting", "handed", "sent", "refused", "unknown", "stopped", "cancelled", "control", "skipped")


def choices() -> dict[str, Any]:
    """What a plan may choose from."""
    purposes = [
        each
        for each in definitions.catalogue(now=clock.now()).known.values()
        if each.asks_consent and "email" in each.channels
    ]
    return {
        "templates": queries.templates(),
        "purposes": purposes,
        "segments": segments.names(),
        "letters": launching.LETTERS[:3],
        "winners": plan.WINNERS,
    }


def start() -> dict[str, Any]:
    """The plan a new campaign begins with; a page may bring customers along (`?profile=17`)."""
    asked = request.args.getlist("profile", type=int)
    return {"name": "", "purpose": "marketing", "audience": "segment" if request.args.get("segment") else "profiles" if asked else "everybody",
            "profiles": " ".join(map(str, asked)), "segment": request.args.get("segment", ""), "templates": request.args.getlist("template"),
            **plan.stored(plan.Plan())}  # fmt: skip


def given(campaign: Campaign) -> dict[str, Any]:
    """A draft as the form shows it."""
    chosen = campaign.audience
    return {"name": campaign.name, "purpose": campaign.purpose, "audience": chosen["kind"],
            "profiles": " ".join(map(str, chosen.get("profile_ids", ()))), "segment": str(chosen.get("segment_id", "")),
            "templates": [str(each["template_id"]) for each in campaign.variants], **campaign.settings}  # fmt: skip


def again() -> dict[str, Any]:
    """What was typed, when it could not be kept."""
    form = request.form
    return {
        **form,
        "profiles": form.get("profiles", ""),
        "templates": form.getlist("template"),
        "track": "track" in form,
    }


def typed() -> dict[str, Any]:
    """The plan the form says, as `launching.draft` takes it."""
    form = request.form
    kind = form.get("audience", "")
    numbers = [
        int(each) for each in form.get("profiles", "").replace(",", " ").replace("#", " ").split() if each.isdigit()
    ]
    chosen: dict[str, Any] = {"kind": kind}
    if kind == "profiles":
        chosen |= {"profile_ids": numbers}
    if kind == "segment":
        segment = segments.get(form.get("segment", 0, type=int))
        chosen |= {"segment_id": segment.id, "name": segment.name}
    return {
        "name": form.get("name", ""), "purpose": form.get("purpose", ""), "audience_": chosen,
        "templates": [int(each) for each in form.getlist("template") if each.isdigit()],
        "chosen": {**form, "track": "track" in form},
    }  # fmt: skip


def draft(campaign: Campaign, house: House, now: datetime) -> dict[str, Any]:
    """A campaign before its launch: the waterfall as it would be now, and people to see the message for."""
    considered = launching.consider(campaign, running.profiles_of(campaign, now=now), house=house, now=now)
    counted = Counter(each.step for each in considered)
    reached = [each.profile_id for each in considered if each.step == "reachable"]
    return {
        "campaign": campaign, "falls": audience.waterfall(each.step for each in considered), "counted": counted,
        "reachable": len(reached), "people": named(reached[:3]), "templates": used(campaign), "plan": plan.kept(campaign.settings),
        "audience": audience_words(campaign), "at": now,
    }  # fmt: skip


def used(campaign: Campaign) -> list[tuple[str, Any]]:
    """Variant letter and template of each message."""
    return [(each["key"], queries.get_template(each["template_id"])) for each in campaign.variants]


def progress(campaign: Campaign) -> dict[str, Any]:
    """How far a running campaign is: outcomes with their numbers, and the share that is settled."""
    counted = queries.states([campaign.id])[campaign.id]
    promised = campaign.promised.get("reachable", 0)
    open_ = counted.get("waiting", 0) + counted.get("handed", 0)
    return {
        "states": [(state, counted[state]) for state in STATES if counted.get(state)], "promised": promised,
        "settled": promised - open_, "share": (promised - open_) / promised if promised else 1.0,
    }  # fmt: skip


def results_of(campaign: Campaign, now: datetime) -> dict[str, Any]:
    """A campaign since its launch."""
    sold = results.sales(campaign)
    promised = [step for step, many in campaign.promised.items() for _ in range(many)]
    return {
        "campaign": campaign, "progress": progress(campaign), "falls": audience.waterfall(promised),
        "lines": results.lines(campaign, sold), "effect": results.effect(campaign, sold), "sold": sold,
        "judged": judging.judge(campaign, now=now), "templates": used(campaign), "plan": plan.kept(campaign.settings),
        "audience": audience_words(campaign), "links": results.clicks(campaign.id),
    }  # fmt: skip


def people(campaign: Campaign, house: House, now: datetime) -> dict[str, Any]:
    """Who is behind a number: `step` of the waterfall or `state` of the outcomes; of a draft as it would be now."""
    step, state = request.args.get("step", ""), request.args.get("state", "")
    after = request.args.get("after", 0, type=int)
    if campaign.state in ("draft", "scheduled"):
        considered = launching.consider(campaign, running.profiles_of(campaign, now=now), house=house, now=now)
        rows: list[Any] = [each for each in considered if each.step == step or not step]
        total, rows = len(rows), rows[after : after + MOST_NAMED]
        more = after + MOST_NAMED if after + MOST_NAMED < total else None
    else:
        rows = queries.recipients(campaign.id, step=step, state=state, after=after, limit=MOST_NAMED + 1)
        more = rows[MOST_NAMED - 1].id if len(rows) > MOST_NAMED else None
        rows = rows[:MOST_NAMED]
    names = dict(named([each.profile_id for each in rows]))
    return {"campaign": campaign, "step": step, "state": state, "rows": rows, "names": names, "more": more}


def named(profile_ids: list[int]) -> list[tuple[int, str]]:
    """Customers with what they are called."""
    records = profiles.golden(profile_ids)
    return [(each, formats.shown_name(records[each].display_name)) for each in profile_ids if each in records]


def audience_words(campaign: Campaign) -> Mapping[str, Any]:
    """Whom it is for: kind, how many were listed, the segment's name."""
    chosen = campaign.audience
    return {"kind": chosen["kind"], "count": len(chosen.get("profile_ids", ())), "segment": chosen.get("name", "")}

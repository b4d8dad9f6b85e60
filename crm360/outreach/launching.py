"""A campaign from a draft to its launch: what is sent is frozen, and everybody considered gets a row with an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from crm360.consents import definitions
from crm360.kernel import bulk, dialects
from crm360.kernel.batches import chunked
from crm360.kernel.db import db, table_of
from crm360.kernel.errors import Conflict, Invalid
from crm360.normalise.text import clean
from crm360.outreach import audience, drawing, facing, plan, queries, quiet, rendering, vocabulary
from crm360.outreach.audience import Considered
from crm360.outreach.models import Campaign, Link, Recipient
from crm360.outreach.plan import House, Plan

LETTERS = "ABCDE"
AUDIENCES = ("segment", "profiles", "everybody")
CHANNELS = ("email",)


class BadCampaign(Invalid):
    """A campaign lacks something, or asks for something that cannot be."""


class NotNow(Conflict):
    """The campaign is in a state in which this cannot be done."""


def draft(
    *, campaign_id: int | None, name: str, purpose: str, audience_: Mapping[str, Any], templates: Sequence[int],
    chosen: Mapping[str, Any], by: str, now: datetime, channel: str = "email",
) -> Campaign:  # fmt: skip
    """A new campaign, or a draft changed. Raises BadCampaign, plan.BadPlan, TemplateNotFound, NotNow."""
    called = clean(name)[:120]
    _refuse_unless(called, "name", "A campaign needs a name.")
    _refuse_unless(purpose and len(purpose) <= 40, "purpose", "A campaign needs a purpose.")
    consents_asked = definitions.catalogue(now=now).of(purpose).asks_consent
    _refuse_unless(
        consents_asked, "purpose", "Campaigns are for purposes people are asked about; this one needs no consent."
    )
    _refuse_unless(channel in CHANNELS, "channel", "Campaigns go by e-mail.")
    _refuse_unless(audience_.get("kind") in AUDIENCES, "audience", "Choose whom the campaign is for.")
    _refuse_unless(0 < len(templates) <= len(LETTERS), "templates", "A campaign needs one to five messages.")
    settings = plan.stored(plan.plan(chosen))
    variants = [
        {"key": letter, "template_id": queries.get_template(each).id}
        for letter, each in zip(LETTERS, templates, strict=False)
    ]
    if campaign_id is None:
        campaign = Campaign(created_at=now, created_by=by, state="draft")
        db.session.add(campaign)
    else:
        campaign = in_state(campaign_id, "draft")
    campaign.name, campaign.purpose, campaign.channel = called, purpose, channel
    campaign.audience, campaign.variants, campaign.settings = dict(audience_), variants, settings
    db.session.flush()
    return campaign


def schedule(*, campaign_id: int, at: datetime, by: str, now: datetime) -> Campaign:
    """It starts by itself at that moment, over the audience as it is then. Raises NotNow, BadCampaign."""
    campaign = in_state(campaign_id, "draft")
    _refuse_unless(at > now, "scheduled_at", "This moment has passed.")
    frozen_contents(campaign)  # what could not be sent must not be found out at night
    campaign.state, campaign.scheduled_at, campaign.launched_by = "scheduled", at, by
    db.session.flush()
    return campaign


def unschedule(*, campaign_id: int) -> Campaign:
    """A scheduled campaign is a draft again. Raises NotNow."""
    campaign = in_state(campaign_id, "scheduled")
    campaign.state, campaign.scheduled_at = "draft", None
    db.session.flush()
    return campaign


def launch(*, campaign_id: int, profile_ids: Collection[int], house: House, by: str, now: datetime) -> Campaign:
    """Freeze what is said and to whom; from now on letters are handed over. Raises NotNow, BadTemplate.

    `profile_ids`: the audience as it is at this moment (who finds it knows segments).
    """
    campaign = in_state(campaign_id, "draft", "scheduled")
    chosen = plan.kept(campaign.settings)
    campaign.frozen = frozen_contents(campaign)
    _keep_links(campaign, house, now)
    considered = consider(campaign, profile_ids, house=house, now=now)
    rows = _rows(campaign, considered, chosen, house, now)
    for some in chunked(rows, 2000):
        bulk.insert_rows(db.session, table_of(Recipient), some)
    campaign.promised = dict(Counter(row["step"] for row in rows))
    campaign.state, campaign.launched_at, campaign.launched_by = "running", now, by
    if len(campaign.variants) > 1 and chosen.test_percent < 100:
        campaign.winner = {"decide_at": (now + timedelta(hours=chosen.decide_after_hours)).isoformat()}
    db.session.flush()
    return campaign


def consider(
    campaign: Campaign, profile_ids: Collection[int], *, house: House, now: datetime
) -> list[Considered]:  # fmt: skip
    """Everybody with their answer, as a launch at this moment would give it."""
    return audience.consider(
        profile_ids=list(dict.fromkeys(profile_ids)), campaign_id=campaign.id, purpose=campaign.purpose,
        channel=campaign.channel, plan=plan.kept(campaign.settings), house=house, now=now,
    )  # fmt: skip


def in_state(campaign_id: int, *states: str) -> Campaign:
    """Raises NotNow, CampaignNotFound."""
    campaign = queries.get_campaign(campaign_id)
    if campaign.state not in states:
        raise NotNow("This cannot be done with the campaign as it is now.")
    return campaign


def frozen_contents(campaign: Campaign) -> dict[str, Any]:
    """What every variant says in every language, and the blocks, as they are now; all found fit. Raises BadTemplate."""
    contents: dict[str, Any] = {}
    blocks = {language: queries.blocks(language) for language in vocabulary.LANGUAGES}
    for variant in campaign.variants:
        contents[variant["key"]] = queries.latest_version(variant["template_id"]).contents
        for language, parts in contents[variant["key"]].items():
            rendering.check(rendering.compiled(parts, locale=language, blocks=blocks[language]))
    return {"contents": contents, "blocks": blocks}


def _keep_links(campaign: Campaign, house: House, now: datetime) -> None:
    """Addresses that are the same for everybody are stored, and counted when clicked; personal ones are left alone."""
    found: dict[str, None] = {}
    for values in (vocabulary.example(), vocabulary.bare()):
        common = values | facing.shared(house, now)
        for contents in campaign.frozen["contents"].values():
            for language, parts in contents.items():
                made = rendering.compiled(
                    parts, locale=language, blocks=campaign.frozen["blocks"][language], zone=house.zone
                )
                found.update(dict.fromkeys(made.links(common)))
    personal = {vocabulary.PLAIN[name].example for name in ("unsubscribe_url", "preferences_url")}
    rows = [{"campaign_id": campaign.id, "url": url} for url in found if url not in personal]
    dialects.insert_new(db.session, table_of(Link), rows, ["campaign_id", "url"])


def _rows(
    campaign: Campaign, considered: Sequence[Considered], chosen: Plan, house: House, now: datetime
) -> list[dict[str, Any]]:
    everybody = [each.profile_id for each in considered]
    reached = [each.profile_id for each in considered if each.step in ("reachable", "control")]
    anchors = audience.anchors(everybody)
    speaks, lives = facing.languages(reached, otherwise=house.locale), facing.countries(reached)
    variants = [each["key"] for each in campaign.variants]
    rows = []
    for each in considered:
        contact_id = each.contact_id or anchors.get(each.profile_id)
        if contact_id is None:
            continue  # the customer was erased or merged away since the audience was found
        goes = each.step == "reachable"
        zones = quiet.zones_of(lives.get(each.profile_id, ""), house.zone)
        due = quiet.earliest(now, zones, house.quiet_from, house.quiet_until)
        rows.append(
            {
                "campaign_id": campaign.id, "profile_id": each.profile_id, "contact_id": contact_id,
                "identifier_id": each.identifier_id, "step": each.step, "reason": each.reason,
                "state": "waiting" if goes else "control" if each.step == "control" else "skipped",
                "evidence": list(each.evidence), "locale": speaks.get(each.profile_id, ""),
                "variant": drawing.variant(house.key, campaign.id, each.profile_id, variants, chosen.test_percent) if goes else "",
                "considered_at": now, "due_at": due if goes or each.step == "control" else None, "tries": 0,
                "letter_id": None, "settled_at": None if goes else now,
            }
        )  # fmt: skip
    return rows


def _refuse_unless(fine: object, field: str, why: str) -> None:
    if not fine:
        raise BadCampaign(why, errors={field: [why]})

"""Templates and campaigns as pages ask for them. Nothing here writes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select

from crm360.identity.models import Contact
from crm360.kernel.db import db
from crm360.kernel.errors import NotFound
from crm360.outreach.models import Block, Campaign, Link, Recipient, SpokenTo, Template, TemplateVersion


class TemplateNotFound(NotFound):
    """No template has this number."""


class CampaignNotFound(NotFound):
    """No campaign has this number."""


class RecipientNotFound(NotFound):
    """No recipient has this number."""


class Line(NamedTuple):
    """A template in a list."""

    template: Template
    latest: TemplateVersion


def get_template(template_id: int) -> Template:
    """Raises TemplateNotFound."""
    found: Template | None = db.session.get(Template, template_id)
    if found is None:
        raise TemplateNotFound(f"There is no template {template_id}.")
    return found


def latest_version(template_id: int) -> TemplateVersion:
    """What a template says now. Raises TemplateNotFound."""
    query = select(TemplateVersion).where(TemplateVersion.template_id == template_id)
    found: TemplateVersion | None = db.session.scalar(query.order_by(TemplateVersion.version.desc()).limit(1))
    if found is None:
        raise TemplateNotFound(f"There is no template {template_id}.")
    return found


def templates() -> list[Line]:
    """Templates in use, the one written last first."""
    highest = select(TemplateVersion.template_id, func.max(TemplateVersion.version).label("version"))
    newest = highest.group_by(TemplateVersion.template_id).subquery()
    query = (
        select(Template, TemplateVersion)
        .join(newest, newest.c.template_id == Template.id)
        .join(TemplateVersion, (TemplateVersion.template_id == Template.id) & (TemplateVersion.version == newest.c.version))
        .where(Template.archived_at.is_(None))
        .order_by(TemplateVersion.written_at.desc(), Template.id.desc())
    )  # fmt: skip
    return [Line(template, version) for template, version in db.session.execute(query)]


def blocks(language: str) -> dict[str, Mapping[str, str]]:
    """code → {"text", "html"} in a language."""
    rows = db.session.execute(select(Block.code, Block.contents))
    return {code: contents.get(language, {}) for code, contents in rows}


def all_blocks() -> list[Block]:
    """Every block by its code."""
    return list(db.session.scalars(select(Block).order_by(Block.code)))


def all_spoken_to() -> list[SpokenTo]:
    """Every correction by its name."""
    return list(db.session.scalars(select(SpokenTo).order_by(SpokenTo.name)))


def get_campaign(campaign_id: int) -> Campaign:
    """Raises CampaignNotFound."""
    found: Campaign | None = db.session.get(Campaign, campaign_id)
    if found is None:
        raise CampaignNotFound(f"There is no campaign {campaign_id}.")
    return found


def campaigns(*, limit: int = 100) -> list[Campaign]:
    """The newest first."""
    return list(db.session.scalars(select(Campaign).order_by(Campaign.id.desc()).limit(limit)))


def in_states(*states: str) -> list[Campaign]:
    """Campaigns in these states, the oldest first."""
    return list(db.session.scalars(select(Campaign).where(Campaign.state.in_(states)).order_by(Campaign.id)))


def anything_to_run(*, now: datetime) -> bool:
    """Whether a campaign runs or is due to start."""
    due = (Campaign.state == "scheduled") & (Campaign.scheduled_at <= now)
    return db.session.scalar(select(Campaign.id).where((Campaign.state == "running") | due).limit(1)) is not None


def states(campaign_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """campaign → state of recipients → how many."""
    query = select(Recipient.campaign_id, Recipient.state, func.count())
    query = query.where(Recipient.campaign_id.in_(campaign_ids)).group_by(Recipient.campaign_id, Recipient.state)
    found: dict[int, dict[str, int]] = {each: {} for each in campaign_ids}
    for campaign_id, state, count in db.session.execute(query):
        found[campaign_id][state] = int(count)
    return found


def steps(campaign_id: int) -> dict[str, int]:
    """Step of the waterfall → how many recipients it left behind, the last the reachable ones."""
    query = select(Recipient.step, func.count()).where(Recipient.campaign_id == campaign_id).group_by(Recipient.step)
    return {step: int(count) for step, count in db.session.execute(query)}


def recipients(
    campaign_id: int, *, step: str = "", state: str = "", after: int = 0, limit: int = 100
) -> list[Recipient]:
    """People of a campaign by their number, those of one step or state when asked."""
    query = select(Recipient).where(Recipient.campaign_id == campaign_id, Recipient.id > after)
    query = query.where(Recipient.step == step) if step else query
    query = query.where(Recipient.state == state) if state else query
    return list(db.session.scalars(query.order_by(Recipient.id).limit(limit)))


def get_recipient(recipient_id: int) -> Recipient:
    """Raises RecipientNotFound."""
    found: Recipient | None = db.session.get(Recipient, recipient_id)
    if found is None:
        raise RecipientNotFound("This recipient is not kept here any more.")
    return found


def waiting_for(profile_ids: Collection[int]) -> dict[int, list[str]]:
    """Of each profile the names of campaigns whose message to it is prepared and has not gone."""
    query = (
        select(Contact.profile_id, Campaign.name)
        .join(Recipient, Recipient.contact_id == Contact.id)
        .join(Campaign, Campaign.id == Recipient.campaign_id)
        .where(Contact.profile_id.in_(profile_ids), Recipient.state.in_(("waiting", "handed")))
        .order_by(Recipient.id)
    )
    found: dict[int, list[str]] = {each: [] for each in profile_ids}
    for profile, name in db.session.execute(query):
        found[profile].append(name)
    return found


def links(campaign_id: int) -> dict[str, int]:
    """Address → number of a stored link."""
    rows = db.session.execute(select(Link.url, Link.id).where(Link.campaign_id == campaign_id))
    return dict(rows.all())


def url_of(link_id: int) -> str | None:
    """Where a stored link leads."""
    url: Any = db.session.scalar(select(Link.url).where(Link.id == link_id))
    return None if url is None else str(url)

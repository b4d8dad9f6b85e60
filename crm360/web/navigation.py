"""What the rail offers, by desk: one line per page that stands there. A page adds its entry here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request
from flask_babel import lazy_gettext as _

from crm360.web import scheduled_jobs
from crm360.web.visitors import Visitor
from crm360.webhooks import queries as webhooks

#: On a phone so many entries stand in the bar at the bottom; the others are in the menu beside them.
IN_HAND = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A page on the rail. It is the current one while a view of one of `modules` (of crm360.web) is shown."""

    endpoint: str
    icon: str
    words: Any
    permission: str
    modules: tuple[str, ...]
    count: Callable[[], int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The pages of a desk. The first group has no title: everybody's daily work."""

    title: Any
    entries: tuple[Entry, ...]


GROUPS = (
    Group(title="", entries=(
        Entry(endpoint="web.desk", icon="home", words=_("Home"), permission="customers.read", modules=("desk",)),
        Entry(endpoint="web.customers", icon="users", words=_("Customers"), permission="customers.read",
              modules=("customers", "customer_lists", "customer_actions", "timeline", "writing", "work", "calling", "groups", "origins", "pins", "merging", "prospects", "next_steps", "permissions_entry", "tones")),
        Entry(endpoint="web.tasks", icon="checkbox", words=_("Tasks"), permission="customers.read", modules=("tasks", "replies")),
        Entry(endpoint="web.team", icon="user-cog", words=_("Team"), permission="customers.read", modules=("team",)),
        Entry(endpoint="web.deals", icon="trophy", words=_("Deals"), permission="customers.read", modules=("deals",)),
        Entry(endpoint="web.duplicates", icon="arrows-join", words=_("Duplicates"), permission="merges.decide",
              modules=("duplicates", "comparing", "answering", "bulk", "decisions", "shared_values", "model", "identity_rules")),
    )),
    Group(title=_("Marketing"), entries=(
        Entry(endpoint="web.segments", icon="target", words=_("Segments"), permission="segments.read",
              modules=("segments", "segment_drafts", "segment_exports", "segment_drops", "personas")),
        Entry(endpoint="web.campaigns", icon="mail", words=_("Campaigns"), permission="campaigns.read",
              modules=("campaigns", "templates", "template_pieces")),
        Entry(
            endpoint="web.insights", icon="chart-bar", words=_("Insights"), permission="insights.read",
            modules=("insights", "insight_files", "loyalty", "serving_figures", "journeys"),
        ),
        Entry(endpoint="web.surveys", icon="mood-smile", words=_("Surveys"), permission="customers.read", modules=("surveys", "survey_parts")),
        Entry(endpoint="web.product_reviews", icon="star", words=_("Reviews"), permission="customers.read", modules=("product_reviews",)),
        Entry(endpoint="web.imports", icon="download", words=_("Imports"), permission="imports.read", modules=("imports",)),
    )),
    Group(title=_("Privacy"), entries=(
        Entry(endpoint="web.privacy_desk", icon="shield-check", words=_("Privacy desk"), permission="privacy.manage",
              modules=("privacy_desk", "consent_audit", "consent_conflicts", "legal_holds", "retention_rules", "breach_register", "access_log",
                       "processing_record", "purposes")),
        Entry(endpoint="web.privacy_cases", icon="file-text", words=_("Privacy requests"), permission="privacy.manage",
              modules=("privacy_cases", "privacy_case")),
        Entry(endpoint="web.audit_trail", icon="history", words=_("Audit trail"), permission="audit.read",
              modules=("audit_trail",)),
    )),
    Group(title=_("Administration"), entries=(
        Entry(endpoint="web.sources", icon="inbox", words=_("Sources"), permission="inbox.manage",
              modules=("sources", "source_tests", "tail", "inbox")),
        Entry(endpoint="web.webhooks", icon="send", words=_("Webhooks"), permission="webhooks.manage",
              modules=("webhooks",), count=lambda: len(webhooks.pauses())),
        Entry(endpoint="web.keys", icon="key", words=_("Keys"), permission="keys.manage", modules=("keys",)),
        Entry(endpoint="web.staff", icon="id", words=_("Staff"), permission="staff.manage", modules=("staff",)),
        Entry(endpoint="web.jobs", icon="clock", words=_("Jobs"), permission="upkeep.manage", modules=("scheduled_jobs",),
              count=scheduled_jobs.failing),
        Entry(endpoint="web.storage", icon="package", words=_("Storage"), permission="upkeep.manage", modules=("storage",)),
        Entry(endpoint="web.backups", icon="copy", words=_("Backups"), permission="upkeep.manage", modules=("backups",)),
        Entry(endpoint="web.version", icon="circle-check", words=_("Version"), permission="upkeep.manage", modules=("installation",)),
    )),
)  # fmt: skip


def prepare(app: Flask) -> None:
    """Templates say `{% for group in rail(me) %}`."""
    app.jinja_env.globals.update(rail=rail, is_current=is_current, in_hand=IN_HAND)


def rail(visitor: Visitor) -> list[Group]:
    """The groups with the entries a visitor may open; empty groups are left out."""
    allowed = (
        Group(title=each.title, entries=tuple(e for e in each.entries if visitor.may(e.permission))) for each in GROUPS
    )
    return [group for group in allowed if group.entries]


def is_current(entry: Entry) -> bool:
    """Whether the page shown belongs to this entry."""
    view = current_app.view_functions.get(request.endpoint or "")
    return view is not None and view.__module__.rpartition(".")[2] in entry.modules

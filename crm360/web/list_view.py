"""What a list of customers shows: its lines, the choices above it, what it is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import request, url_for
from flask_babel import gettext, lazy_gettext, ngettext

from crm360.accounts import audit
from crm360.accounts import reads as noted
from crm360.commerce import value_sums
from crm360.flows import restricted
from crm360.identity import queries as identity
from crm360.inbox import queries as inbox
from crm360.kernel import clock
from crm360.lists import asking, queries, reading
from crm360.lists.asking import Asked
from crm360.lists.conditions import Reader
from crm360.lists.models import Saved
from crm360.profiles import queries as profiles
from crm360.profiles.search_candidates import Keep
from crm360.sales import queries as sales
from crm360.segments import queries as segments
from crm360.web import found, walking, work
from crm360.web.visitors import actor, present

LISTED = "profiles.listed"
#: Saved lists that stand beside each other; more are in a menu.
MOST_TABS = 6
COLUMNS: dict[str, Any] = {
    "email": lazy_gettext("E-mail"), "phone": lazy_gettext("Phone"), "city": lazy_gettext("City"),
    "owner": lazy_gettext("Owner"), "tags": lazy_gettext("Tags"), "sources": lazy_gettext("Sources"),
    "last": lazy_gettext("Last purchase"), "orders": lazy_gettext("Orders"), "spend": lazy_gettext("Spent"),
    "reach": lazy_gettext("Offers allowed"),
}  # fmt: skip
CONDITIONS: dict[str, Any] = {
    "segment": lazy_gettext("Segment"), "tag": lazy_gettext("Tag"), "owner": lazy_gettext("Owner"),
    "source": lazy_gettext("Source"), "city": lazy_gettext("City"), "country": lazy_gettext("Country"),
    "bought": lazy_gettext("Last purchase"),
}  # fmt: skip
ORDERS: dict[str, Any] = {
    "name": lazy_gettext("Name, A to Z"), "-name": lazy_gettext("Name, Z to A"),
    "-last": lazy_gettext("Last purchase, newest first"), "last": lazy_gettext("Last purchase, longest ago first"),
    "-spend": lazy_gettext("Spent, most first"), "spend": lazy_gettext("Spent, least first"),
    "-new": lazy_gettext("Newest customers first"), "new": lazy_gettext("Oldest customers first"),
}  # fmt: skip
BOUGHT: dict[str, Any] = {
    "within-30": lazy_gettext("in the last 30 days"), "within-90": lazy_gettext("in the last 90 days"),
    "within-365": lazy_gettext("in the last year"), "before-30": lazy_gettext("not for 30 days"),
    "before-90": lazy_gettext("not for 90 days"), "before-365": lazy_gettext("not for a year"),
    "never": lazy_gettext("never"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A customer with what the columns beside those of a search show."""

    hit: found.Found
    owner: str
    tags: list[str]
    sources: list[str]
    email: str
    phone: str
    spent: tuple[int, str] | None


def reader() -> Reader:
    """Who looks."""
    return Reader(present().staff.id, present().may(restricted.PERMISSION))


def shown(asked: Asked, saved: Saved | None) -> dict[str, Any]:
    """A page of a list; that it was seen, and by what it was asked for, is noted."""
    now = clock.now()
    page = reading.page(asked, reader=reader(), now=now, after=request.args.get("after", ""))
    said = {"asked": asking.address(asked), "list": saved.id if saved else None, "profile_ids": page.ids}
    noted.note(actor=actor(), action=LISTED, subject_kind="list", details=said)
    walking.remember(page.ids, "")
    return {
        "lines": lines(page.ids), "count": page.total, "most": reading.MOST_COUNTED, "next": page.next_cursor,
        "first": not request.args.get("after"),
        "asked": asked, "address": asking.address(asked), "saved": saved, **tabs(), **narrowed(asked, saved, choices(asked)),
    }  # fmt: skip


def keeping(asked: Asked) -> Keep | None:
    """Of the customers a search finds those a list would have; None: all of them."""
    return partial(reading.among, asked=asked, reader=reader(), now=clock.now()) if asked.is_narrowed else None


def beside(asked: Asked, query: str) -> dict[str, Any]:
    """What narrows a search, and the form that narrows it further."""
    return {"asked": asked, "saved": None, **narrowed(asked, None, choices(asked), query)}


def narrowed(asked: Asked, saved: Saved | None, offered: dict[str, Any], query: str = "") -> dict[str, Any]:
    """The choices of the form, and each condition in force: what it is called, what it says, the list without it."""
    owners = {asking.ME: gettext("me"), asking.NOBODY: gettext("nobody’s")}
    owners |= {str(number): name for number, name in offered["colleagues"]}
    names = {str(each.id): each.name for each in offered["segments"]}
    said = asking.address(asked)
    words = {"segment": names.get(said.get("segment", "")), "owner": owners.get(asked.owner), "bought": offered["bought"].get(asked.bought)}  # fmt: skip
    conditions = [
        (label, words.get(name) or said[name], without(said, name, saved, query)) for name, label in CONDITIONS.items() if name in said
    ]  # fmt: skip
    return {**offered, "conditions": conditions}


def without(said: dict[str, str], name: str, saved: Saved | None, query: str) -> str:
    """The address of a list, or of a search, less one of its conditions."""
    kept = {each: value for each, value in said.items() if each != name} or ({} if query else {"sort": "name"})
    return url_for("web.customers", q=query or None, list=saved.id if saved else None, **kept)  # type: ignore[arg-type]


def lines(ids: Sequence[int]) -> list[Line]:
    """A line each, in that order."""
    owners, tags, sources = sales.owners_of(ids), profiles.tags_of(ids), identity.sources_of(ids)
    spent, records = value_sums.spent(ids), profiles.golden(ids)

    def value(profile_id: int, field: str) -> str:
        return str(records[profile_id].fields.get(field, {}).get("value", ""))

    return [
        Line(
            hit=hit, owner=owners.get(hit.profile_id, (0, ""))[1], tags=tags.get(hit.profile_id, []),
            sources=sources.get(hit.profile_id, []), email=value(hit.profile_id, "email"),
            phone=value(hit.profile_id, "phone"), spent=spent.get(hit.profile_id),
        )
        for hit in found.by_ids(ids, now=clock.now())
    ]  # fmt: skip


def tabs() -> dict[str, Any]:
    """The lists offered, and those that find no place beside each other."""
    offered = [
        (each, url_for("web.customers", list=each.id, **each.asked)) for each in queries.offered(present().staff.id)
    ]
    return {"tabs": offered[:MOST_TABS], "more_tabs": offered[MOST_TABS:]}


def choices(asked: Asked) -> dict[str, Any]:
    """What may be chosen in the form above a list."""
    bought = dict(BOUGHT)
    if asked.bought and asked.bought not in bought:
        way, days = asked.days
        words = (
            ngettext("in the last %(num)d day", "in the last %(num)d days", days)
            if way == "within"
            else ngettext("not for %(num)d day", "not for %(num)d days", days)
        )
        bought[asked.bought] = words
    return {
        "segments": segments.names(), "tag_names": profiles.all_tag_names(), "colleagues": work.colleagues(),
        "sources": [each.name for each in inbox.all_sources()], "bought": bought, "orders": ORDERS, "columns": COLUMNS,
    }  # fmt: skip


def last_used() -> dict[str, str] | None:
    """The address of the list this colleague saw last, when it is still there; None for the usual one."""
    act = audit.latest_act(present().staff.id, action=LISTED, subject_kind="list")
    if act is None:
        return None
    number = act.details.get("list")
    there = number and any(each.id == number for each in queries.offered(present().staff.id))
    return ({"list": str(number)} if there else {}) | dict(act.details.get("asked") or {}) or None

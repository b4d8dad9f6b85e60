"""Customers as one line each: who, where, why found, what they bought last, how they may be reached, what waits for us."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crm360.commerce import numbers
from crm360.commerce import queries as commerce
from crm360.consents import queries as consents
from crm360.flows import open_issues, restricted
from crm360.flows.open_issues import Issue
from crm360.profiles import queries as profiles
from crm360.profiles import search
from crm360.profiles.search_candidates import Keep
from crm360.profiles.search_highlight import spans
from crm360.web import formats, masking, reach
from crm360.web.fragments import Fragment, cut
from crm360.web.visitors import present


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One line. `last_*` None when nothing was bought."""

    profile_id: int
    display_name: str
    name: list[Fragment]
    city: str
    why_kind: str
    why: list[Fragment]
    orders: int
    last_at: datetime | None
    last_minor: int | None
    currency: str
    reach: list[reach.Reach]
    #: What waits for us; None when nothing does.
    issue: Issue | None


def by_query(query: str, *, limit: int, now: datetime, keep: Keep | None = None) -> list[Found]:
    """The best matches of a search, of whom `keep` leaves."""
    return lines(search.find(query=query, limit=limit, keep=keep), now=now)


def by_ids(profile_ids: Sequence[int], *, now: datetime) -> list[Found]:
    """Customers by id, in that order; ids out of use are left out."""
    records = profiles.golden(profile_ids)
    known = [(each, records[each]) for each in profile_ids if each in records]
    return lines([search.Hit(each, of.display_name, of.city, "", "", (), ()) for each, of in known], now=now)


def lines(hits: Sequence[search.Hit], *, now: datetime) -> list[Found]:
    """Hits with what was bought and what is allowed: four statements however many, five when orders matched.

    Restricted customers are found by the privacy desk alone.
    """
    hidden = restricted.hidden([hit.profile_id for hit in hits], desk=present().may(restricted.PERMISSION), now=now)
    hits = [hit for hit in hits if hit.profile_id not in hidden]
    ids = [hit.profile_id for hit in hits]
    written = order_numbers(hits)
    values, cells = commerce.value_of_many(ids), consents.matrix_of_many(ids, now=now)
    issues = open_issues.of_many(ids, now=now)
    return [
        Found(
            profile_id=hit.profile_id,
            display_name=formats.shown_name(hit.display_name),
            name=name_of(hit),
            city=hit.city,
            why_kind=hit.matched_kind,
            why=reason_of(hit, written.get(hit.profile_id, "")),
            orders=values[hit.profile_id].orders,
            last_at=values[hit.profile_id].last_at,
            last_minor=values[hit.profile_id].last_minor,
            currency=values[hit.profile_id].last_currency,
            reach=reach.by_channel(cells[hit.profile_id]),
            issue=issues.get(hit.profile_id),
        )
        for hit in hits
    ]


def name_of(hit: search.Hit) -> list[Fragment]:
    """The name with the match marked."""
    shown = formats.shown_name(hit.display_name)
    return cut(shown, hit.name_fragments) if shown == hit.display_name else [(shown, False)]


def order_numbers(hits: Sequence[search.Hit]) -> dict[int, str]:
    """For customers found by an order: its number as written."""
    return numbers.as_written({hit.profile_id: hit.matched_text for hit in hits if hit.matched_kind == "order"})


def reason_of(hit: search.Hit, number: str = "") -> list[Fragment]:
    """The text that matched, an order by its whole `number`; a contact detail only for roles that may see it."""
    if number:
        return cut(number, spans(number, [hit.matched_text[start:end] for start, end in hit.matched_fragments]))
    if hit.matched_kind in ("email", "phone") and not formats.reveals():
        return [(masking.masked(hit.matched_text, hit.matched_kind), False)]
    return cut(hit.matched_text, hit.matched_fragments)

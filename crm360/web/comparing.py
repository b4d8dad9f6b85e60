"""Comparing two customers before deciding whether they are one, and choosing what to split off one."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from crm360.commerce import queries as commerce
from crm360.commerce.value import Value
from crm360.consents import queries as consents
from crm360.flows import trying_merges
from crm360.identity import holding
from crm360.identity import queries as identity
from crm360.identity.models import Contact
from crm360.identity.thresholds import thresholds
from crm360.kernel import clock
from crm360.outreach import queries as outreach
from crm360.profiles import pinning, timeline
from crm360.profiles import queries as profiles
from crm360.profiles.statements import Known, Told, compose
from crm360.sales import queries as sales
from crm360.sales.stages import OPEN
from crm360.web import comparison, customer_page, effects, labels, reads, waterfall
from crm360.web.blueprint import door
from crm360.web.policy import is_fragment, requires


@door.get("/customers/<int:profile_id>/compare/<int:other_id>")
@requires("merges.decide")
def compare(profile_id: int, other_id: int) -> str | Response:
    left, right = identity.current(profile_id), identity.current(other_id)
    if left == right:
        return redirect(url_for("web.customer", profile_id=left))
    for each in (left, right):
        reads.note_opened(each)
    return render_template("customers/compare.html", **sides(left, right))


@door.post("/customers/<int:profile_id>/compare/<int:other_id>/trial")
@requires("merges.decide")
def try_merge(profile_id: int, other_id: int) -> str | Response:
    left, right = identity.current(profile_id), identity.current(other_id)
    if left == right:
        return redirect(url_for("web.customer", profile_id=left), 303)
    tried = trying_merges.try_out(profile_ids=(left, right), now=clock.now())
    if is_fragment():
        return render_template("customers/merge_trial.html", tried=tried)
    for each in (left, right):
        reads.note_opened(each)
    return render_template("customers/compare.html", tried=tried, **sides(left, right))


@door.get("/customers/<int:profile_id>/split")
@requires("merges.decide")
def split_form(profile_id: int) -> str | Response:
    contacts = [contact for contact in identity.contacts_of(profile_id) if not contact.anonymous]
    if not contacts:
        return redirect(url_for("web.split_form", profile_id=identity.current(profile_id)))
    reads.note_opened(profile_id)
    names: dict[int, list[Any]] = {}
    for each in identity.identifiers_of(profile_id):
        names.setdefault(each.contact_id, []).append(each)
    record = profiles.golden([profile_id]).get(profile_id)
    return render_template("customers/split.html", profile_id=profile_id, record=record, contacts=contacts, names=names)


def sides(left: int, right: int) -> dict[str, Any]:
    """Both customers, what joins them, and what a merge would change."""
    records = profiles.golden([left, right])
    contacts = {each: identity.contacts_of(each) for each in (left, right)}
    held = {each: identity.identifiers_of(each) for each in (left, right)}
    told = [Told(one.id, one.source, one.fields) for side in contacts.values() for one in side]
    known = [known_as(one) for side in held.values() for one in side]
    result = compose(told, known, profile_id=left)
    values = commerce.value_of_many([left, right])
    addresses = {each: customer_page.addresses(held[each], contacts[each]) for each in (left, right)}
    return {
        "left": left,
        "right": right,
        "records": records,
        "lines": comparison.lines(records[left].fields, records[right].fields, result.fields, labels.FIELDS),
        "sources": {each: source_names(contacts[each]) for each in (left, right)},
        "pinnable": pinning.FIELDS,
        "points": comparison.points(addresses[left], addresses[right], customer_page.ORDER),
        "values": values,
        "effects": changes(left, right, values),
        **likeness(left, right),
    }


def likeness(left: int, right: int) -> dict[str, Any]:
    """Their strongest pair of records and how its weight adds up; None for both when nothing makes them alike."""
    alike = next((each for each in identity.lookalikes(left, limit=50) if each.profile_id == right), None)
    lines = thresholds()
    drawn = waterfall.waterfall(alike.evidence, alike.weight, **lines._asdict()) if alike else None
    sure = alike is not None and alike.weight >= lines.join
    held = holding.held([(left, right)])[left, right] if sure else None
    return {"alike": alike, "drawn": drawn, "thresholds": lines, "held": held}


def changes(left: int, right: int, values: dict[int, Value]) -> effects.Effects:
    """What a merge would move, and what it would leave."""
    stays = effects.survivor((left, right))
    goes = right if stays == left else left
    cells = consents.matrix_of_many([left, right], now=clock.now())
    waiting = outreach.waiting_for([left, right])
    names = {each: [tag.name for tag in profiles.tags(each)] for each in (stays, goes)}
    return effects.Effects(
        survivor=stays,
        retired=goes,
        orders=values[goes].orders,
        moved=timeline.counts(goes),
        tags=effects.coming_along(names[stays], names[goes]),
        held=effects.held(cells[left], cells[right]),
        tasks=len(sales.tasks_of(goes)),
        deals=sum(each.deal.stage in OPEN for each in sales.deals_of(goes)),
        sends=len(waiting[goes]),
        once=tuple(sorted(set(waiting[goes]) & set(waiting[stays]))),
    )


def known_as(identifier: Any) -> Known:
    """An identifier row as survivorship reads one."""
    row = identifier
    return Known(row.contact_id, row.kind, row.value, row.normal, row.verified, row.last_seen_at)


def source_names(contacts: list[Contact]) -> list[str]:
    """The sources that know a customer."""
    return sorted({contact.source for contact in contacts})

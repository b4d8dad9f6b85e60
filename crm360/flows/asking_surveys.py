"""Surveys ask by themselves: what happened is looked through for occasions, and what is due goes out as a letter.

Nobody is asked twice about one thing, nor again within the pause of the survey, whatever the survey was; and whether
the address may be used is asked of the consents, now and once more as the letter leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from crm360.commerce.models import CustomerValue, Order
from crm360.consents import reaching
from crm360.conversations.models import Conversation
from crm360.identity import queries as identity
from crm360.identity.models import Contact
from crm360.kernel.batches import chunked
from crm360.kernel.db import db
from crm360.outbox import operations as outbox
from crm360.outreach import facing
from crm360.profiles import queries as profiles
from crm360.profiles.models import TimelineEntry
from crm360.segments.models import Change
from crm360.surveys import operations, queries
from crm360.surveys.models import Invitation, Survey
from crm360.surveys.operations import Planned

#: Why somebody enters a segment by themselves, not by a colleague's new rule.
_OF_THEMSELVES = ("data", "time", "consent", "staff")
#: Looked through at once.
MOST = 2000


class Written(NamedTuple):
    """A letter that asks."""

    subject: str
    text: str
    html: str
    headers: dict[str, str]


#: (survey, invitation id, address's identifier id, language) → the letter.
Write = Callable[[Survey, int, int, str], Written]


def activate(*, survey_id: int, now: datetime) -> None:
    """Ask from now on, about what happens from now on. Raises BadSurvey, NoSuchSurvey."""
    newest = db.session.scalar(select(func.max(Order.id))) or 0
    operations.activate(survey_id=survey_id, newest_order_id=newest, now=now)


def plan(*, now: datetime) -> int:
    """Put down whom the active surveys shall ask about what happened since they looked last; how many are new."""
    return sum(
        operations.plan(survey_id=each.id, planned=_OCCASIONS[each.trigger](each, now)) for each in queries.active()
    )


def put(*, write: Write, default_language: str, domain: str, now: datetime, limit: int = 500) -> int:
    """Promise the letters that are due, or note why one is not sent; how many were settled."""
    waiting = queries.due(now=now, limit=limit)
    surveys = {each.id: each for each in queries.surveys()}
    asked = queries.last_asked({profile for _, profile in waiting})
    spoken = facing.languages({profile for _, profile in waiting}, otherwise=default_language)
    reached = _reached([(surveys[each.survey_id].purpose, profile) for each, profile in waiting], now)
    letters = []
    for invitation, profile in waiting:
        survey = surveys[invitation.survey_id]
        if (last := asked.get(profile)) is not None and last > now - timedelta(days=survey.cooldown_days):
            operations.skip(invitation_id=invitation.id, reason="cooldown")
            continue
        found = reached[survey.purpose, profile]
        if not found.reachable or found.identifier_id is None:
            operations.skip(invitation_id=invitation.id, reason=found.reason)
            continue
        letters.append(
            _letter(survey, invitation, found, write(survey, invitation.id, found.identifier_id, spoken[profile]))
        )
        operations.asked(invitation_id=invitation.id, valid_days=survey.valid_days, now=now)
        asked[profile] = now
    outbox.promise(letters=letters, domain=domain, now=now)
    return len(waiting)


def _reached(asked: Sequence[tuple[str, int]], now: datetime) -> dict[tuple[str, int], reaching.Reached]:
    """(purpose, profile) → the address a question would go to, or what stands in the way; asked once a purpose."""
    return {
        (purpose, found.profile_id): found
        for purpose in dict.fromkeys(each for each, _ in asked)
        for found in reaching.reach(
            list(dict.fromkeys(profile for each, profile in asked if each == purpose)),
            purpose=purpose, channel="email", now=now,
        )
    }  # fmt: skip


def _letter(survey: Survey, invitation: Invitation, found: reaching.Reached, written: Written) -> outbox.NewLetter:
    return outbox.NewLetter(
        dedup_key=f"survey:{invitation.id}", subject_of=f"survey:{survey.id}", contact_id=found.contact_id,
        to_address=found.value, purpose=survey.purpose, **written._asdict(),
    )  # fmt: skip


def _orders(survey: Survey, now: datetime) -> list[Planned]:
    """Sales that came in since, of customers; what happened before the survey was switched on is left alone."""
    query = select(Order.id, Order.contact_id, Order.placed_at, Order.kind).where(Order.id > survey.seen_order_id)
    rows = db.session.execute(query.order_by(Order.id).limit(MOST)).all()
    survey.seen_order_id = rows[-1].id if rows else survey.seen_order_id
    since = survey.active_since or now
    return [
        Planned(row.contact_id, f"order:{row.id}", row.placed_at + timedelta(hours=survey.delay_hours))
        for row in rows
        if row.contact_id is not None and row.kind == "sale" and row.placed_at >= since
    ]


def _events(survey: Survey, now: datetime) -> list[Planned]:
    """Lines that came in since; one that names an order of its customer is asked about as that order, once."""
    query = select(
        TimelineEntry.id, TimelineEntry.contact_id, TimelineEntry.occurred_at, TimelineEntry.kind, TimelineEntry.properties
    )  # fmt: skip
    rows = db.session.execute(
        query.where(TimelineEntry.id > survey.seen_entry_id).order_by(TimelineEntry.id).limit(20 * MOST)
    ).all()
    survey.seen_entry_id = rows[-1].id if rows else survey.seen_entry_id
    since = survey.active_since or now
    happened = [row for row in rows if _spelled(row.kind) == _spelled(survey.event_kind) and row.occurred_at >= since]
    orders = _orders_named({row.contact_id for row in happened if _order_named(row.properties)})
    return [
        Planned(
            row.contact_id, orders.get((row.contact_id, _order_named(row.properties)), f"entry:{row.id}"),
            row.occurred_at + timedelta(hours=survey.delay_hours),
        )
        for row in happened
    ]  # fmt: skip


def _order_named(said: Mapping[str, Any]) -> str:
    """The order an event of the shop's own is about, as its site calls it."""
    return str(next((said[name] for name in ("order_id", "orderId", "order_number") if said.get(name)), ""))


def _orders_named(contact_ids: Collection[int]) -> dict[tuple[int, str], str]:
    """(contact, the source's id or number of an order of the same customer) → what the order is called here."""
    found: dict[tuple[int, str], str] = {}
    for some in chunked(sorted(contact_ids)):
        buyer = aliased(Contact)
        query = select(Contact.id, Order.id, Order.external_id, Order.number).select_from(Contact)
        theirs = query.join(buyer, buyer.profile_id == Contact.profile_id).join(Order, Order.contact_id == buyer.id)
        for contact, number, *called in db.session.execute(
            theirs.where(Contact.id.in_(some), Order.kind == "sale").order_by(Order.id)
        ):
            found |= {(contact, name): f"order:{number}" for name in called if name}
    return found


def _spelled(kind: str) -> str:
    """Sites' own events have hyphens between their words, whatever they were written with."""
    return kind.replace("_", "-")


def _conversations(survey: Survey, now: datetime) -> list[Planned]:
    """Conversations resolved since; one opened again and resolved again is asked about once."""
    since, survey.seen_until = survey.seen_until or now, now
    resolved = (Conversation.status == "resolved", Conversation.status_at > since, Conversation.status_at <= now)
    query = select(Conversation.id, Conversation.contact_id, Conversation.status_at).where(*resolved)
    return [
        Planned(contact, f"conversation:{number}", at + timedelta(hours=survey.delay_hours))
        for number, contact, at in db.session.execute(query)
        if at is not None
    ]


def _silences(survey: Survey, now: datetime) -> list[Planned]:
    """Customers whose last purchase became so old since."""
    wait = timedelta(hours=survey.delay_hours)
    since, survey.seen_until = survey.seen_until or now, now
    crossed = (CustomerValue.last_at > since - wait, CustomerValue.last_at <= now - wait)
    rows = db.session.execute(select(CustomerValue.profile_id, CustomerValue.last_at).where(*crossed)).all()
    return [
        Planned(identity.anchor(profile), f"silent:{profile}:{last.date().isoformat()}", now)
        for profile, last in rows
        if last is not None
    ]


def _entries_of_segment(survey: Survey, now: datetime) -> list[Planned]:
    """Customers who entered the segment since by what they did or by time passing, each once; a rule changed asks nobody."""
    since, survey.seen_until = survey.seen_until or now, now
    entered = (Change.segment_id == survey.segment_id, Change.entered.is_(True), Change.reason.in_(_OF_THEMSELVES))
    within = (Change.recorded_at > since, Change.recorded_at <= now)
    rows = db.session.execute(select(Change.profile_id, Change.at).where(*entered, *within).order_by(Change.id)).all()
    living = {profile: identity.current(profile) for profile, _ in rows}
    known = profiles.golden(set(living.values()))
    return [
        Planned(identity.anchor(living[profile]), f"segment:{survey.segment_id}:{living[profile]}", at + timedelta(hours=survey.delay_hours))
        for profile, at in rows
        if living[profile] in known
    ]  # fmt: skip


_OCCASIONS: dict[str, Callable[[Survey, datetime], list[Planned]]] = {
    "order": _orders, "event": _events, "conversation": _conversations, "silent": _silences, "segment": _entries_of_segment,
}  # fmt: skip

"""The facts figures are computed from, read once for all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from crm360.commerce import purchase_rows
from crm360.commerce.models import Cart, Order
from crm360.commerce.purchase_history import Document, purchase_days, rhythm
from crm360.conversations.message_entries import CHANGES
from crm360.conversations.models import Conversation, Message, ThreadKey
from crm360.conversations.serving import Said, Turned, served
from crm360.identity.models import Contact
from crm360.insights import journeys
from crm360.insights.experience import Answered, Left
from crm360.insights.opening import Opening
from crm360.insights.resolution import Talk
from crm360.kernel import dialects
from crm360.kernel.db import db
from crm360.profiles.models import TimelineEntry
from crm360.surveys.models import Answer, Survey

_AT_ONCE = 20_000
_STATUSES = {kind: status for status, kind in CHANGES.items() if status}
Elapsed = Callable[[datetime, datetime], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What there is, up to a moment. `documents` by profile, `unknown` of receipts nobody is known for."""

    documents: Mapping[int, Sequence[Document]]
    unknown: Sequence[Document]
    talks: Sequence[Talk]
    carts: Sequence[Left]
    answers: Sequence[Answered]

    def history(self) -> dict[int, list[int]]:
        """Purchase days of everybody who bought, as ordinals."""
        days = ((whose, purchase_days([each for each in theirs if each.is_order])) for whose, theirs in self.documents.items())  # fmt: skip
        return {whose: found for whose, found in days if found}

    def silences(self, now: datetime) -> Iterator[tuple[float | None, float]]:
        """Rhythm of everybody who bought, and days since the last order."""
        for theirs in self.documents.values():
            orders = [each for each in theirs if each.is_order]
            if orders:
                last = max(each.placed_at for each in orders)
                yield rhythm(purchase_days(orders)), (now - last).total_seconds() / 86_400


def facts(*, opening: Opening, now: datetime) -> Facts:
    """Everything up to `now`: orders in days to come are not of today's figures. Only reads."""
    known = ((whose, [each for each in theirs if _counts(each, now)]) for whose, theirs in purchase_rows.documents())
    return Facts(
        documents={whose: theirs for whose, theirs in known if theirs},
        unknown=[each for each in _unknown() if _counts(each, now)],
        talks=talks(opening=opening),
        carts=carts(),
        answers=answers(),
    )


def _counts(document: Document, now: datetime) -> bool:
    return document.status != "announced" and document.placed_at <= now


def _unknown() -> list[Document]:
    columns = (Order.placed_at, Order.currency, Order.kind, Order.status, Order.total_minor, Order.refunded_minor)
    nobody = select(*columns).outerjoin(Contact, Contact.id == Order.contact_id).where(Contact.profile_id.is_(None))
    zone = dialects.shop_zone(db.session)
    rows = db.session.execute(nobody.execution_options(yield_per=_AT_ONCE))
    return [Document(at.astimezone(zone), *said) for at, *said in rows]


def carts() -> list[Left]:
    """Carts left behind that still are."""
    columns = (Contact.profile_id, Cart.changed_at, Cart.currency, Cart.total_minor)
    statement = select(*columns).outerjoin(Contact, Contact.id == Cart.contact_id).where(Cart.state == "abandoned")
    return [Left(*row) for row in db.session.execute(statement)]


def answers() -> list[Answered]:
    """Answers on scales, to any survey."""
    columns = (Contact.profile_id, Survey.kind, Answer.score, Answer.answered_at)
    statement = select(*columns).join(Survey, Survey.id == Answer.survey_id)
    known = statement.outerjoin(Contact, Contact.id == Answer.contact_id).where(Answer.score.is_not(None))
    return [Answered(*row) for row in db.session.execute(known.order_by(Answer.answered_at, Answer.id))]


def talks(*, opening: Opening, only_waiting: bool = False) -> list[Talk]:
    """Conversations with how they were served, the oldest first; `only_waiting`: those nobody has resolved."""
    wanted: Any = Conversation.status.in_(("open", "pending")) if only_waiting else Conversation.id.is_not(None)
    said, turned, zone = _said(wanted), _turned(wanted), ZoneInfo(opening.zone)
    columns = (Conversation.id, Contact.profile_id, Conversation.channel, Conversation.agent, Conversation.started_at)
    statement = select(*columns, Conversation.status).join(Contact, Contact.id == Conversation.contact_id).where(wanted)
    found = []
    for row in db.session.execute(statement.order_by(Conversation.started_at, Conversation.id)):
        how = served(said.get(row.id, ()), turned.get(row.id, ()), opening.seconds)
        agent, hour = how.first_agent or row.agent, row.started_at.astimezone(zone).hour
        found.append(Talk(row.id, row.profile_id, row.channel, agent, row.started_at, hour, row.status, how))
    return found


def _said(wanted: Any) -> dict[int, list[Said]]:
    columns = (Message.conversation_id, Message.sent_at, Message.direction, Message.automatic, Message.author)
    statement = select(*columns).join(Conversation, Conversation.id == Message.conversation_id).where(wanted)
    found: defaultdict[int, list[Said]] = defaultdict(list)
    for row in db.session.execute(statement.execution_options(yield_per=_AT_ONCE)):
        found[row[0]].append(Said(*row[1:]))
    return found


def _turned(wanted: Any) -> dict[int, list[Turned]]:
    """Changes of status, which the timeline keeps under the source's own name of the conversation."""
    keys = select(ThreadKey.source, ThreadKey.key, ThreadKey.conversation_id).join(
        Conversation, Conversation.id == ThreadKey.conversation_id
    )
    named = keys.where(ThreadKey.key.startswith("conversation:", autoescape=True), wanted)
    known = {f"{source}:{key.partition(':')[2]}": number for source, key, number in db.session.execute(named)}
    if not known:
        return {}
    talking = select(Message.contact_id).union(select(Conversation.contact_id)).subquery()
    columns = (TimelineEntry.subject, TimelineEntry.occurred_at, TimelineEntry.kind)
    told = select(*columns).where(TimelineEntry.kind.in_(_STATUSES), TimelineEntry.contact_id.in_(select(talking)))
    found: defaultdict[int, list[Turned]] = defaultdict(list)
    for subject, at, kind in db.session.execute(told.execution_options(yield_per=_AT_ONCE)):
        number = known.get(_thread(subject or "", at, kind))
        if number is not None:
            found[number].append(Turned(at, _STATUSES[kind]))
    return found


def _thread(subject: str, at: datetime, kind: str) -> str:
    """`conversation:<source>:<id>:<moment>:<kind>:<agent>` → `<source>:<id>`."""
    head, _, _ = subject.partition(f":{at.isoformat()}:{kind}:")
    return head.removeprefix("conversation:")


def touches(
    *, since: datetime, until: datetime, profile_ids: Collection[int] | None = None
) -> dict[int, list[tuple[float, str]]]:
    """Each customer's touchpoints (seconds since the epoch, step) in a window, ascending; of everybody when none are named."""
    prefixes = [TimelineEntry.kind.startswith(kind, autoescape=True) for kind in journeys.STEPS if kind.endswith(".")]
    exact = TimelineEntry.kind.in_([kind for kind in journeys.STEPS if not kind.endswith(".")])
    columns = (Contact.profile_id, TimelineEntry.occurred_at, TimelineEntry.kind)
    statement = select(*columns).join(Contact, Contact.id == TimelineEntry.contact_id)
    within = (TimelineEntry.occurred_at >= since, TimelineEntry.occurred_at < until, Contact.profile_id.is_not(None))
    found: defaultdict[int, list[tuple[float, str]]] = defaultdict(list)
    wanted = statement.where(*within, or_(exact, *prefixes)).execution_options(yield_per=_AT_ONCE)
    named = {} if profile_ids is None else {"values": list(profile_ids)}
    rows = db.session.execute(
        wanted if profile_ids is None else wanted.where(dialects.Among(Contact.profile_id)), named
    )
    for profile_id, at, kind in rows:
        step = journeys.step_of(kind)
        if step:
            found[profile_id].append((at.timestamp(), step))
    for steps in found.values():
        steps.sort(key=itemgetter(0))
    return dict(found)


def window(now: datetime, days: int) -> datetime:
    """The beginning of the last `days` days."""
    return now - timedelta(days=days)

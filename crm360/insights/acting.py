"""What could be acted on today, with the customers it is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, func, select

from crm360.commerce.models import CustomerValue
from crm360.insights import behind, experience
from crm360.insights.experience import Action
from crm360.insights.opening import Opening
from crm360.insights.reading import Facts
from crm360.insights.resolution import Due, Talk, Target, target_of
from crm360.kernel.db import db

if TYPE_CHECKING:
    from crm360.insights.figures import Terms

#: An answer is due soon when less than this share of the promised time is left.
SOON = 0.25
#: Who asked longer ago does not wait any more: mail has no end, and the last word is often a thank-you.
WAITING_DAYS = 30
#: Parameters a statement takes.
_MOST_IDS = 20_000


def found(known: Facts, terms: Terms, now: datetime) -> list[Action]:
    """Everything there is to act on; see `experience.to_act_on` for what presses most."""
    waiting = due(known.talks, targets=terms.targets, opening=terms.opening, now=now)
    late = {each.profile_id for each in waiting if each.state == "late" and each.profile_id is not None}
    return [
        Action("waiting", len(late), None, ""),
        _left_carts(known, now),
        _of_values("silent", behind.conditions("silent", now)),
        _of_values("once", behind.conditions("once", now)),
        _unhappy(known, now),
    ]


def due(talks: Iterable[Talk], *, targets: Mapping[str, Target], opening: Opening, now: datetime) -> list[Due]:
    """Customers who asked within 30 days and wait for an answer, the one due first at the head."""
    rows = []
    for talk in talks:
        since = talk.served.waiting_since
        if since is None or not now - timedelta(days=WAITING_DAYS) <= since <= now or talk.status == "resolved":
            continue
        promised = target_of(targets, talk.channel)
        seconds = promised.first if talk.served.first_response is None else promised.next
        until = opening.after(since, seconds) if seconds is not None else None
        state = _state(since, until, seconds, opening, now)
        rows.append(Due(talk.conversation_id, talk.profile_id, talk.channel, talk.agent, since, until, state))
    return sorted(rows, key=lambda each: (each.due_at is None, each.due_at or each.waiting_since, each.conversation_id))


def _state(since: datetime, until: datetime | None, seconds: float | None, opening: Opening, now: datetime) -> str:
    if until is None or seconds is None:
        return "in_time"
    if now >= until:
        return "late"
    return "soon" if opening.seconds(now, until) < SOON * seconds else "in_time"


def _left_carts(known: Facts, now: datetime) -> Action:
    recent = [cart for cart in known.carts if now - timedelta(days=behind.CART_DAYS) <= cart.at <= now]
    money: Counter[str] = Counter()
    for cart in recent:
        money[cart.currency] += cart.total_minor or 0
    currency = max(money, key=lambda code: (money[code], code), default="")
    whose = {cart.profile_id for cart in recent if cart.profile_id is not None}
    return Action("carts", len(whose), money[currency] if currency else None, currency)


def _unhappy(known: Facts, now: datetime) -> Action:
    """Who is unhappy, those included who never bought anything."""
    ids = experience.unhappy(known.answers, now)
    worth = _of_values("unhappy", (CustomerValue.profile_id.in_(ids[:_MOST_IDS]),))
    return worth._replace(customers=len(ids))


def _of_values(name: str, theirs: Sequence[ColumnElement[bool]]) -> Action:
    """Customers told by their values: what hangs on them is what they were expected to spend, or an average order."""
    stake = func.coalesce(CustomerValue.clv_minor, CustomerValue.average_minor, 0)
    columns = select(CustomerValue.currency, func.count(), func.sum(stake))
    rows = db.session.execute(columns.where(*theirs).group_by(CustomerValue.currency)).all()
    if not rows:
        return Action(name, 0, None, "")
    currency, _, money = max(rows, key=lambda row: (int(row[2] or 0), row[0]))
    return Action(name, sum(row[1] for row in rows), int(money or 0), currency)

"""Questions about conversations. Nothing here writes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ScalarSelect, func, or_, select
from sqlalchemy.orm import aliased

from crm360.conversations.message_entries import CHANGES
from crm360.conversations.models import Conversation, Message, ThreadKey
from crm360.conversations.serving import Said, Served, Turned, served
from crm360.identity.queries import contact_ids
from crm360.kernel.db import db
from crm360.profiles.models import TimelineEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A conversation with its last messages (oldest of them first) and how many it has in all.

    `asked_at` is the customer's first message, `answered_at` the first answer of a person after it.
    """

    conversation: Conversation
    messages: list[Message]
    message_count: int
    asked_at: datetime | None
    answered_at: datetime | None

    @property
    def first_response(self) -> timedelta | None:
        """How long the customer waited for the first answer; None without a question or an answer."""
        return self.answered_at - self.asked_at if self.asked_at and self.answered_at else None


def conversations_of(profile_id: int, *, limit: int = 10, last: int = 3) -> list[Thread]:
    """The conversations a profile's contacts took part in, the last active first; two statements."""
    took_part = select(Message.conversation_id).where(Message.contact_id.in_(contact_ids(profile_id)))
    theirs = or_(Conversation.id.in_(took_part), Conversation.contact_id.in_(contact_ids(profile_id)))
    asked_at = _asked_at()
    statement = select(Conversation, asked_at, _answered_at(asked_at)).where(theirs)
    newest_first = statement.order_by(Conversation.last_message_at.desc(), Conversation.id.desc()).limit(limit)
    found = db.session.execute(newest_first.execution_options(populate_existing=True)).all()
    messages, counts = _last_messages([conversation.id for conversation, _, _ in found], last)
    return [
        Thread(
            conversation=conversation,
            messages=messages[conversation.id],
            message_count=counts[conversation.id],
            asked_at=asked,
            answered_at=answered,
        )
        for conversation, asked, answered in found
    ]


def messages_of(conversation_id: int, *, limit: int = 500) -> list[Message]:
    """The last `limit` messages of a conversation, oldest first."""
    statement = select(Message).where(Message.conversation_id == conversation_id)
    newest = statement.order_by(Message.sent_at.desc(), Message.id.desc()).limit(limit)
    return list(db.session.scalars(newest.execution_options(populate_existing=True)))[::-1]


def serving_of(conversation_id: int) -> Served:
    """How a conversation was served, from its messages and the changes of status kept in the timeline; three statements."""
    columns = (Message.sent_at, Message.direction, Message.automatic, Message.author)
    said = db.session.execute(select(*columns).where(Message.conversation_id == conversation_id))
    return served([Said(*row) for row in said], _changes(conversation_id))


def _changes(conversation_id: int) -> list[Turned]:
    keys = select(ThreadKey.source, ThreadKey.key).where(ThreadKey.conversation_id == conversation_id)
    named = keys.where(ThreadKey.key.startswith("conversation:", autoescape=True))
    subjects = [f"conversation:{source}:{key.partition(':')[2]}:" for source, key in db.session.execute(named)]
    if not subjects:
        return []
    told = or_(*(TimelineEntry.subject.startswith(subject, autoescape=True) for subject in subjects))
    statuses = {kind: status for status, kind in CHANGES.items() if status}
    rows = db.session.execute(select(TimelineEntry.occurred_at, TimelineEntry.kind).where(told))
    return [Turned(at, statuses[kind]) for at, kind in rows if kind in statuses]


def count_messages() -> int:
    """How many messages are kept."""
    return int(db.session.scalar(select(func.count()).select_from(Message)) or 0)


def _asked_at() -> ScalarSelect[Any]:
    return (
        select(func.min(Message.sent_at))
        .where(Message.conversation_id == Conversation.id, Message.direction == "in", Message.automatic.is_(False))
        .correlate(Conversation)
        .scalar_subquery()
    )


def _answered_at(asked_at: ScalarSelect[Any]) -> ScalarSelect[Any]:
    answer = aliased(Message)
    return (
        select(func.min(answer.sent_at))
        .where(answer.conversation_id == Conversation.id, answer.direction == "out", answer.automatic.is_(False))
        .where(answer.sent_at >= asked_at)
        .correlate(Conversation)
        .scalar_subquery()
    )


def _last_messages(
    conversation_ids: list[int], last: int
) -> tuple[defaultdict[int, list[Message]], defaultdict[int, int]]:
    newest_first = (Message.sent_at.desc(), Message.id.desc())
    placed = (
        select(
            Message.id,
            func.row_number().over(partition_by=Message.conversation_id, order_by=newest_first).label("place"),
            func.count().over(partition_by=Message.conversation_id).label("number"),
        )
        .where(Message.conversation_id.in_(conversation_ids))
        .subquery()
    )
    statement = select(Message, placed.c.number).join(placed, placed.c.id == Message.id).where(placed.c.place <= last)
    oldest_first = statement.order_by(Message.sent_at, Message.id).execution_options(populate_existing=True)
    messages: defaultdict[int, list[Message]] = defaultdict(list)
    counts: defaultdict[int, int] = defaultdict(int)
    for message, number in db.session.execute(oldest_first):
        messages[message.conversation_id].append(message)
        counts[message.conversation_id] = number
    return messages, counts

"""Who waits for us: an unhappy customer nobody has answered yet, a message without an answer, a promise that is late.

One statement however many customers, from indexes of theirs alone: lists ask for every line.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, case, literal, or_, select, union_all

from crm360.conversations.models import Conversation, Message
from crm360.identity.models import Contact
from crm360.kernel import dialects
from crm360.kernel.db import UtcDateTime, db
from crm360.sales.models import Task

#: A conversation nobody closed, such as a thread of mails, is no issue for ever.
WAITS_FOR = timedelta(days=14)
#: What weighs most comes first: of several issues of a customer one is shown.
KINDS = ("unhappy", "message", "late")
_OPEN = ("open", "pending")
_UNHAPPY = ("answer:", "review:")


class Issue(NamedTuple):
    """`kind`: one of KINDS. `number`: the task's, of "message" the conversation's; `at`: since when, or until when it was due."""

    kind: str
    at: datetime | None
    title: str
    number: int


def of(profile_id: int, *, now: datetime) -> Issue | None:
    """What weighs most of a customer's open issues."""
    return of_many([profile_id], now=now).get(profile_id)


def of_many(profile_ids: Collection[int], *, now: datetime) -> dict[int, Issue]:
    """profile → the same, of those who have one."""
    if not profile_ids:
        return {}
    found: dict[int, Issue] = {}
    asked = {"values": profile_ids, "now": now, "since": now - WAITS_FOR}
    for profile_id, kind, at, title, number in db.session.execute(_OPEN_ISSUES, asked):
        issue = Issue(kind, at, title, number)
        if profile_id not in found or _weight(issue) < _weight(found[profile_id]):
            found[profile_id] = issue
    return found


def _weight(issue: Issue) -> tuple[int, float, int]:
    return KINDS.index(issue.kind), issue.at.timestamp() if issue.at else 0.0, issue.number


def _tasks() -> Select[int | None, str, datetime | None, str, int]:
    unhappy = or_(*(Task.origin.startswith(each, autoescape=True) for each in _UNHAPPY))
    kind = case((unhappy, literal(KINDS[0])), else_=literal(KINDS[2]))
    query = select(Contact.profile_id, kind, Task.due_at, Task.title, Task.id)
    of = query.join(Task, Task.contact_id == Contact.id).where(dialects.Among(Contact.profile_id))
    return of.where(Task.done_at.is_(None), or_(unhappy, Task.due_at < bindparam("now", type_=UtcDateTime())))


def _messages() -> Select[int | None, str, datetime, str, int]:
    spoken = select(Message.direction).where(Message.conversation_id == Conversation.id, Message.direction != "note")
    newest = spoken.where(Message.automatic.is_(False)).order_by(Message.sent_at.desc(), Message.id.desc()).limit(1)
    query = select(
        Contact.profile_id, literal(KINDS[1]), Conversation.last_message_at, Conversation.subject, Conversation.id
    )
    of = query.join(Conversation, Conversation.contact_id == Contact.id).where(dialects.Among(Contact.profile_id))
    recent = Conversation.last_message_at >= bindparam("since", type_=UtcDateTime())
    return of.where(Conversation.status.in_(_OPEN), recent, newest.correlate(Conversation).scalar_subquery() == "in")


_OPEN_ISSUES: Any = union_all(_tasks(), _messages())

"""Messages find their thread, whichever of them is heard first and however often."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, insert, select

from crm360.conversations import operations, queries
from crm360.conversations.models import Conversation, Message, ThreadKey
from crm360.facts import ContactRef, ConversationChanged, MessageExchanged, Received
from crm360.identity.models import Contact, Profile
from crm360.profiles.models import TimelineEntry

START = datetime(2026, 2, 1, 9, tzinfo=UTC)
REF = ContactRef("mail", "1")
Fact = MessageExchanged | ConversationChanged


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


@pytest.fixture
def people(session: Any, now: datetime) -> list[int]:
    """A profile's id, then the ids of its two contacts."""
    profile_id = session.scalars(insert(Profile).returning(Profile.id), [{"created_at": now}]).one()
    rows = [
        {"source": "mail", "external_id": str(number), "profile_id": profile_id, "first_seen_at": now,
         "last_seen_at": now, "created_at": now}
        for number in (1, 2)
    ]  # fmt: skip
    return [profile_id, *session.scalars(insert(Contact).returning(Contact.id, sort_by_parameter_order=True), rows)]


def message(number: int, conversation: str, *answers: str, **said: Any) -> MessageExchanged:
    return MessageExchanged(**{
        "ref": REF, "source": "mail", "channel": "email", "conversation_id": conversation, "message_id": f"m{number}",
        "direction": "in", "occurred_at": at(number), "subject": "Kettle", "body": f"Text\n {number}",
        "in_reply_to": answers, **said,
    })  # fmt: skip


def change(minutes: int, conversation: str, status: Any = "", agent: str = "") -> ConversationChanged:
    return ConversationChanged(
        ref=REF, source="mail", channel="email", conversation_id=conversation, occurred_at=at(minutes), status=status,
        agent=agent,
    )  # fmt: skip


def record(news: Sequence[Fact], contact_id: int, now: datetime) -> None:
    for fact in news:
        if isinstance(fact, MessageExchanged):
            operations.record_messages(received=[Received(contact_id, None, fact)], now=now)
        else:
            operations.record_changes(received=[Received(contact_id, None, fact)], now=now)


def rows(session: Any, model: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in session.execute(select(model.__table__)).mappings()]


def written(session: Any) -> list[Any]:
    """Everything recorded, without the ids that depend on who came first."""
    names = {row["id"]: row["external_id"] for row in rows(session, Conversation)}
    threads = [{key: row[key] for key in row if key != "id"} for row in rows(session, Conversation)]
    parts = [
        {key: row[key] for key in row if key != "id"} | {"conversation_id": names[row["conversation_id"]]}
        for model in (Message, ThreadKey)
        for row in rows(session, model)
    ]
    told = [
        {key: row[key] for key in ("contact_id", "kind", "occurred_at", "title")}
        | {key: value for key, value in sorted(row["properties"].items()) if key != "message_id"}
        for row in rows(session, TimelineEntry)
    ]
    return [sorted(map(repr, kept)) for kept in (threads, parts, told)]


def test_a_message_opens_a_conversation_and_tells_itself(session: Any, people: list[int], now: datetime) -> None:
    record([message(1, "t1", author="Anna", attachments=("bill.pdf",))], people[1], now)
    (thread,), (kept,), (entry,) = rows(session, Conversation), rows(session, Message), rows(session, TimelineEntry)
    assert (thread["external_id"], thread["status"], thread["subject"]) == ("t1", "open", "Kettle")
    assert (kept["conversation_id"], kept["body"], kept["attachments"]) == (thread["id"], "Text\n 1", ["bill.pdf"])
    assert (entry["kind"], entry["subject"], entry["title"]) == ("message.in", f"message:{kept['id']}", "Kettle")
    assert entry["properties"] == {
        "message_id": kept["id"], "thread": "t1", "channel": "email", "direction": "in", "author": "Anna",
        "snippet": "Text 1", "attachments": 1, "tone": "neutral", "tone_confidence": 0.55,
    }  # fmt: skip


def test_automatic_mail_is_told_apart(session: Any, people: list[int], now: datetime) -> None:
    record([message(1, "t1", automatic=True)], people[1], now)
    assert rows(session, TimelineEntry)[0]["kind"] == "message.automatic"


def test_an_answer_joins_the_thread_of_what_it_answers(session: Any, people: list[int], now: datetime) -> None:
    record([message(1, "t1"), message(2, "t2", "m1")], people[1], now)
    (thread,) = rows(session, Conversation)
    assert thread["external_id"] == "t1"
    assert {row["conversation_id"] for row in rows(session, Message)} == {thread["id"]}


def test_a_message_that_bridges_two_threads_makes_them_one(session: Any, people: list[int], now: datetime) -> None:
    record([message(1, "t1"), message(2, "t2")], people[1], now)
    assert len(rows(session, Conversation)) == 2
    record([message(3, "t3", "m1", "m2"), change(9, "t2", "resolved", "Ola")], people[1], now)
    (thread,) = rows(session, Conversation)
    assert (thread["external_id"], thread["status"], thread["agent"]) == ("t1", "resolved", "Ola")
    assert len(rows(session, Message)) == 3


def test_threads_of_two_mailboxes_stay_apart(session: Any, people: list[int], now: datetime) -> None:
    record([message(1, "t1"), message(1, "t1", source="other")], people[1], now)
    assert len(rows(session, Conversation)) == len(rows(session, Message)) == 2


def test_the_newest_change_of_status_counts(session: Any, people: list[int], now: datetime) -> None:
    record([change(9, "t1", "resolved"), change(5, "t1", "open", "Ola"), message(1, "t1")], people[1], now)
    (thread,) = rows(session, Conversation)
    assert (thread["status"], thread["agent"], thread["started_at"]) == ("resolved", "Ola", at(1))
    assert sorted(row["kind"] for row in rows(session, TimelineEntry)) == [
        "conversation.opened", "conversation.resolved", "message.in",
    ]  # fmt: skip


NEWS: list[Fact] = [
    message(1, "t3", author="Anna"),
    message(2, "t2", "m1"),
    message(3, "t1", "m9"),
    message(4, "t4", "m9", "m2", direction="out"),
    message(5, "t5"),
    message(5, "t5", body="corrected"),
    message(6, "", "m5", automatic=True),
    change(2, "t3", "open"),
    change(7, "t2", "resolved", "Ola"),
    change(8, "t5", "", "Jan"),
]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(range(len(NEWS))), min_size=1, max_size=8, unique=True).flatmap(
        lambda chosen: st.tuples(st.just(chosen), st.permutations(chosen + chosen))
    )
)
def test_neither_order_of_arrival_nor_repetition_matters(
    session: Any, people: list[int], now: datetime, chosen: tuple[list[int], list[int]]
) -> None:
    outcomes = []
    for order in chosen:
        trial = session.begin_nested()
        record([NEWS[each] for each in order], people[1], now)
        outcomes.append(written(session))
        trial.rollback()
    assert outcomes[0] == outcomes[1]


def test_one_batch_is_the_same_as_many(session: Any, people: list[int], now: datetime) -> None:
    messages = [fact for fact in NEWS if isinstance(fact, MessageExchanged)]
    outcomes = []
    for batches in ([messages], [[each] for each in messages]):
        trial = session.begin_nested()
        for batch in batches:
            operations.record_messages(received=[Received(people[1], None, each) for each in batch], now=now)
        outcomes.append(written(session))
        trial.rollback()
    assert outcomes[0] == outcomes[1]


def test_a_profile_sees_its_conversations_with_their_last_messages(
    session: Any, people: list[int], now: datetime
) -> None:
    record([message(number, "t1") for number in range(1, 6)], people[1], now)
    record([message(7, "t1", direction="out", automatic=True), message(8, "t1", direction="out")], people[1], now)
    record([message(20, "t2")], people[2], now)
    seen: list[str] = []
    engine = session.connection().engine

    def keep(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", keep)
    threads = queries.conversations_of(people[0], last=2)
    event.remove(engine, "before_cursor_execute", keep)
    assert len(seen) == 2
    assert [(each.conversation.external_id, each.message_count) for each in threads] == [("t2", 1), ("t1", 7)]
    assert [each.external_id for each in threads[1].messages] == ["m7", "m8"]
    assert threads[1].first_response == timedelta(minutes=7)
    assert threads[0].first_response is None
    assert [each.external_id for each in queries.messages_of(threads[1].conversation.id, limit=3)] == ["m5", "m7", "m8"]
    assert queries.count_messages() == 8
    assert queries.conversations_of(people[0] + 1) == []


def test_how_a_conversation_was_served_is_derived_from_what_is_stored(
    session: Any, people: list[int], now: datetime
) -> None:
    def said(minute: int, direction: Any, **more: Any) -> Received[MessageExchanged]:
        fact = MessageExchanged(
            ref=REF, source="chat", channel="chat", conversation_id="c%1", message_id=f"m{minute}", direction=direction,
            occurred_at=at(minute), author="Ola" if direction == "out" else "", **more,
        )  # fmt: skip
        return Received(people[1], None, fact)

    def turned(minute: int, status: Any, thread: str = "c%1") -> Received[ConversationChanged]:
        fact = ConversationChanged(
            ref=REF, source="chat", channel="chat", conversation_id=thread, occurred_at=at(minute), status=status, agent="Ola"
        )  # fmt: skip
        return Received(people[1], None, fact)

    operations.record_messages(
        received=[said(9, "out"), said(0, "in"), said(1, "out", automatic=True), said(4, "out"), said(7, "in")], now=now
    )
    changes = [
        turned(30, "resolved"),
        turned(0, "open"),
        turned(10, "resolved"),
        turned(20, "open"),
        turned(3, "resolved", "c21"),
    ]
    operations.record_changes(received=changes, now=now)
    operations.record_changes(received=changes[:2], now=now)
    (row,) = session.scalars(select(Conversation).where(Conversation.external_id == "c%1"))
    found = queries.serving_of(row.id)
    assert (found.first_response, found.next_responses, found.first_agent) == (240, (120,), "Ola")
    assert (found.resolution, found.reopened, found.one_contact) == (1800, 1, False)

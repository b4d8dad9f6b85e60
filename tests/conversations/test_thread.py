"""A thread is the sum of what is said of it, in any order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crm360.conversations.thread import keys_of_message, told_by_change, told_by_message, unite
from crm360.facts import ContactRef, ConversationChanged, MessageExchanged

START = datetime(2026, 2, 1, 9, tzinfo=UTC)
REF = ContactRef("mail", "1")


def message(minutes: int, conversation: str = "t1", **said: Any) -> MessageExchanged:
    return MessageExchanged(**{
        "ref": REF, "source": "mail", "channel": "email", "conversation_id": conversation, "message_id": f"m{minutes}",
        "direction": "in", "occurred_at": START + timedelta(minutes=minutes), **said,
    })  # fmt: skip


def change(minutes: int, status: Any = "", agent: str = "", subject: str = "") -> ConversationChanged:
    return ConversationChanged(
        ref=REF, source="mail", channel="email", conversation_id="t1", occurred_at=START + timedelta(minutes=minutes),
        status=status, agent=agent, subject=subject,
    )  # fmt: skip


ROWS = st.one_of(
    st.builds(
        lambda minutes, conversation, subject, contact: told_by_message(
            message(minutes, conversation, subject=subject), contact
        ),
        st.integers(0, 5),
        st.sampled_from(["t1", "t0", ""]),
        st.sampled_from(["", "Kettle", "Re: Kettle"]),
        st.integers(1, 3),
    ),
    st.builds(
        lambda minutes, status, agent, contact: told_by_change(change(minutes, status, agent), contact),
        st.integers(0, 5),
        st.sampled_from(["", "open", "resolved", "snoozed"]),
        st.sampled_from(["", "Ola", "Jan"]),
        st.integers(1, 3),
    ),
)


@given(ROWS, ROWS, ROWS)
def test_uniting_is_the_same_in_any_order_and_grouping(one: Any, two: Any, three: Any) -> None:
    assert unite(one, two) == unite(two, one)
    assert unite(unite(one, two), three) == unite(one, unite(two, three))
    assert unite(one, one) == one


def test_the_newest_status_and_agent_and_the_earliest_subject_count() -> None:
    row = told_by_message(message(3, subject="Re: Kettle"), 1)
    for each in (
        told_by_change(change(9, "resolved"), 1),
        told_by_change(change(7, "open", "Ola"), 1),
        told_by_message(message(1, subject="Kettle"), 2),
    ):
        row = unite(row, each)
    assert (row["status"], row["agent"], row["subject"], row["contact_id"]) == ("resolved", "Ola", "Kettle", 1)
    assert (row["started_at"], row["last_message_at"]) == (START + timedelta(minutes=1), START + timedelta(minutes=9))


def test_a_message_is_known_by_its_thread_itself_and_what_it_answers() -> None:
    fact = message(1, in_reply_to=("a", "m1", "b", "a", ""))
    assert keys_of_message(fact) == ("conversation:t1", "message:m1", "message:a", "message:b")
    assert keys_of_message(message(1, conversation="")) == ("message:m1",)

"""Who waits for us: the weightiest of what is open, for lists in one statement."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from crm360.accounts import operations as accounts
from crm360.facts import ContactRef, ContactSeen, ConversationChanged, Fact, MessageExchanged
from crm360.flows import open_issues
from crm360.identity.models import Contact
from crm360.sales import operations as sales
from tests.web import scene
from tests.web.test_customer_page import counted_statements

HOUR = timedelta(hours=1)


def talk(name: str, now: datetime, *said: str, ago: timedelta = HOUR) -> list[Fact]:
    """A conversation in which customer ("in"), shop ("out"), a machine ("auto") and colleagues ("note") spoke, then a status."""
    ref, facts = ContactRef(scene.CHAT, name), []
    facts.append(ContactSeen(ref=ref, occurred_at=now - ago * 9, fields={"given_name": name.title()}))
    for step, what in enumerate(said):
        common: Any = {
            "ref": ref,
            "source": scene.CHAT,
            "channel": "chat",
            "conversation_id": name,
            "occurred_at": now - ago * (9 - step),
        }
        if what in ("in", "out", "auto", "note"):
            direction: Any = "out" if what == "auto" else what
            facts.append(
                MessageExchanged(
                    **common, message_id=f"{name}-{step}", direction=direction, body=what, automatic=what == "auto"
                )
            )
        else:
            facts.append(ConversationChanged(**common, status=what))
    return facts  # fmt: skip


@pytest.fixture
def who(session: Any, now: datetime) -> dict[str, int]:
    """Name → profile of customers with all kinds of open and closed things."""
    told = [
        *talk("asked", now, "out", "in"),
        *talk("answered", now, "in", "out"),
        *talk("thanked by a machine", now, "in", "auto"),
        *talk("talked about", now, "in", "note"),
        *talk("resolved", now, "in", "resolved"),
        *talk("long ago", now, "in", ago=timedelta(days=2)),
        *talk("late and asked", now, "in"),
        *talk("bad answer", now, "in", "out"),
        *talk("done", now, "in", "out"),
        *talk("later", now, "in", "out"),
    ]
    scene.tell(told, now)
    found = {each.external_id: int(each.profile_id) for each in session.query(Contact)}
    rep = accounts.create_staff(email="r@shop.example", name="Rep", role="sales", password="correct horse", now=now).id

    def task(name: str, due: datetime, origin: str | None = None) -> int:
        return sales.add_task(
            title=name, owner_id=rep, by="Rep", now=now, profile_id=found[name], due_at=due, origin=origin
        ).id

    task("late and asked", now - HOUR)
    task("bad answer", now - HOUR)
    task("bad answer", now + HOUR, "review:1")
    task("later", now + HOUR)
    sales.finish_task(task_id=task("done", now - HOUR, "answer:1"), by="Rep", now=now)
    return found


def test_what_weighs_most_is_told_in_one_statement(who: dict[str, int], now: datetime) -> None:
    with counted_statements() as sent:
        found = open_issues.of_many(list(who.values()), now=now)
    names = {number: name for name, number in who.items()}
    assert {names[each]: issue.kind for each, issue in found.items()} == {
        "asked": "message",
        "thanked by a machine": "message",
        "talked about": "message",
        "late and asked": "message",
        "bad answer": "unhappy",
    }
    assert len(sent) == 1
    assert open_issues.of(who["bad answer"], now=now) == found[who["bad answer"]]
    assert open_issues.of_many([], now=now) == {}


def test_a_late_task_is_an_issue_once_the_message_is_answered(who: dict[str, int], now: datetime) -> None:
    scene.tell(talk("late and asked", now, "in", "out")[2:], now)
    issue = open_issues.of(who["late and asked"], now=now)
    assert issue is not None
    assert (issue.kind, issue.title) == ("late", "late and asked")

"""The ledger: what is stated is added once, keyed by the address, and shown for whoever has that address."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import event, insert, select, update
from sqlalchemy.exc import DatabaseError

from crm360.consents import operations, queries
from crm360.consents.models import Statement
from crm360.facts import ConsentStated, ContactRef, Identifier, Received
from crm360.identity.models import Contact, ContactIdentifier, Profile
from crm360.profiles.models import TimelineEntry

START = datetime(2026, 1, 10, 12, tzinfo=UTC)
ANNA = "Anna@Example.com"


@pytest.fixture
def anna(session: Any, now: datetime) -> tuple[int, list[int]]:
    """A profile with two e-mails and a phone, and its contact; and another profile's contact that shares an e-mail."""
    profiles = session.scalars(insert(Profile).returning(Profile.id), [{"created_at": now}] * 2).all()
    rows = [
        {"source": "shop", "external_id": str(number), "profile_id": profile_id, "first_seen_at": now,
         "last_seen_at": now, "created_at": now}
        for number, profile_id in enumerate(profiles, 1)
    ]  # fmt: skip
    contacts = list(session.scalars(insert(Contact).returning(Contact.id, sort_by_parameter_order=True), rows))
    held = [
        (contacts[0], "email", ANNA, "anna@example.com"),
        (contacts[0], "email", "anna@work.example", "anna@work.example"),
        (contacts[0], "phone", "600 100 200", "+48600100200"),
        (contacts[0], "card", "7781", "7781"),
        (contacts[1], "email", "anna@example.com", "anna@example.com"),
    ]
    columns = ("contact_id", "kind", "value", "normal")
    seen = {"first_seen_at": now, "last_seen_at": now, "verified": False}
    session.execute(insert(ContactIdentifier), [dict(zip(columns, row, strict=True)) | seen for row in held])
    return sorted(profiles)[0], contacts


def stated(state: Any = "given", grade: Any = "B", days: int = 0, **said: Any) -> ConsentStated:
    return ConsentStated(**{
        "ref": ContactRef("shop", "1"), "identifier": Identifier("email", ANNA), "purpose": "marketing",
        "channel": "email", "state": state, "occurred_at": START + timedelta(days=days), "source": "shop",
        "evidence_grade": grade, "notice": "v3", **said,
    })  # fmt: skip


def record(contact_id: int, now: datetime, *facts: ConsentStated) -> None:
    operations.record_statements(received=[Received(contact_id, 5, fact) for fact in facts], now=now)


def ledger(session: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in session.execute(select(Statement.__table__)).mappings()]


def test_a_statement_is_added_once(session: Any, anna: Any, now: datetime) -> None:
    for repeat in range(3):
        record(anna[1][0], now + timedelta(days=repeat), stated(), stated())
    (row,) = ledger(session)
    assert (row["identifier_normal"], row["state"], row["recorded_at"]) == ("anna@example.com", "given", now)
    entry = session.scalars(select(TimelineEntry)).one()
    assert (entry.kind, entry.subject, entry.title) == ("consent.given", f"consent:{row['id']}", "marketing, email")
    assert queries.count_statements() == 1


def test_an_id_used_again_for_another_act_hides_nothing(session: Any, anna: Any, now: datetime) -> None:
    record(anna[1][0], now, stated(statement_id="7"), stated("withdrawn", days=3, statement_id="7"))
    assert {row["state"] for row in ledger(session)} == {"given", "withdrawn"}


def test_whatever_comes_first_the_ledger_says_the_same(session: Any, anna: Any, now: datetime) -> None:
    acts = [stated(), stated("withdrawn", days=2), stated("given", "A", days=3, statement_id="x")]
    outcomes = []
    for order in permutations(acts):
        trial = session.begin_nested()
        for act in (*order, *order):
            record(anna[1][0], now, act)
        outcomes.append(
            (
                sorted(row["statement_id"] for row in ledger(session)),
                [cell.verdict.reason for cell in queries.matrix(anna[0], now=now)],
            )
        )
        trial.rollback()
    assert all(outcome == outcomes[0] for outcome in outcomes)


def test_a_time_to_come_is_kept_as_the_time_it_was_heard(session: Any, anna: Any, now: datetime) -> None:
    record(anna[1][0], now, stated(days=900))
    assert ledger(session)[0]["occurred_at"] == now


def test_a_national_phone_is_read_in_the_shops_region(session: Any, anna: Any, now: datetime) -> None:
    fact = stated(identifier=Identifier("phone", "600 100 200"), channel="sms")
    record(anna[1][0], now, fact)
    assert ledger(session)[0]["identifier_normal"] == "+48600100200"


def test_the_matrix_shows_each_address_with_what_anyone_said_of_it(session: Any, anna: Any, now: datetime) -> None:
    profile_id, (hers, another) = anna
    record(hers, now, stated())
    record(another, now, stated("withdrawn", days=1), stated(purpose="surveys"))
    record(hers, now, stated("given", "A", identifier=Identifier("phone", "+48 600 100 200"), channel="sms"))
    seen: list[str] = []
    engine = session.connection().engine

    def keep(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", keep)
    cells = queries.matrix(profile_id, now=now)
    event.remove(engine, "before_cursor_execute", keep)
    assert len(seen) <= 7
    assert [
        (cell.identifier, cell.purpose, cell.channel, cell.verdict.permitted, cell.verdict.reason) for cell in cells
    ] == [
        (ANNA, "marketing", "email", False, "withdrawn"),
        (ANNA, "surveys", "email", True, "consent_given"),
        ("anna@work.example", "marketing", "email", False, "nothing_stated"),
        ("anna@work.example", "surveys", "email", False, "nothing_stated"),
        ("600 100 200", "marketing", "sms", True, "consent_given"),
    ]
    assert cells[0].statement is not None
    assert cells[0].statement.state == "withdrawn"
    assert cells[0].since == START + timedelta(days=1)
    assert cells[2].statement is None


def test_the_history_of_a_profile_counts_others_words_on_its_addresses(session: Any, anna: Any, now: datetime) -> None:
    profile_id, (hers, another) = anna
    record(hers, now, stated())
    record(another, now, stated("withdrawn", days=1))
    assert [each.state for each in queries.statements_of(profile_id)] == ["withdrawn", "given"]
    assert queries.matrix_of_many([], now=now) == {}


def test_the_database_itself_refuses_to_change_a_statement(
    session: Any, anna: tuple[int, list[int]], now: datetime
) -> None:
    record(anna[1][0], now, stated("withdrawn"))
    with pytest.raises(DatabaseError, match="only grows"), session.begin_nested():
        session.execute(update(Statement).values(state="given"))
    assert [row["state"] for row in ledger(session)] == ["withdrawn"]


def test_national_numbers_are_read_as_the_source_writes_them(
    session: Any, anna: tuple[int, list[int]], now: datetime
) -> None:
    by_phone = stated(identifier=Identifier("phone", "020 7946 0018"), channel="phone")
    operations.record_statements(received=[Received(anna[1][0], 5, by_phone, "GB")], now=now)
    assert [row["identifier_normal"] for row in ledger(session)] == ["+442079460018"]

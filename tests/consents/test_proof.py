"""The ledger proves itself: every statement has its leaf, nothing can be changed unseen, and erasing breaks no proof."""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from alembic import command
from sqlalchemy import create_engine, delete, insert, select, text, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from crm360.consents import ledger, merkle, operations, personal_data
from crm360.consents.models import Checkpoint, Leaf, Opening, Statement, Tenure
from crm360.facts import ConsentStated, ContactRef, Identifier, Received
from crm360.identity.models import Contact
from crm360.kernel import dialects, notes, schema
from crm360.kernel.personal_data import Whom
from tests import databases

SIGNER = notes.Signer("shop.example/ledger", bytes(range(32)))


@pytest.fixture
def contacts(session: Any, now: datetime) -> list[int]:
    seen = {"first_seen_at": now, "last_seen_at": now, "created_at": now}
    rows = [{"source": "shop", "external_id": f"customer:{number}", **seen} for number in range(12)]
    return list(session.scalars(insert(Contact).returning(Contact.id, sort_by_parameter_order=True), rows))


def state(contact_id: int, number: int, now: datetime, **said: Any) -> Received[ConsentStated]:
    fact = ConsentStated(**{
        "ref": ContactRef("shop", f"customer:{number}"), "identifier": Identifier("email", f"c{number}@example.com"),
        "purpose": "marketing", "channel": "email", "state": "given", "occurred_at": now - timedelta(days=number),
        "source": "shop", "evidence_grade": "B", "notice": "form@1", "evidence": {"ip": "203.0.113.0/24", "n": 1.5}, **said,
    })  # fmt: skip
    return Received(contact_id, None, fact)


@pytest.fixture
def full(session: Any, contacts: list[int], now: datetime) -> list[int]:
    """A ledger of three rounds with a checkpoint after each."""
    for round_, said in enumerate(
        ({}, {"state": "withdrawn", "notice": "as said on the phone"}, {"purpose": "surveys"})
    ):
        moment = now + timedelta(hours=round_)
        operations.record_statements(
            received=[state(contact, number, moment, **said) for number, contact in enumerate(contacts)], now=moment
        )
        assert ledger.checkpoint(signer=SIGNER, now=moment) is not None
        assert ledger.checkpoint(signer=SIGNER, now=moment) is None
    session.flush()
    return contacts


def faults() -> list[ledger.Fault]:
    return ledger.faults(verifier=SIGNER.verifier)


def test_every_statement_has_its_leaf_and_the_whole_holds(session: Any, full: list[int]) -> None:
    assert faults() == []
    assert (ledger.size(), [mark.size for mark in session.scalars(select(Checkpoint))]) == (36, [12, 24, 36])
    assert not ledger.has_grown()
    peaks = merkle.grown(merkle.Peaks(), ledger.leaf_hashes(upto=36))
    assert merkle.root(peaks).hex() == ledger.last_checkpoint().root


def test_no_header_says_who_it_is_about(session: Any, full: list[int]) -> None:
    heads = json.dumps(list(session.scalars(select(Leaf.header))))
    for word in ("example.com", "c3@", "phone", "203.0.113", "customer:"):
        assert word not in heads


def test_a_leaf_is_neither_changed_nor_deleted(session: Any, full: list[int]) -> None:
    for act in (update(Leaf).values(commitment="0" * 64), delete(Leaf), update(Opening).values(salt="0" * 64)):
        with pytest.raises(DatabaseError, match="final"), session.begin_nested():
            session.execute(act)


def test_erasing_people_breaks_no_proof_and_names_nobody(session: Any, full: list[int]) -> None:
    before = ledger.last_checkpoint().root
    whom = Whom(tuple(full[:7]))
    for eraser in personal_data.ERASERS.values():
        eraser(whom)
    session.flush()
    session.expire_all()
    assert faults() == []
    assert (ledger.size(), session.query(Statement).count(), session.query(Opening).count()) == (36, 15, 15)
    assert session.query(Tenure).count() == 5
    assert merkle.root(merkle.grown(merkle.Peaks(), ledger.leaf_hashes(upto=36))).hex() == before


def test_an_address_known_through_somebody_else_keeps_its_pseudonym(
    session: Any, full: list[int], now: datetime
) -> None:
    shared = Identifier("email", "c0@example.com")
    operations.record_statements(received=[state(full[5], 5, now, identifier=shared, purpose="surveys")], now=now)
    for eraser in personal_data.ERASERS.values():
        eraser(Whom((full[0],)))
    assert session.scalar(select(Tenure.subject_key).where(Tenure.normal == "c0@example.com")) is not None


def open_the_door(session: Any) -> None:
    """What somebody with the database in hand can do: away with the triggers."""
    if session.get_bind().dialect.name == "postgresql":
        for table in ("consents_leaf", "consents_opening", "consents_statement", "consents_checkpoint"):
            session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    else:
        for name in session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            session.execute(text(f"DROP TRIGGER {name}"))


def changed(value: Any, chance: random.Random) -> Any:
    if isinstance(value, dict):
        name = chance.choice(sorted(value))
        return value | {name: changed(value[name], chance)}
    if isinstance(value, datetime):
        return value + timedelta(microseconds=chance.choice((-1, 1)))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value + 1
    if value is None:
        return 0
    letters = list(str(value) or " ")
    at = chance.randrange(len(letters))
    letters[at] = chance.choice([letter for letter in "0123456789abcdef" if letter != letters[at]])
    return "".join(letters)


Mutation = Callable[[Any, random.Random], None]


def change_a_leaf(session: Any, chance: random.Random) -> None:
    index = chance.randrange(36)
    row = session.get(Leaf, index)
    name = chance.choice(("header", "header_hash", "commitment"))
    session.execute(update(Leaf).where(Leaf.tree_index == index).values({name: changed(getattr(row, name), chance)}))


def change_a_statement(session: Any, chance: random.Random) -> None:
    row = chance.choice(session.scalars(select(Statement).order_by(Statement.id)).all())
    names = ("purpose", "channel", "state", "occurred_at", "recorded_at", "source", "method", "evidence_grade", "notice",
             "identifier_value", "identifier_normal", "statement_id", "evidence")  # fmt: skip
    name = chance.choice(names)
    session.execute(update(Statement).where(Statement.id == row.id).values({name: changed(getattr(row, name), chance)}))


def take_out_a_leaf(session: Any, chance: random.Random) -> None:
    session.execute(delete(Leaf).where(Leaf.tree_index == chance.randrange(36)))


def cut_it_off(session: Any, chance: random.Random) -> None:
    session.execute(delete(Leaf).where(Leaf.tree_index >= chance.randrange(36)))


def exchange_two(session: Any, chance: random.Random) -> None:
    one, other = chance.sample(range(36), 2)
    for before, after in ((one, 1000), (other, one), (1000, other)):
        session.execute(update(Leaf).where(Leaf.tree_index == before).values(tree_index=after))


def rewrite_with_right_hashes(session: Any, chance: random.Random) -> None:
    """The cleverest: a whole leaf made anew, statement and salt with it; only the checkpoints can tell."""
    index = chance.randrange(36)
    row = session.get(Leaf, index)
    head = row.header | {"state": "given" if row.header["state"] != "given" else "withdrawn"}
    opening = session.scalars(select(Opening).where(Opening.tree_index == index)).one()
    said = session.get(Statement, opening.statement_id)
    told = {name: getattr(said, name) for name in ledger._TOLD}
    forged = ledger.leaf(head, index, bytes.fromhex(opening.salt), ledger.personal(told))
    session.execute(update(Leaf).where(Leaf.tree_index == index).values(forged))
    session.execute(update(Statement).where(Statement.id == said.id).values(state=head["state"]))


def change_a_checkpoint(session: Any, chance: random.Random) -> None:
    size = chance.choice((12, 24, 36))
    row = session.get(Checkpoint, size)
    name = chance.choice(("root", "note"))
    session.execute(
        update(Checkpoint).where(Checkpoint.size == size).values({name: changed(getattr(row, name), chance)})
    )


MUTATIONS: tuple[Mutation, ...] = (
    change_a_leaf, change_a_statement, take_out_a_leaf, cut_it_off, exchange_two, rewrite_with_right_hashes,
    change_a_checkpoint,
)  # fmt: skip


TRIALS = int(os.environ.get("LEDGER_MUTATIONS") or 42)


@pytest.mark.timeout(1800 + TRIALS // 5)
def test_every_mutation_is_seen(session: Any, full: list[int]) -> None:
    """10,000 with LEDGER_MUTATIONS=10000, some minutes on each database; a share of them in every run."""
    chance = random.Random(20)
    open_the_door(session)
    for number in range(TRIALS):
        trial = session.begin_nested()
        mutation = MUTATIONS[number % len(MUTATIONS)]
        mutation(session, chance)
        session.expire_all()
        assert faults() != [], (number, mutation.__name__)
        trial.rollback()
        session.expire_all()
    assert faults() == []


def test_the_operator_asks_and_signs(runner: Any, session: Any, contacts: list[int], now: datetime) -> None:
    operations.record_statements(received=[state(contacts[0], 0, now)], now=now)
    session.commit()
    assert "no such" not in runner.invoke(args=["ledger", "verify"]).output
    signed = runner.invoke(args=["ledger", "checkpoint"])
    assert "/ledger\n1\n" in signed.stdout
    told = json.loads(runner.invoke(args=["ledger", "verify", "--json"]).stdout)
    assert (told["leaves"], told["faults"]) == (1, [])
    open_the_door(session)
    session.execute(update(Statement).values(state="withdrawn"))
    session.commit()
    refused = runner.invoke(args=["ledger", "verify"])
    assert (refused.exit_code, "does not fit its header" in refused.output) == (1, True)


def test_statements_of_an_earlier_version_are_taken_in(
    database: str, tmp_path: Any, worker_id: str, now: datetime
) -> None:
    """The migration writes the same leaves as the code does."""
    before = next(
        re.search(r'^down_revision = "(\d+)"', file.read_text(), re.M)
        for file in (schema.MIGRATIONS / "versions").glob("*_the_ledger_can_be_proved.py")
    )
    with databases.fresh(database, folder=tmp_path, label=worker_id) as url:
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        dialects.prepare_engine(engine)
        command.upgrade(schema.config_for(engine), before[1])
        with Session(engine) as old:
            seen = {"first_seen_at": now, "last_seen_at": now, "created_at": now}
            row = {"source": "shop", "external_id": "customer:1", **seen}
            contact = old.scalar(insert(Contact).values(**row).returning(Contact.id))
            for number, said in enumerate(("given", "withdrawn", "invalidated"), 1):
                old.execute(
                    insert(Statement).values(
                        contact_id=contact, identifier_kind="email", identifier_value="C@x.pl", identifier_normal="c@x.pl",
                        purpose="marketing", channel="email", state=said, occurred_at=now, recorded_at=now, source="shop",
                        statement_id=f"s{number}", method="żółć", evidence_grade="B", notice=("form@1", "v3", "")[number - 1],
                        evidence={"n": [1.0, 1.5, 2**60], "ł": None}, invalidates_id=1 if number == 3 else None,
                    )
                )  # fmt: skip
            old.commit()
        schema.upgrade(engine)
        with Session(engine) as new:
            heads = list(new.scalars(select(Leaf.header).order_by(Leaf.tree_index)))
            assert [head["invalidates"] for head in heads] == [None, None, 0]
            assert len({head["subject"] for head in heads}) == 1
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(ledger.db, "session", new)
                assert faults() == []
        engine.dispose()

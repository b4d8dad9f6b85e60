"""That nobody else wrote is never said by mistake: other connections, other sessions of one connection, a transaction still open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from crm360.kernel import dialects
from crm360.kernel.standstill import Standstill
from tests import databases

OTHERS_MAY = 30


@pytest.fixture
def engine(database: str, tmp_path: Path, worker_id: str) -> Iterator[Any]:
    with databases.fresh(database, folder=tmp_path, label=f"still-{worker_id}") as url:
        made = create_engine(url, pool_use_lifo=True)
        dialects.prepare_engine(made)
        with made.begin() as connection:
            connection.execute(text("CREATE TABLE said (words VARCHAR(20))"))
        yield made
        made.dispose()


@pytest.fixture
def mine(engine: Any) -> Iterator[Callable[[Standstill], bool]]:
    """A transaction of the sender: asks, writes, commits."""

    def turn(still: Standstill) -> bool:
        found = still.holds()
        still.session.execute(text("INSERT INTO said VALUES ('mine')"))
        still.session.commit()
        return found

    return turn


@pytest.fixture
def still(engine: Any) -> Iterator[Standstill]:
    session: Any = scoped_session(sessionmaker(engine))
    yield Standstill(session)
    session.remove()


def calm(still: Standstill, mine: Any) -> bool:
    """PostgreSQL counts the transactions of the whole server, where other tests run: a few tries may be disturbed."""
    return any(mine(still) for _ in range(OTHERS_MAY))


def test_own_writes_disturb_nothing(still: Standstill, mine: Any):
    assert not mine(still), "there is nothing to compare with"
    assert calm(still, mine)


@pytest.mark.parametrize("words", ["INSERT INTO said VALUES ('theirs')", "DELETE FROM said"])
def test_whatever_another_connection_commits_is_noticed(still: Standstill, mine: Any, engine: Any, words: str):
    assert calm(still, mine)
    with engine.connect() as other:  # as another process would
        other.execute(text(words))
        other.commit()
    assert not mine(still)
    assert calm(still, mine)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_was_written_before_and_is_committed_after_is_noticed(still: Standstill, mine: Any, engine: Any):
    assert calm(still, mine)
    with engine.connect() as other:
        other.execute(text("INSERT INTO said VALUES ('theirs')"))
        assert calm(still, mine), "not yet"
        other.commit()
        assert not mine(still)
    assert calm(still, mine)


def test_a_session_over_the_same_connection_is_noticed(mine: Any, engine: Any):
    with engine.connect() as shared:
        sessions: Any = scoped_session(sessionmaker(shared, join_transaction_mode="create_savepoint"))
        outer = shared.begin()
        still = Standstill(sessions)
        assert calm(still, mine)
        with Session(shared, join_transaction_mode="create_savepoint") as other:
            other.execute(text("INSERT INTO said VALUES ('theirs')"))
            other.commit()
        assert not mine(still)
        assert calm(still, mine)
        sessions.execute(text("INSERT INTO said VALUES ('not committed yet')"))
        assert not mine(still)
        sessions.remove()
        outer.rollback()

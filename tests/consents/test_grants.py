"""The application's role in PostgreSQL adds to the ledger; it neither changes nor deletes what is in it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from crm360.consents import grants

ROLE = "crm360_app_under_test"


@pytest.fixture
def as_app(session: Any) -> Any:
    """The session in the application's role, which goes with the test's transaction."""
    session.execute(text(f"CREATE ROLE {ROLE}"))
    for statement in grants.sql_for(ROLE):
        session.execute(text(statement))
    session.execute(text(f"SET LOCAL ROLE {ROLE}"))
    yield session
    session.execute(text("RESET ROLE"))


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_is_written_stays_as_it_was_written(as_app: Any) -> None:
    forbidden = [
        *(f"{act} {table}" for table in (*grants.SEALED, *grants.DEFINED_ONCE) for act in ("DELETE FROM", "TRUNCATE")),
        *(f"UPDATE {table} SET {column} = {column}" for table, column in COLUMNS.items()),
        *(f"TRUNCATE {table}" for table in grants.WRITTEN_ONCE),
        "ALTER TABLE consents_leaf DISABLE TRIGGER ALL",
        "DROP TABLE consents_leaf",
    ]
    for statement in forbidden:
        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), as_app.begin_nested():
            as_app.execute(text(statement))
    as_app.execute(text("INSERT INTO consents_leaf VALUES (0, '{}', 'aa', 'bb')"))
    assert as_app.scalar(text("SELECT count(*) FROM consents_leaf")) == 1
    as_app.execute(text("DELETE FROM consents_statement"))


COLUMNS = {
    "consents_leaf": "commitment", "consents_checkpoint": "root", "consents_statement": "state", "consents_opening": "salt",
    "consents_stop": "kind", "consents_stop_lifted": "reason", "consents_purpose": "version", "consents_notice": "text",
}  # fmt: skip


def test_a_role_has_a_plain_name() -> None:
    with pytest.raises(ValueError, match="letters"):
        grants.sql_for('x"; DROP TABLE y; --')

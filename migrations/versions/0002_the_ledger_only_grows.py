"""The consent ledger only grows: the database itself refuses to change a statement."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQLITE = """
CREATE TRIGGER consents_statement_is_final BEFORE UPDATE ON consents_statement
BEGIN SELECT RAISE(ABORT, 'the consent ledger only grows'); END
"""
FUNCTION = """
CREATE FUNCTION consents_statement_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the consent ledger only grows'; END $$
"""
POSTGRESQL = """
CREATE TRIGGER consents_statement_is_final BEFORE UPDATE ON consents_statement
FOR EACH ROW EXECUTE FUNCTION consents_statement_is_final()
"""


def upgrade() -> None:
    statements = (FUNCTION, POSTGRESQL) if op.get_bind().dialect.name == "postgresql" else (SQLITE,)
    for statement in statements:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER consents_statement_is_final ON consents_statement")
        op.execute("DROP FUNCTION consents_statement_is_final()")
    else:
        op.execute("DROP TRIGGER consents_statement_is_final")

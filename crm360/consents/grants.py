"""What the application's own role may do to the ledger in PostgreSQL: add, never rewrite.

Triggers refuse changes whoever asks (SQLite has nothing else); grants refuse them before a trigger is reached, and keep
the role from taking the trigger away. They bite only where the tables belong to another role than the application's.
"""

from __future__ import annotations

from collections.abc import Sequence

#: Neither changed nor deleted, not even by an erasure.
SEALED = ("consents_leaf", "consents_checkpoint")
#: Never changed; deleted with the person they are about.
WRITTEN_ONCE = (
    "consents_statement",
    "consents_opening",
    "consents_stop",
    "consents_stop_lifted",
    "consents_attachment",
)
#: Never changed, and about nobody.
DEFINED_ONCE = ("consents_purpose", "consents_notice")


def sql_for(role: str) -> Sequence[str]:
    """The statements a database administrator runs after each migration, as the owner of the tables.

    Raises ValueError for a role with a name nobody would give.
    """
    if not role.replace("_", "").isalnum() or not role.isascii() or len(role) > 63:
        raise ValueError("The name of a role has letters, digits and underscores.")
    name = f'"{role}"'
    return (
        f"GRANT USAGE ON SCHEMA public TO {name}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}",
        *(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {name}" for table in (*SEALED, *DEFINED_ONCE)),
        *(f"REVOKE UPDATE, TRUNCATE ON {table} FROM {name}" for table in WRITTEN_ONCE),
    )

"""pairs and keys of one model.

What is derived is dropped with its tables: the first contact that arrives afterwards, or `flask identity rebuild --apply`,
computes all of it by the model in force.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.drop_table("identity_blocking_key")
    op.create_table(
        "identity_blocking_key",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("contact_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "contact_id", name=op.f("pk_identity_blocking_key")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_identity_blocking_key_contact_id"), "identity_blocking_key", ["contact_id"], unique=False)
    op.drop_table("identity_edge")
    op.create_table(
        "identity_edge",
        *_edge_columns(),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("barred", sa.Boolean(), nullable=False),
        *_edge_keys(),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_identity_edge_right_id"), "identity_edge", ["right_id"], unique=False)
    op.execute(sa.text("DELETE FROM identity_weak_value"))
    with op.batch_alter_table("identity_identifier", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_identity_identifier_kind_normal"))
        batch_op.drop_constraint(batch_op.f("uq_identity_identifier_contact_id_kind_normal"), type_="unique")
        batch_op.create_index(batch_op.f("ix_identity_identifier_contact_id"), ["contact_id"], unique=False)
        batch_op.create_unique_constraint(
            batch_op.f("uq_identity_identifier_kind_normal_contact_id"), ["kind", "normal", "contact_id"]
        )


def _edge_columns() -> list[sa.Column[int]]:
    return [sa.Column(end, BIG_ID, autoincrement=False, nullable=False) for end in ("left_id", "right_id")]


def _edge_keys() -> list[sa.schema.SchemaItem]:
    return [
        *(
            sa.ForeignKeyConstraint([end], ["identity_contact.id"], name=op.f(f"fk_identity_edge_{end}"))
            for end in ("left_id", "right_id")
        ),
        sa.PrimaryKeyConstraint("left_id", "right_id", name=op.f("pk_identity_edge")),
    ]


def downgrade() -> None:
    with op.batch_alter_table("identity_identifier", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_identity_identifier_kind_normal_contact_id"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_identity_identifier_contact_id"))
        batch_op.create_unique_constraint(
            batch_op.f("uq_identity_identifier_contact_id_kind_normal"), ["contact_id", "kind", "normal"]
        )
        batch_op.create_index(batch_op.f("ix_identity_identifier_kind_normal"), ["kind", "normal"], unique=False)
    op.drop_table("identity_edge")
    op.create_table(
        "identity_edge",
        *_edge_columns(),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("evidence", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        *_edge_keys(),
    )
    op.create_index(op.f("ix_identity_edge_right_id"), "identity_edge", ["right_id"], unique=False)
    op.drop_table("identity_blocking_key")
    op.create_table(
        "identity_blocking_key",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("contact_id", BIG_ID, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["identity_contact.id"], name=op.f("fk_identity_blocking_key_contact_id")
        ),
        sa.PrimaryKeyConstraint("key", "contact_id", name=op.f("pk_identity_blocking_key")),
    )
    op.create_index(op.f("ix_identity_blocking_key_contact_id"), "identity_blocking_key", ["contact_id"], unique=False)

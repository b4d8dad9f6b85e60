"""A second step of signing in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts_recovery_code",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["accounts_staff.id"], name=op.f("fk_accounts_recovery_code_staff_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_accounts_recovery_code")),
    )
    with op.batch_alter_table("accounts_recovery_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accounts_recovery_code_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "accounts_second_factor",
        sa.Column(
            "staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["accounts_staff.id"], name=op.f("fk_accounts_second_factor_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_accounts_second_factor")),
    )


def downgrade() -> None:
    op.drop_table("accounts_second_factor")
    with op.batch_alter_table("accounts_recovery_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accounts_recovery_code_staff_id"))

    op.drop_table("accounts_recovery_code")

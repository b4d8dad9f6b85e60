"""who uploaded an import."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("imports_run", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )


def downgrade() -> None:
    with op.batch_alter_table("imports_run", schema=None) as batch_op:
        batch_op.drop_column("created_by_id")

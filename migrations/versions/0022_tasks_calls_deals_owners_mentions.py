"""Tasks, calls, deals, owners of customers, colleagues named in notes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sales_call",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["identity_contact.id"], name=op.f("fk_sales_call_contact_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["accounts_staff.id"], name=op.f("fk_sales_call_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_call")),
    )
    with op.batch_alter_table("sales_call", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_call_contact_id"), ["contact_id"], unique=False)

    op.create_table(
        "sales_deal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("value_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("next_step", sa.String(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["identity_contact.id"], name=op.f("fk_sales_deal_contact_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["accounts_staff.id"], name=op.f("fk_sales_deal_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_deal")),
    )
    with op.batch_alter_table("sales_deal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_deal_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_deal_stage_moved_at"), ["stage", "moved_at"], unique=False)

    op.create_table(
        "sales_ownership",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["identity_contact.id"], name=op.f("fk_sales_ownership_contact_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["accounts_staff.id"], name=op.f("fk_sales_ownership_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_ownership")),
    )
    with op.batch_alter_table("sales_ownership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_ownership_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_ownership_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "sales_task",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("whole_day", sa.Boolean(), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["identity_contact.id"], name=op.f("fk_sales_task_contact_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["accounts_staff.id"], name=op.f("fk_sales_task_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_task")),
        sa.UniqueConstraint("origin", name=op.f("uq_sales_task_origin")),
    )
    with op.batch_alter_table("sales_task", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_task_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_sales_task_owner_id_done_at_due_at"), ["owner_id", "done_at", "due_at"], unique=False
        )

    op.create_table(
        "sales_deal_move",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("deal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["sales_deal.id"], name=op.f("fk_sales_deal_move_deal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_deal_move")),
    )
    with op.batch_alter_table("sales_deal_move", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_deal_move_deal_id"), ["deal_id"], unique=False)

    op.create_table(
        "sales_mention",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("note_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["note_id"], ["profiles_note.id"], name=op.f("fk_sales_mention_note_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["accounts_staff.id"], name=op.f("fk_sales_mention_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_mention")),
        sa.UniqueConstraint("note_id", "staff_id", name=op.f("uq_sales_mention_note_id_staff_id")),
    )
    with op.batch_alter_table("sales_mention", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_mention_staff_id_seen_at"), ["staff_id", "seen_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("sales_mention", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_mention_staff_id_seen_at"))

    op.drop_table("sales_mention")
    with op.batch_alter_table("sales_deal_move", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_deal_move_deal_id"))

    op.drop_table("sales_deal_move")
    with op.batch_alter_table("sales_task", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_task_owner_id_done_at_due_at"))
        batch_op.drop_index(batch_op.f("ix_sales_task_contact_id"))

    op.drop_table("sales_task")
    with op.batch_alter_table("sales_ownership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_ownership_staff_id"))
        batch_op.drop_index(batch_op.f("ix_sales_ownership_contact_id"))

    op.drop_table("sales_ownership")
    with op.batch_alter_table("sales_deal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_deal_stage_moved_at"))
        batch_op.drop_index(batch_op.f("ix_sales_deal_contact_id"))

    op.drop_table("sales_deal")
    with op.batch_alter_table("sales_call", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_call_contact_id"))

    op.drop_table("sales_call")

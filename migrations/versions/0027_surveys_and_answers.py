"""Surveys, whom they were put to, answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "surveys_survey",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("question_en", sa.String(), nullable=False),
        sa.Column("question_pl", sa.String(), nullable=False),
        sa.Column("trigger", sa.String(), nullable=False),
        sa.Column("event_kind", sa.String(), nullable=False),
        sa.Column("delay_hours", sa.Integer(), nullable=False),
        sa.Column("cooldown_days", sa.Integer(), nullable=False),
        sa.Column("valid_days", sa.Integer(), nullable=False),
        sa.Column("again_days", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("active_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seen_entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seen_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["accounts_staff.id"], name=op.f("fk_surveys_survey_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveys_survey")),
        sa.UniqueConstraint("code", name=op.f("uq_surveys_survey_code")),
    )
    op.create_table(
        "surveys_invitation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("survey_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("ask_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["identity_contact.id"], name=op.f("fk_surveys_invitation_contact_id")),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys_survey.id"], name=op.f("fk_surveys_invitation_survey_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveys_invitation")),
        sa.UniqueConstraint("survey_id", "subject", name=op.f("uq_surveys_invitation_survey_id_subject")),
    )
    with op.batch_alter_table("surveys_invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_surveys_invitation_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_surveys_invitation_state_ask_at"), ["state", "ask_at"], unique=False)

    op.create_table(
        "surveys_answer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("survey_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("invitation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["identity_contact.id"], name=op.f("fk_surveys_answer_contact_id")),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["surveys_invitation.id"], name=op.f("fk_surveys_answer_invitation_id")
        ),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys_survey.id"], name=op.f("fk_surveys_answer_survey_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveys_answer")),
        sa.UniqueConstraint("invitation_id", name=op.f("uq_surveys_answer_invitation_id")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_surveys_answer_source_external_id")),
    )
    with op.batch_alter_table("surveys_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_surveys_answer_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_surveys_answer_survey_id_answered_at"), ["survey_id", "answered_at"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("surveys_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_surveys_answer_survey_id_answered_at"))
        batch_op.drop_index(batch_op.f("ix_surveys_answer_contact_id"))

    op.drop_table("surveys_answer")
    with op.batch_alter_table("surveys_invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_surveys_invitation_state_ask_at"))
        batch_op.drop_index(batch_op.f("ix_surveys_invitation_contact_id"))

    op.drop_table("surveys_invitation")
    op.drop_table("surveys_survey")

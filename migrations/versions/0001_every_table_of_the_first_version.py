"""every table of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts_audit_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("details", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_audit_entry")),
    )
    with op.batch_alter_table("accounts_audit_entry", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_accounts_audit_entry_actor_kind_actor_id_at"), ["actor_kind", "actor_id", "at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_accounts_audit_entry_subject_kind_subject_id_at"),
            ["subject_kind", "subject_id", "at"],
            unique=False,
        )

    op.create_table(
        "accounts_key",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("hint", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_key")),
        sa.UniqueConstraint("digest", name=op.f("uq_accounts_key_digest")),
    )
    op.create_table(
        "accounts_staff",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("session_token", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("theme", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_accounts_staff_email")),
    )
    op.create_table(
        "identity_decision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("context", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_decision")),
    )
    op.create_table(
        "identity_profile",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_profile")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "identity_weak_value",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_identity_weak_value")),
    )
    op.create_table(
        "inbox_source",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("settings", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_source")),
        sa.UniqueConstraint("name", name=op.f("uq_inbox_source_name")),
    )
    op.create_table(
        "profiles_search_variant",
        sa.Column("variant", sa.String(collation="C").with_variant(sa.String(), "sqlite"), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("variant", "word", name=op.f("pk_profiles_search_variant")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "identity_contact",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("profile_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("home_profile_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("fields", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("attributes", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("source_tags", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("source_tags_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("compared", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["home_profile_id"], ["identity_profile.id"], name=op.f("fk_identity_contact_home_profile_id")
        ),
        sa.ForeignKeyConstraint(["profile_id"], ["identity_profile.id"], name=op.f("fk_identity_contact_profile_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_contact")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_identity_contact_source_external_id")),
    )
    with op.batch_alter_table("identity_contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identity_contact_profile_id"), ["profile_id"], unique=False)

    op.create_table(
        "identity_decision_undone",
        sa.Column(
            "decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["identity_decision.id"], name=op.f("fk_identity_decision_undone_decision_id")
        ),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_identity_decision_undone")),
    )
    op.create_table(
        "identity_redirect",
        sa.Column(
            "profile_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("target_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["profile_id"], ["identity_profile.id"], name=op.f("fk_identity_redirect_profile_id")),
        sa.ForeignKeyConstraint(["target_id"], ["identity_profile.id"], name=op.f("fk_identity_redirect_target_id")),
        sa.PrimaryKeyConstraint("profile_id", name=op.f("pk_identity_redirect")),
    )
    with op.batch_alter_table("identity_redirect", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identity_redirect_target_id"), ["target_id"], unique=False)

    op.create_table(
        "inbox_payload",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("dedup_key", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("headers", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["inbox_source.id"], name=op.f("fk_inbox_payload_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_payload")),
        sa.UniqueConstraint("source_id", "dedup_key", name=op.f("uq_inbox_payload_source_id_dedup_key")),
    )
    with op.batch_alter_table("inbox_payload", schema=None) as batch_op:
        batch_op.create_index(
            "ix_inbox_payload_quarantined",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state = 'quarantined'"),
            postgresql_where=sa.text("state = 'quarantined'"),
        )
        batch_op.create_index(
            "ix_inbox_payload_waiting",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    op.create_table(
        "profiles_golden_record",
        sa.Column(
            "profile_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("city", sa.String(), nullable=False),
        sa.Column("fields", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["profile_id"], ["identity_profile.id"], name=op.f("fk_profiles_golden_record_profile_id")
        ),
        sa.PrimaryKeyConstraint("profile_id", name=op.f("pk_profiles_golden_record")),
    )
    op.create_table(
        "commerce_cart",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("contact_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("total_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("lines", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("recover_url", sa.String(), nullable=False),
        sa.Column("snapshot", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=True),
        sa.Column("changes", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["identity_contact.id"], name=op.f("fk_commerce_cart_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commerce_cart")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_commerce_cart_source_external_id")),
    )
    with op.batch_alter_table("commerce_cart", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_commerce_cart_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_commerce_cart_state_changed_at"), ["state", "changed_at"], unique=False)

    op.create_table(
        "commerce_order",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("contact_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("stated_status", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version_digest", sa.String(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("total_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("discount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shipping_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tax_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cart_id", sa.String(), nullable=False),
        sa.Column("attributes", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["identity_contact.id"], name=op.f("fk_commerce_order_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commerce_order")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_commerce_order_source_external_id")),
    )
    with op.batch_alter_table("commerce_order", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_commerce_order_contact_id_placed_at"), ["contact_id", "placed_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_commerce_order_number"), ["number"], unique=False)

    op.create_table(
        "consents_statement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("identifier_kind", sa.String(), nullable=False),
        sa.Column("identifier_value", sa.String(), nullable=False),
        sa.Column("identifier_normal", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("statement_id", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("evidence_grade", sa.String(), nullable=False),
        sa.Column("notice", sa.String(), nullable=False),
        sa.Column("evidence", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("payload_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["identity_contact.id"], name=op.f("fk_consents_statement_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents_statement")),
        sa.UniqueConstraint("source", "statement_id", name=op.f("uq_consents_statement_source_statement_id")),
    )
    with op.batch_alter_table("consents_statement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consents_statement_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_consents_statement_identifier_kind_identifier_normal"),
            ["identifier_kind", "identifier_normal"],
            unique=False,
        )

    op.create_table(
        "conversations_conversation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contact_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("subject_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("status_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("agent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_message_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["identity_contact.id"], name=op.f("fk_conversations_conversation_contact_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations_conversation")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_conversations_conversation_source_external_id")),
    )
    with op.batch_alter_table("conversations_conversation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_conversations_conversation_contact_id_last_message_at"),
            ["contact_id", "last_message_at"],
            unique=False,
        )

    op.create_table(
        "identity_blocking_key",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column(
            "contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["identity_contact.id"], name=op.f("fk_identity_blocking_key_contact_id")
        ),
        sa.PrimaryKeyConstraint("key", "contact_id", name=op.f("pk_identity_blocking_key")),
    )
    with op.batch_alter_table("identity_blocking_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identity_blocking_key_contact_id"), ["contact_id"], unique=False)

    op.create_table(
        "identity_decision_link",
        sa.Column(
            "decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("left_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "right_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("same", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["identity_decision.id"], name=op.f("fk_identity_decision_link_decision_id")
        ),
        sa.ForeignKeyConstraint(["left_id"], ["identity_contact.id"], name=op.f("fk_identity_decision_link_left_id")),
        sa.ForeignKeyConstraint(["right_id"], ["identity_contact.id"], name=op.f("fk_identity_decision_link_right_id")),
        sa.PrimaryKeyConstraint("decision_id", "left_id", "right_id", name=op.f("pk_identity_decision_link")),
    )
    with op.batch_alter_table("identity_decision_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identity_decision_link_left_id"), ["left_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_identity_decision_link_right_id"), ["right_id"], unique=False)

    op.create_table(
        "identity_edge",
        sa.Column("left_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "right_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("evidence", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["left_id"], ["identity_contact.id"], name=op.f("fk_identity_edge_left_id")),
        sa.ForeignKeyConstraint(["right_id"], ["identity_contact.id"], name=op.f("fk_identity_edge_right_id")),
        sa.PrimaryKeyConstraint("left_id", "right_id", name=op.f("pk_identity_edge")),
    )
    with op.batch_alter_table("identity_edge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identity_edge_right_id"), ["right_id"], unique=False)

    op.create_table(
        "identity_identifier",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("normal", sa.String(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["identity_contact.id"], name=op.f("fk_identity_identifier_contact_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_identifier")),
        sa.UniqueConstraint("contact_id", "kind", "normal", name=op.f("uq_identity_identifier_contact_id_kind_normal")),
    )
    with op.batch_alter_table("identity_identifier", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identity_identifier_kind_normal"), ["kind", "normal"], unique=False)

    op.create_table(
        "identity_lineage",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_profile_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("to_profile_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["identity_contact.id"], name=op.f("fk_identity_lineage_contact_id")),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["identity_decision.id"], name=op.f("fk_identity_lineage_decision_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_lineage")),
    )
    with op.batch_alter_table("identity_lineage", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identity_lineage_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_identity_lineage_from_profile_id"), ["from_profile_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_identity_lineage_to_profile_id"), ["to_profile_id"], unique=False)

    op.create_table(
        "profiles_note",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["identity_contact.id"], name=op.f("fk_profiles_note_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profiles_note")),
    )
    with op.batch_alter_table("profiles_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_profiles_note_contact_id"), ["contact_id"], unique=False)

    op.create_table(
        "profiles_search_term",
        sa.Column("term", sa.String(collation="C").with_variant(sa.String(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column(
            "contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["identity_contact.id"], name=op.f("fk_profiles_search_term_contact_id")
        ),
        sa.PrimaryKeyConstraint("term", "kind", "contact_id", name=op.f("pk_profiles_search_term")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("profiles_search_term", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_profiles_search_term_contact_id_term"), ["contact_id", "term"], unique=False
        )

    op.create_table(
        "profiles_tag",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["identity_contact.id"], name=op.f("fk_profiles_tag_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profiles_tag")),
        sa.UniqueConstraint("contact_id", "name", name=op.f("uq_profiles_tag_contact_id_name")),
    )
    with op.batch_alter_table("profiles_tag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_profiles_tag_name"), ["name"], unique=False)

    op.create_table(
        "profiles_timeline_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("properties", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("payload_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["identity_contact.id"], name=op.f("fk_profiles_timeline_entry_contact_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profiles_timeline_entry")),
        sa.UniqueConstraint("subject", name="uq_profiles_timeline_entry_subject"),
    )
    with op.batch_alter_table("profiles_timeline_entry", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_profiles_timeline_entry_contact_id_occurred_at_id"),
            ["contact_id", "occurred_at", "id"],
            unique=False,
        )

    op.create_table(
        "commerce_order_line",
        sa.Column(
            "order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("line_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("quantity", sa.Double(), nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("total_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["commerce_order.id"], name=op.f("fk_commerce_order_line_order_id")),
        sa.PrimaryKeyConstraint("order_id", "line_no", name=op.f("pk_commerce_order_line")),
    )
    op.create_table(
        "commerce_refund",
        sa.Column(
            "order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("refund_id", sa.String(), nullable=False),
        sa.Column("refunded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["commerce_order.id"], name=op.f("fk_commerce_refund_order_id")),
        sa.PrimaryKeyConstraint("order_id", "refund_id", name=op.f("pk_commerce_refund")),
    )
    op.create_table(
        "conversations_message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("attachments", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("answers", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["identity_contact.id"], name=op.f("fk_conversations_message_contact_id")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations_conversation.id"],
            name=op.f("fk_conversations_message_conversation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations_message")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_conversations_message_source_external_id")),
    )
    with op.batch_alter_table("conversations_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conversations_message_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_conversations_message_conversation_id_sent_at"), ["conversation_id", "sent_at"], unique=False
        )

    op.create_table(
        "conversations_thread_key",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations_conversation.id"],
            name=op.f("fk_conversations_thread_key_conversation_id"),
        ),
        sa.PrimaryKeyConstraint("source", "key", name=op.f("pk_conversations_thread_key")),
    )
    with op.batch_alter_table("conversations_thread_key", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_conversations_thread_key_conversation_id"), ["conversation_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("conversations_thread_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conversations_thread_key_conversation_id"))

    op.drop_table("conversations_thread_key")
    with op.batch_alter_table("conversations_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conversations_message_conversation_id_sent_at"))
        batch_op.drop_index(batch_op.f("ix_conversations_message_contact_id"))

    op.drop_table("conversations_message")
    op.drop_table("commerce_refund")
    op.drop_table("commerce_order_line")
    with op.batch_alter_table("profiles_timeline_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_profiles_timeline_entry_contact_id_occurred_at_id"))

    op.drop_table("profiles_timeline_entry")
    with op.batch_alter_table("profiles_tag", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_profiles_tag_name"))

    op.drop_table("profiles_tag")
    with op.batch_alter_table("profiles_search_term", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_profiles_search_term_contact_id_term"))

    op.drop_table("profiles_search_term")
    with op.batch_alter_table("profiles_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_profiles_note_contact_id"))

    op.drop_table("profiles_note")
    with op.batch_alter_table("identity_lineage", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_identity_lineage_to_profile_id"))
        batch_op.drop_index(batch_op.f("ix_identity_lineage_from_profile_id"))
        batch_op.drop_index(batch_op.f("ix_identity_lineage_contact_id"))

    op.drop_table("identity_lineage")
    with op.batch_alter_table("identity_identifier", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_identity_identifier_kind_normal"))

    op.drop_table("identity_identifier")
    with op.batch_alter_table("identity_edge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_identity_edge_right_id"))

    op.drop_table("identity_edge")
    with op.batch_alter_table("identity_decision_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_identity_decision_link_right_id"))
        batch_op.drop_index(batch_op.f("ix_identity_decision_link_left_id"))

    op.drop_table("identity_decision_link")
    with op.batch_alter_table("identity_blocking_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_identity_blocking_key_contact_id"))

    op.drop_table("identity_blocking_key")
    with op.batch_alter_table("conversations_conversation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conversations_conversation_contact_id_last_message_at"))

    op.drop_table("conversations_conversation")
    with op.batch_alter_table("consents_statement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consents_statement_identifier_kind_identifier_normal"))
        batch_op.drop_index(batch_op.f("ix_consents_statement_contact_id"))

    op.drop_table("consents_statement")
    with op.batch_alter_table("commerce_order", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_commerce_order_number"))
        batch_op.drop_index(batch_op.f("ix_commerce_order_contact_id_placed_at"))

    op.drop_table("commerce_order")
    with op.batch_alter_table("commerce_cart", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_commerce_cart_state_changed_at"))
        batch_op.drop_index(batch_op.f("ix_commerce_cart_contact_id"))

    op.drop_table("commerce_cart")
    op.drop_table("profiles_golden_record")
    with op.batch_alter_table("inbox_payload", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_inbox_payload_waiting",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.drop_index(
            "ix_inbox_payload_quarantined",
            sqlite_where=sa.text("state = 'quarantined'"),
            postgresql_where=sa.text("state = 'quarantined'"),
        )

    op.drop_table("inbox_payload")
    with op.batch_alter_table("identity_redirect", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_identity_redirect_target_id"))

    op.drop_table("identity_redirect")
    op.drop_table("identity_decision_undone")
    with op.batch_alter_table("identity_contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_identity_contact_profile_id"))

    op.drop_table("identity_contact")
    op.drop_table("profiles_search_variant")
    op.drop_table("inbox_source")
    op.drop_table("identity_weak_value")
    op.drop_table("identity_profile")
    op.drop_table("identity_decision")
    op.drop_table("accounts_staff")
    op.drop_table("accounts_key")
    with op.batch_alter_table("accounts_audit_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accounts_audit_entry_subject_kind_subject_id_at"))
        batch_op.drop_index(batch_op.f("ix_accounts_audit_entry_actor_kind_actor_id_at"))

    op.drop_table("accounts_audit_entry")

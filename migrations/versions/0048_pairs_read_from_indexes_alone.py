"""pairs read from indexes alone.

Half a dozen pairs are written for each arriving contact, and thrice as many read: they lose their foreign keys, and an
index answers alone. So does the index of a profile's records.
"""

from __future__ import annotations

from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

_ENDS = ("left_id", "right_id")
_NO_ROWID = {"sqlite_with_rowid": False}


def upgrade() -> None:
    op.drop_index(op.f("ix_identity_contact_profile_id"), "identity_contact")
    op.create_index(op.f("ix_identity_contact_profile_id_anonymous"), "identity_contact", ["profile_id", "anonymous"])
    op.drop_index(op.f("ix_identity_edge_right_id"), "identity_edge")
    with op.batch_alter_table("identity_edge", table_kwargs=_NO_ROWID) as batch_op:
        for end in _ENDS:
            batch_op.drop_constraint(batch_op.f(f"fk_identity_edge_{end}"), type_="foreignkey")
    op.create_index(
        op.f("ix_identity_edge_right_id_left_id_weight_barred"),
        "identity_edge",
        ["right_id", "left_id", "weight", "barred"],
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_identity_edge_right_id_left_id_weight_barred"), "identity_edge")
    with op.batch_alter_table("identity_edge", table_kwargs=_NO_ROWID) as batch_op:
        for end in _ENDS:
            batch_op.create_foreign_key(batch_op.f(f"fk_identity_edge_{end}"), "identity_contact", [end], ["id"])
    op.create_index(op.f("ix_identity_edge_right_id"), "identity_edge", ["right_id"])
    op.drop_index(op.f("ix_identity_contact_profile_id_anonymous"), "identity_contact")
    op.create_index(op.f("ix_identity_contact_profile_id"), "identity_contact", ["profile_id"])

"""How a person's consent statements and stops go; a suppressed address stays, as a digest."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update

from crm360.consents.models import Attachment, Opening, Statement, Stop, StopLifted, Suppression, Tenure
from crm360.kernel.db import db
from crm360.kernel.personal_data import Columns, Erasers, Keeps, Rows, Whom


def erase_tenures(whom: Whom) -> None:
    """The pseudonym of an address goes when nobody else said anything of it: then the ledger names nobody any more."""
    theirs = Statement.contact_id.in_(whom.contact_ids)
    same = (Statement.identifier_kind == Tenure.kind) & (Statement.identifier_normal == Tenure.normal)
    hers, others = select(Statement.id).where(theirs, same), select(Statement.id).where(~theirs, same)
    db.session.execute(
        delete(Tenure).where(hers.exists(), ~others.exists()).execution_options(synchronize_session=False)
    )
    passed = update(Tenure).where(Tenure.holder_id.in_(whom.contact_ids)).values(holder_id=None)
    db.session.execute(passed.execution_options(synchronize_session=False))


def erase_openings(whom: Whom) -> None:
    """Without its salt a commitment says nothing, and still proves everything that does not name the person."""
    theirs = select(Statement.id).where(Statement.contact_id.in_(whom.contact_ids))
    db.session.execute(delete(Opening).where(Opening.statement_id.in_(theirs)))


def erase_statements(whom: Whom) -> None:
    db.session.execute(delete(Statement).where(Statement.contact_id.in_(whom.contact_ids)))


def unlink_suppressions(whom: Whom) -> None:
    """The digest must outlive the person, or the next import would write to them again; what it came from goes."""
    theirs = Suppression.payload_id.in_(whom.payload_ids)
    db.session.execute(update(Suppression).where(theirs).values(payload_id=None))


def erase_liftings(whom: Whom) -> None:
    theirs = select(Stop.id).where(Stop.contact_id.in_(whom.contact_ids))
    db.session.execute(delete(StopLifted).where(StopLifted.stop_id.in_(theirs)))


def erase_stops(whom: Whom) -> None:
    db.session.execute(delete(Stop).where(Stop.contact_id.in_(whom.contact_ids)))


def erase_attachments(whom: Whom) -> None:
    db.session.execute(delete(Attachment).where(Attachment.contact_id.in_(whom.contact_ids)))


ERASERS: Erasers = {
    "consents_attachment": erase_attachments,
    "consents_tenure": erase_tenures,
    "consents_opening": erase_openings,
    "consents_statement": erase_statements,
    "consents_suppression": unlink_suppressions,
    "consents_stop_lifted": erase_liftings,
    "consents_stop": erase_stops,
}
KEEPS: Keeps = {
    "consents_purpose": "what the shop asks for, nothing about customers",
    "consents_notice": "texts shown to everybody, nothing about customers",
    "consents_leaf": "headers of statements without a person: pseudonyms whose key is erased, and salted commitments",
    "consents_checkpoint": "hashes over the ledger, which tell nothing of anybody",
}
COLUMNS: Columns = {
    "consents_statement": {
        "link": "id contact_id payload_id invalidates_id",
        "contact": "identifier_value identifier_normal",
        "consents": "statement_id purpose channel state method evidence_grade notice evidence",
        "kind": "identifier_kind source",
        "time": "occurred_at recorded_at",
    },
    "consents_suppression": {
        "link": "id payload_id",
        "pseudonym": "digest key_id",
        "kind": "channel reason source",
        "time": "since recorded_at",
    },
    "consents_purpose": {"settings": "id code version definition effective_from created_at", "staff": "created_by"},
    "consents_notice": {
        "settings": "id code version locale purposes text text_sha256 controller withdrawal policy_url effective_from effective_to created_at",
        "staff": "created_by approved_by",
    },
    "consents_stop": {
        "link": "id contact_id",
        "consents": "kind ground",
        "time": "since until recorded_at",
        "staff": "recorded_by",
    },
    "consents_stop_lifted": {"link": "stop_id", "consents": "reason", "time": "lifted_at", "staff": "lifted_by"},
    "consents_checkpoint": {"settings": "size root peaks note made_at"},
    "consents_tenure": {
        "pseudonym": "subject_key",
        "contact": "normal",
        "kind": "kind reason",
        "time": "since until noted_at",
        "link": "holder_id",
        "staff": "noted_by",
    },
    "consents_attachment": {
        "link": "id contact_id",
        "consents": "name content_type content",
        "pseudonym": "sha256",
        "time": "kept_at",
        "staff": "kept_by",
    },
    "consents_leaf": {"pseudonym": "header header_hash commitment", "settings": "tree_index"},
    "consents_opening": {"link": "statement_id", "pseudonym": "salt", "settings": "tree_index"},
}


def _statements(whom: Whom) -> Any:
    return select(Statement.id).where(Statement.contact_id.in_(whom.contact_ids))


def _stops(whom: Whom) -> Any:
    return select(Stop.id).where(Stop.contact_id.in_(whom.contact_ids))


def _tenures(whom: Whom) -> Any:
    same = (Statement.identifier_kind == Tenure.kind) & (Statement.identifier_normal == Tenure.normal)
    said = select(Statement.id).where(Statement.contact_id.in_(whom.contact_ids), same).exists()
    return said | Tenure.holder_id.in_(whom.contact_ids)


ROWS: Rows = {
    "consents_attachment": lambda whom: Attachment.contact_id.in_(whom.contact_ids),
    "consents_statement": lambda whom: Statement.contact_id.in_(whom.contact_ids),
    "consents_stop": lambda whom: Stop.contact_id.in_(whom.contact_ids),
    "consents_stop_lifted": lambda whom: StopLifted.stop_id.in_(_stops(whom)),
    "consents_tenure": _tenures,
    "consents_opening": lambda whom: Opening.statement_id.in_(_statements(whom)),
    "consents_suppression": lambda whom: Suppression.payload_id.in_(whom.payload_ids),
}

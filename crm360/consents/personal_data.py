"""How a person's consent statements and stops go; a suppressed address stays, as a digest."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from crm360.consents.models import Opening, Statement, Stop, StopLifted, Suppression, Tenure
from crm360.kernel.db import db
from crm360.kernel.personal_data import Erasers, Keeps, Whom


def erase_tenures(whom: Whom) -> None:
    """The pseudonym of an address goes when nobody else said anything of it: then the ledger names nobody any more."""
    theirs = Statement.contact_id.in_(whom.contact_ids)
    same = (Statement.identifier_kind == Tenure.kind) & (Statement.identifier_normal == Tenure.normal)
    hers, others = select(Statement.id).where(theirs, same), select(Statement.id).where(~theirs, same)
    db.session.execute(
        delete(Tenure).where(hers.exists(), ~others.exists()).execution_options(synchronize_session=False)
    )


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


ERASERS: Erasers = {
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

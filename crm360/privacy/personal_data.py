"""How a person goes from the cases about them."""

from __future__ import annotations

from sqlalchemy import update

from crm360.kernel.db import db
from crm360.kernel.personal_data import Columns, Erasers, Keeps, Rows, Whom
from crm360.privacy.models import Case


def empty_cases(whom: Whom) -> None:
    """That a request came and when stays, as proof that it was met; who it was about goes."""
    about = Case.contact_id.in_(whom.contact_ids)
    db.session.execute(update(Case).where(about).values(contact_id=None, identifiers=[], details={}, payload_id=None))


ERASERS: Erasers = {"privacy_case": empty_cases}
KEEPS: Keeps = {
    "privacy_event": "what was done in a case and by whom; says nothing of the person",
    "privacy_step": "names and counts of the steps of a case",
    "privacy_code": "that a code was sent and whether it came back right; the code is gone with its letter",
    "privacy_callback": "where another system wants to hear how a request does, until it has ended",
    "privacy_package": "that a package was made, its size and its digest; the file goes within days",
    "privacy_tombstone": "keyed digests that keep the erased from being brought back by an import or a restored backup",
}
COLUMNS: Columns = {
    "privacy_case": {
        "link": "id contact_id payload_id external_id",
        "contact": "identifiers details",
        "kind": "right status received_via source verification extension decision refusal_ground plan certificate",
        "time": "received_at due_on opened_at paused_at decided_at closed_at",
        "staff": "decided_by",
    },
    "privacy_event": {"link": "id case_id", "kind": "what details", "time": "at", "staff": "by"},
    "privacy_step": {
        "link": "case_id",
        "kind": "position name state counts failure",
        "time": "started_at finished_at",
    },
    "privacy_code": {
        "link": "id case_id",
        "kind": "use sent_to attempts settled",
        "time": "sent_at expires_at",
        "secret": "digest",
    },
    "privacy_package": {
        "link": "id case_id stored",
        "kind": "state locale portable_only done parts size sha256 failure",
        "time": "asked_at made_at expires_at taken_at",
        "staff": "asked_by",
    },
    "privacy_callback": {"link": "id case_id", "settings": "url told attempts due_at"},
    "privacy_tombstone": {"pseudonym": "digest key_id", "link": "case_id", "time": "erased_at"},
}
ROWS: Rows = {"privacy_case": lambda whom: Case.contact_id.in_(whom.contact_ids)}

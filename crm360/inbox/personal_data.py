"""How raw payloads about a person go."""

from __future__ import annotations

from sqlalchemy import delete

from crm360.inbox.models import Payload
from crm360.kernel.db import db
from crm360.kernel.personal_data import Erasers, Keeps, Whom


def erase_payloads(whom: Whom) -> None:
    """Remove the raw payloads; a batch goes whole, what it said of others lives on in the facts read from it."""
    db.session.execute(delete(Payload).where(Payload.id.in_(whom.payload_ids)))


ERASERS: Erasers = {"inbox_payload": erase_payloads}
KEEPS: Keeps = {
    "inbox_refusal": "numbers of refused requests, nothing about who sent them",
    "inbox_source": "settings of an inlet, nothing about customers",
    "inbox_poll": "where the polling of an inlet stands, nothing about customers",
}

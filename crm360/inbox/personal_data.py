"""How raw payloads about a person go."""

from __future__ import annotations

from sqlalchemy import delete

from crm360.inbox.models import Payload
from crm360.kernel.db import db
from crm360.kernel.personal_data import Columns, Erasers, Keeps, Rows, Whom


def erase_payloads(whom: Whom) -> None:
    """Remove the raw payloads; a batch goes whole, what it said of others lives on in the facts read from it."""
    db.session.execute(delete(Payload).where(Payload.id.in_(whom.payload_ids)))


ERASERS: Erasers = {"inbox_payload": erase_payloads}
KEEPS: Keeps = {
    "inbox_refusal": "numbers of refused requests, nothing about who sent them",
    "inbox_source": "settings of an inlet, nothing about customers",
    "inbox_poll": "where the polling of an inlet stands, nothing about customers",
}
COLUMNS: Columns = {
    "inbox_source": {"settings": "id name channel settings created_at", "secret": "secret credentials"},
    "inbox_poll": {"settings": "source_id cursor due_at claimed_until succeeded_at failures last_error"},
    "inbox_payload": {
        "link": "id source_id dedup_key",
        "raw": "headers body reason",
        "kind": "channel state",
        "time": "received_at settled_at",
    },
    "inbox_refusal": {"settings": "on_day door code requests last_at"},
}
ROWS: Rows = {"inbox_payload": lambda whom: Payload.id.in_(whom.payload_ids)}

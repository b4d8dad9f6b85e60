"""Lists ask about customers and name none."""

from __future__ import annotations

from crm360.kernel.personal_data import Columns, Erasers, Keeps, Rows

ERASERS: Erasers = {}
KEEPS: Keeps = {"lists_saved": "what a colleague's list asks for; names no customer"}
COLUMNS: Columns = {
    "lists_saved": {"settings": "id name shared asked made_at changed_at", "staff": "owner_id"},
}
ROWS: Rows = {}

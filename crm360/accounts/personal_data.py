"""Staff, keys and the audit trail hold nothing about customers but their ids."""

from __future__ import annotations

from crm360.kernel.personal_data import Erasers, Keeps

ERASERS: Erasers = {}
KEEPS: Keeps = {
    "accounts_staff": "about colleagues, who leave by being disabled",
    "accounts_attempt": "network addresses of those who tried to sign in, gone within the span that is counted",
    "accounts_key": "about integrations",
    "accounts_audit_entry": "says which staff read or changed which id; the proof of who saw the data outlives the data",
}

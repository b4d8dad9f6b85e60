"""Staff, keys and the audit trail hold nothing about customers but their ids."""

from __future__ import annotations

from crm360.kernel.personal_data import Columns, Erasers, Keeps, Rows

ERASERS: Erasers = {}
KEEPS: Keeps = {
    "accounts_staff": "about colleagues, who leave by being disabled",
    "accounts_attempt": "network addresses of those who tried to sign in, gone within the span that is counted",
    "accounts_second_factor": "about colleagues",
    "accounts_recovery_code": "about colleagues",
    "accounts_outside_account": "about colleagues",
    "accounts_team_place": "about colleagues: who leads whom",
    "accounts_pulse": "a question to colleagues; says nothing of customers",
    "accounts_pulse_vote": "which colleague answered, not what",
    "accounts_pulse_answer": "what a colleague answered, not which one",
    "accounts_key": "about integrations",
    "accounts_audit_entry": "says which staff read or changed which id; the proof of who saw the data outlives the data",
}
COLUMNS: Columns = {
    "accounts_staff": {
        "staff": "id email name role locale theme created_at disabled_at",
        "secret": "password_hash session_token",
    },
    "accounts_second_factor": {"staff": "staff_id created_at confirmed_at", "secret": "secret last_step"},
    "accounts_recovery_code": {"staff": "staff_id used_at", "secret": "digest"},
    "accounts_outside_account": {"staff": "issuer subject staff_id linked_at"},
    "accounts_team_place": {"staff": "staff_id lead_id agent_name set_at set_by"},
    "accounts_pulse": {"settings": "id question_en question_pl asked_at closed_at", "staff": "asked_by"},
    "accounts_pulse_vote": {"settings": "pulse_id", "staff": "staff_id"},
    "accounts_pulse_answer": {"settings": "key pulse_id", "staff": "score body"},
    "accounts_attempt": {"online": "key", "settings": "attempts expires_at"},
    "accounts_key": {"settings": "id kind name role hint created_at revoked_at", "secret": "digest"},
    "accounts_audit_entry": {
        "link": "id subject_id",
        "kind": "action subject_kind details",
        "time": "at",
        "staff": "actor_kind actor_id actor_name",
        "settings": "request_id",
    },
}
ROWS: Rows = {}

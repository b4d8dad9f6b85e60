"""Staff, roles, keys and the audit trail."""

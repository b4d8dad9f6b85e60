"""Who may do what: the one table of roles and permissions, for staff and for API keys."""

from __future__ import annotations

ROLES = ("sales", "marketing", "privacy", "admin")

#: permission → the roles that hold it. `contacts.reveal`: e-mail and phone in full instead of masked.
#: `segments.export`: files with the addresses in full of those whom consents let us reach, every one in the audit trail.
#: That is why marketing holds it without `contacts.reveal`: it hands out whom it may write to, and reads nobody else.
GRANTS: dict[str, tuple[str, ...]] = {
    "customers.read": ("sales", "marketing", "privacy", "admin"),
    "customers.write": ("sales", "marketing", "admin"),
    "contacts.reveal": ("sales", "privacy", "admin"),
    "surveys.manage": ("marketing", "admin"),
    "reviews.answer": ("sales", "marketing", "admin"),
    "sales.work": ("sales", "marketing", "admin"),
    "campaigns.read": ("marketing", "privacy", "admin"),
    "campaigns.manage": ("marketing", "admin"),
    "merges.decide": ("sales", "privacy", "admin"),
    "identity.manage": ("admin",),
    "insights.read": ("sales", "marketing", "privacy", "admin"),
    "insights.manage": ("admin",),
    "consents.read": ("sales", "marketing", "privacy", "admin"),
    "consents.write": ("sales", "privacy", "admin"),
    "audit.read": ("privacy", "admin"),
    "privacy.manage": ("privacy", "admin"),
    "privacy.request": ("privacy", "admin"),
    "staff.manage": ("admin",),
    "keys.manage": ("admin",),
    "inbox.manage": ("admin",),
    "webhooks.manage": ("admin",),
    "upkeep.manage": ("admin",),
    "segments.read": ("sales", "marketing", "privacy", "admin"),
    "segments.manage": ("marketing", "admin"),
    "segments.export": ("marketing", "admin"),
    "imports.read": ("marketing", "privacy", "admin"),
    "imports.run": ("marketing", "admin"),
    "api.ingest": ("sales", "marketing", "admin"),
}

#: role → its permissions.
PERMISSIONS: dict[str, frozenset[str]] = {
    role: frozenset(permission for permission, roles in GRANTS.items() if role in roles) for role in ROLES
}


def allows(role: str, permission: str) -> bool:
    """Whether `role` holds `permission`. Raises KeyError for a permission that is not in the table: a typing error."""
    return role in GRANTS[permission]

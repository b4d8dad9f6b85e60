"""The table of roles."""

from __future__ import annotations

import pytest

from crm360.accounts.permissions import GRANTS, PERMISSIONS, ROLES, allows


def test_the_table_reads_the_same_both_ways() -> None:
    assert set(PERMISSIONS) == set(ROLES)
    for permission, roles in GRANTS.items():
        assert [role for role in ROLES if permission in PERMISSIONS[role]] == list(roles)
        assert all(allows(role, permission) == (role in roles) for role in ROLES)


@pytest.mark.parametrize(
    ("role", "permission", "allowed"),
    [
        ("sales", "contacts.reveal", True),
        ("marketing", "contacts.reveal", False),
        ("marketing", "merges.decide", False),
        ("privacy", "audit.read", True),
        ("sales", "audit.read", False),
        ("sales", "staff.manage", False),
        ("", "customers.read", False),
        ("owner", "customers.read", False),
    ],
)
def test_who_may_what(role: str, permission: str, allowed: bool) -> None:
    assert allows(role, permission) is allowed


def test_a_mistyped_permission_is_an_error() -> None:
    with pytest.raises(KeyError):
        allows("admin", "custmers.read")


def test_admin_holds_every_permission() -> None:
    assert PERMISSIONS["admin"] == frozenset(GRANTS)

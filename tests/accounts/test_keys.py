"""Keys: shown once, kept as a digest."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from crm360.accounts import operations, queries


@pytest.mark.parametrize(("kind", "role"), [("write", ""), ("api", "sales")])
def test_a_key_is_found_by_its_secret_until_revoked(session: Any, now: datetime, kind: str, role: str) -> None:
    key, secret = operations.create_key(kind=kind, name="web", role=role, now=now)
    assert len(secret) >= 40
    assert secret not in repr([value for value in vars(key).values() if isinstance(value, str)])
    assert key.hint == secret[:6]
    assert queries.find_key(secret, kind) is key
    assert queries.find_key(secret, "api" if kind == "write" else "write") is None
    assert queries.find_key(secret + "x", kind) is None
    operations.revoke_key(key_id=key.id, now=now)
    assert queries.find_key(secret, kind) is None
    assert queries.all_keys() == [key]


def test_a_given_value_is_kept(session: Any, now: datetime) -> None:
    key, secret = operations.create_key(kind="write", name="web", value="carried by clients", now=now)
    assert secret == "carried by clients"
    assert queries.find_key("carried by clients", "write") is key
    with pytest.raises(operations.KeyExists):
        operations.create_key(kind="api", name="other", role="admin", value="carried by clients", now=now)


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "secret"},
        {"name": " "},
        {"name": "x" * 101},
        {"name": "a/b"},
        {"role": "sales"},
        {"kind": "api"},
        {"kind": "api", "role": "owner"},
        {"value": "abc"},
        {"kind": "api", "role": "sales", "value": "short"},
        {"value": "x" * 201},
        {"value": "żółć żółć żółć żółć"},
        {"value": "a line\nand another one"},
    ],
)
def test_what_cannot_be_a_key_is_refused(session: Any, now: datetime, given: dict[str, str]) -> None:
    with pytest.raises((operations.UnusableKey, operations.UnusableStaff)):
        operations.create_key(**({"kind": "write", "name": "web"} | given), now=now)
    assert queries.all_keys() == []


def test_an_unknown_key_is_not_found(session: Any, now: datetime) -> None:
    with pytest.raises(queries.KeyNotFound):
        operations.revoke_key(key_id=404, now=now)

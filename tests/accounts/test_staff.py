"""Staff: made, signed in, signed out."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from typing import Any

import pytest
from argon2 import PasswordHasher

import config
from crm360.accounts import operations, passwords, queries
from crm360.accounts.models import Staff

PASSWORD = "correct horse"


@pytest.fixture
def ann(session: Any, now: datetime) -> Staff:
    return operations.create_staff(email="Ann@Example.com ", role="sales", password=PASSWORD, now=now)


def test_people_sign_in_with_their_address_however_it_is_typed(ann: Staff) -> None:
    assert (ann.email, ann.name, ann.role) == ("ann@example.com", "Ann", "sales")
    assert ann.password_hash.startswith("$argon2id$")
    assert queries.authenticate(" ANN@example.COM", PASSWORD) is ann


@pytest.mark.parametrize(
    ("email", "password"),
    [("ann@example.com", "wrong horse"), ("ann@example.com", ""), ("bob@example.com", PASSWORD), ("a\0", PASSWORD)],
)
def test_nobody_else_does(ann: Staff, email: str, password: str) -> None:
    assert queries.authenticate(email, password) is None


@pytest.mark.parametrize(
    ("changes", "error", "field"),
    [
        ({"password": "7 chars"}, passwords.UnusablePassword, "password"),
        ({"password": "x" * 1001}, passwords.UnusablePassword, "password"),
        ({"email": "no address"}, operations.UnusableStaff, "email"),
        ({"email": ""}, operations.UnusableStaff, "email"),
        ({"role": "owner"}, operations.UnusableStaff, "role"),
        ({"email": "ANN@example.com"}, operations.StaffExists, "email"),
    ],
)
def test_what_cannot_be_accepted_is_named(
    ann: Staff, now: datetime, changes: dict[str, str], error: Any, field: str
) -> None:
    given = {"email": "bob@example.com", "role": "admin", "password": PASSWORD} | changes
    with pytest.raises(error) as caught:
        operations.create_staff(**given, now=now)
    assert list(caught.value.errors) == [field]


def test_a_session_ends_with_a_new_password_and_when_disabled(ann: Staff, now: datetime) -> None:
    first = ann.session_token
    assert queries.find_staff_by_session(ann.id, first) is ann
    assert queries.find_staff_by_session(ann.id, first + "x") is None
    operations.set_password(staff_id=ann.id, password="another horse")
    second = ann.session_token
    assert queries.find_staff_by_session(ann.id, first) is None
    assert queries.find_staff_by_session(ann.id, second) is ann
    assert queries.authenticate(ann.email, "another horse") is ann
    operations.disable(staff_id=ann.id, now=now)
    assert queries.find_staff_by_session(ann.id, ann.session_token) is None
    assert queries.authenticate(ann.email, "another horse") is None
    assert queries.all_staff() == [ann]


def test_a_hash_of_weaker_days_is_made_anew(ann: Staff) -> None:
    operations.refresh_hash(staff_id=ann.id, password=PASSWORD)
    strong = ann.password_hash
    ann.password_hash = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1, hash_len=16).hash(PASSWORD)
    assert passwords.is_outdated(ann.password_hash)
    operations.refresh_hash(staff_id=ann.id, password=PASSWORD)
    assert not passwords.is_outdated(ann.password_hash)
    assert ann.password_hash != strong
    assert queries.authenticate(ann.email, PASSWORD) is ann


def test_a_fresh_process_hashes_at_the_price_of_rfc_9106() -> None:
    """Its second recommended choice, which is argon2-cffi's own; in tests alone passwords are cheaper."""
    ask = "from crm360.accounts import passwords; print(passwords.hash_password('correct horse'))"
    done = subprocess.run([sys.executable, "-c", ask], cwd=config.ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_an_unknown_address_costs_a_hash_too() -> None:
    assert passwords.verify(None, "nobody's password") is False
    assert passwords.verify("no hash", PASSWORD) is False


def test_an_unknown_person_is_not_found(session: Any) -> None:
    with pytest.raises(queries.StaffNotFound):
        queries.get_staff(404)
    assert queries.find_staff_by_session(404, "x") is None

"""What every test of the machines' door starts with: nothing remembered, and a site with a write key."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from crm360.accounts import operations as accounts
from crm360.intake import write_keys

KEY = "site-key-0123456789"


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    write_keys.forget()
    yield
    write_keys.forget()


@pytest.fixture
def write_key(session: Any, now: datetime) -> str:
    accounts.create_key(kind="write", name="web", value=KEY, now=now)
    return KEY


@pytest.fixture
def auth(write_key: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{write_key}:".encode()).decode()}

"""Role × address, every cell: who may not is refused before anything is looked up, who may is not, a visitor signs in first."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from crm360.accounts import operations
from crm360.accounts.permissions import ROLES
from crm360.kernel import clock
from crm360.web.blueprint import csrf
from tests import cast
from tools import list_roles
from tools.list_roles import Row

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
#: Nothing has this id: whoever is let in finds nothing, and changes nothing.
NOBODY = "999999999"
HOLE = re.compile(r"<(?:(?P<kind>[a-z]+)(?:\((?P<of>[^>,)]*)[^>]*\))?:)?\w+>")
WORDS = {"int": NOBODY, "uuid": "00000000-0000-4000-8000-000000000000"}
#: Whoever is signed in would be signed out by the visit, or lose their password.
ENDS_THE_VISIT = {"web.sign_out"}


def filled(address: str) -> str:
    """An address with something in each of its holes that names nothing."""
    return HOLE.sub(
        lambda hole: hole["of"] if hole["kind"] == "any" else WORDS.get(hole["kind"] or "", "nothing"), address
    )


@pytest.fixture
def addresses(app: Flask) -> list[Row]:
    found = [row for row in list_roles.rows(app) if row.endpoint not in ENDS_THE_VISIT]
    assert len(found) > 250
    return found


@pytest.fixture
def door(app: Flask, now: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Callable[[Row], TestResponse]]:
    """`door("sales")(row)`: what a colleague or a key of the role is answered; "" is somebody unknown."""
    monkeypatch.setattr(csrf, "protect", lambda: None)  # it asks first, and would hide what the policy says
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    colleagues = {role: cast.hire(name, now) for name, role in cast.ROLES.items()}

    def open_as(role: str) -> Callable[[Row], TestResponse]:
        client: Any = app.test_client()
        headers = {}
        if role:
            cast.sign_in(client, colleagues[role])
            _, secret = operations.create_key(kind="api", name=role, role=role, now=clock.now())
            headers = {"Authorization": f"Bearer {secret}"}

        def visit(row: Row) -> TestResponse:
            carried = headers if row.address.startswith("/api/") else {}
            answer: TestResponse = client.open(filled(row.address), method=row.method, headers=carried)
            return answer

        return visit

    return open_as


@pytest.mark.parametrize("role", ROLES)
def test_every_cell_of_a_role(addresses: list[Row], door: Callable[..., Any], role: str) -> None:
    visit = door(role)
    refused = {f"{row.method} {row.address}": visit(row).status_code in (401, 403) for row in addresses}
    expected = {f"{row.method} {row.address}": role not in row.roles for row in addresses}
    assert {where: was for where, was in refused.items() if was != expected[where]} == {}
    assert role == "admin" or sum(expected.values()) > 50


def test_somebody_unknown_gets_nowhere(addresses: list[Row], door: Callable[..., Any]) -> None:
    visit = door("")
    let_in = [f"{row.method} {row.address}" for row in addresses if not asked_who(visit(row))]
    assert let_in == []


def asked_who(answer: TestResponse) -> bool:
    """Whether the door asks who comes: an API says 401, a page leads to the sign-in."""
    return answer.status_code == 401 or (answer.status_code == 303 and answer.location.startswith("/sign-in"))


def test_the_written_matrix_is_what_holds(app: Flask, root: Path) -> None:
    assert (root / "docs/roles.md").read_text() == list_roles.written(app), "python tools/list_roles.py"

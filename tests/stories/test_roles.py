"""Role × address: a visitor signs in first, a key is asked for, and the written matrix is what holds.

The cells of roles are visited in tests/web/test_every_page.py, where everything an address can name is there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from crm360.web.blueprint import csrf
from tests import whose
from tools import list_roles

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_somebody_unknown_gets_nowhere(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csrf, "protect", lambda: None)  # it asks first, and would hide what the policy says
    client, rows = app.test_client(), list(list_roles.rows(app))
    assert len(rows) > 250
    answers = {row: client.open(whose.filled(row.address, {}), method=row.method) for row in rows}
    assert [row for row, answer in answers.items() if not asked_who(answer)] == []


def asked_who(answer: Any) -> bool:
    """Whether the door asks who comes: an API says 401, a page leads to the sign-in."""
    return answer.status_code == 401 or (answer.status_code == 303 and answer.location.startswith("/sign-in"))


def test_whatever_an_address_names_is_somebodys_by_a_rule(app: Flask) -> None:
    assert {hole for row in list_roles.rows(app) for hole in row.holes} == set(list_roles.WHOSE)
    assert {rule for rule, _ in list_roles.WHOSE.values()} == set(list_roles.RULES)


def test_the_written_matrix_is_what_holds(app: Flask, root: Path) -> None:
    assert (root / "docs/roles.md").read_text() == list_roles.written(app), "python tools/list_roles.py"

"""Everybody resolved at once after an import: the same as some at a time, to the last key."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from crm360.flows import catching_up
from crm360.identity import rebuilding, unresolved
from tests.flows.importing import bring_in, passing, snapshot, write
from tests.flows.test_import_reverting import PROPERTY, ROWS


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many contacts waited when everybody was resolved at once."""
    found: list[int] = []
    real = catching_up._everybody

    def everybody(now: datetime) -> int:
        found.append(real(now))
        return found[-1]

    monkeypatch.setattr(catching_up, "_everybody", everybody)
    return found


def world(first: list[Any], second: list[Any], now: datetime) -> dict[str, Any]:
    """What is known after two lists, the second of another source."""
    with passing() as folder:
        bring_in(write(folder / "a.csv", first), now=now)
        bring_in(write(folder / "b.csv", second), source="other", now=now + timedelta(hours=1))
        return numberless(snapshot(now))


def numberless(value: Any) -> Any:
    """Without ids, which differ between two worlds: the contacts' own, and those in names of the nameless."""
    if isinstance(value, dict):
        return {name: numberless(each) for name, each in value.items() if name != "contact_id"}
    if isinstance(value, list | tuple):
        return [numberless(each) for each in value]
    return "Customer" if isinstance(value, str) and value.startswith("Customer #") else value


@settings(PROPERTY, max_examples=8)
@given(ROWS, ROWS)
def test_at_once_is_as_some_at_a_time(
    counted: list[int], monkeypatch: pytest.MonkeyPatch, app: Any, now: datetime, first: list[Any], second: list[Any]
) -> None:
    del app
    counted.clear()
    monkeypatch.setattr(catching_up, "_MANY", 10**9)
    known = world(first, second, now)
    assert not counted
    monkeypatch.setattr(catching_up, "_MANY", 1)
    with passing() as folder:
        bring_in(write(folder / "a.csv", first), now=now)
        bring_in(write(folder / "b.csv", second), source="other", now=now + timedelta(hours=1))
        assert numberless(snapshot(now)) == known
        assert rebuilding.rebuild().in_order
        assert unresolved.count() == 0
    assert counted


def test_a_few_newcomers_do_not_have_everybody_computed(
    counted: list[int], monkeypatch: pytest.MonkeyPatch, session: Any, tmp_path: Any, now: datetime
) -> None:
    monkeypatch.setattr(catching_up, "_MANY", 2)
    people = [{"customer_id": str(n), "given_name": "Ewa", "email": f"ewa{n}@example.com"} for n in range(9)]
    bring_in(write(tmp_path / "a.csv", people), now=now)
    assert counted == [9]
    bring_in(write(tmp_path / "b.csv", people[:4]), source="other", now=now)
    assert counted == [9]
    assert rebuilding.rebuild().in_order

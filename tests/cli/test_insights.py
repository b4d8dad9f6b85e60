"""`flask insights compute`, and the worker's jobs that do the same by themselves."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm360.commerce import value_fits, valuing
from crm360.insights import figures
from crm360.jobs import compute_figures, value_customers
from tests.commerce.test_valuing import NOW, buyers


def test_everything_is_computed_as_of_a_day(runner: Any, session: Any, app: Any):
    buyers(session, 12)
    session.commit()
    result = runner.invoke(args=("insights", "compute", "--at", NOW.isoformat(), "--json"))
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["fit"]["customers"] == 12
    assert told["loyalty"]["repeat"]["customers"] == 12
    assert figures.of("experience").computed_at == NOW
    assert not valuing.anything_marked()
    for wrong in ("yesterday", "2026-03-02T10:00:00"):
        assert runner.invoke(args=("insights", "compute", "--at", wrong)).exit_code == 2


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_worker_learns_once_a_day_and_while_a_shop_fills(session: Any, app: Any):
    limits = app.config["SETTINGS"]
    assert value_customers.due(now=NOW)
    assert value_customers.learn(limits=limits, now=NOW) == 0
    assert not value_customers.due(now=NOW + timedelta(hours=3))
    assert value_customers.due(now=NOW + timedelta(days=1))
    assert compute_figures.due(now=NOW)
    compute_figures.run(limits=limits, now=NOW)
    assert not compute_figures.due(now=NOW + timedelta(minutes=29))
    assert compute_figures.due(now=NOW + timedelta(minutes=30))
    buyers(session, 12)
    assert value_customers.run(limits=limits, now=NOW) == 12
    assert value_customers.due(now=NOW + timedelta(hours=3))
    assert compute_figures.due(now=NOW + timedelta(minutes=2))
    assert value_customers.learn(limits=limits, now=datetime.now(UTC)) == 12
    assert value_fits.newest_id() == 2

"""Everybody resolved at once leaves a database that knows how much it holds."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from crm360.identity import recomputing
from crm360.kernel.db import db
from tests.identity.people import NOW, receive, seen

pytestmark = pytest.mark.usefixtures("app")

_ESTIMATED = text("SELECT reltuples::int FROM pg_class WHERE relname = 'identity_contact'")


def test_plans_go_by_what_a_recomputation_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    receive([seen(f"c{at}", "Anna", f"Nowak{at}", email=f"anna{at}@poczta.example") for at in range(37)])
    postgresql = db.engine.dialect.name == "postgresql"
    recomputing.recompute(now=NOW)
    if postgresql:
        assert db.session.scalar(_ESTIMATED) != 37  # not worth it for a few
    monkeypatch.setattr(recomputing, "_MANY", 37)
    assert recomputing.recompute(now=NOW).contacts == 37
    if postgresql:
        assert db.session.scalar(_ESTIMATED) == 37

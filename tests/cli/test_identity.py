"""`flask identity`: proving, explaining, auditing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import delete, update

from crm360.identity.models import BlockingKey, Contact, Edge
from tests.identity.people import profile_of, receive, seen


@pytest.fixture
def ids(app: Any) -> dict[str, int]:
    """Anna twice, and a mailbox three people use."""
    shared = [seen(name, name.title(), "Nowak", email="dom@wp.pl") for name in ("jan", "ewa", "ola")]
    return receive([seen("a", "Anna", "Lis", phone="602123456"), seen("b", "Ania", "Lis", phone="602123456"), *shared])


def run(runner: Any, *words: str) -> Any:
    return runner.invoke(args=["identity", *words])


def test_rebuild_proves_the_partition_and_fails_when_it_was_tampered_with(
    runner: Any, ids: dict[str, int], session: Any
) -> None:
    assert run(runner, "rebuild").exit_code == 0
    session.execute(update(Contact).where(Contact.id == ids["b"]).values(profile_id=profile_of("jan")))
    result = run(runner, "rebuild", "--json")
    assert result.exit_code == 1
    assert ids["b"] in {contact for each in json.loads(result.stdout)["differences"] for contact in each["contact_ids"]}


def test_explain_tells_bits_and_path(runner: Any, ids: dict[str, int]) -> None:
    found = json.loads(run(runner, "explain", str(ids["a"]), str(ids["b"]), "--json").stdout)
    assert (found["verdict"], found["together"], len(found["path"])) == ("join", True, 1)
    text = run(runner, "explain", str(ids["jan"]), str(ids["ewa"])).stdout
    assert "shared by many" in text
    assert "two profiles" in text
    assert run(runner, "explain", "1", "999999999").exit_code == 1


def test_audit_lists_what_is_shared(runner: Any, ids: dict[str, int]) -> None:
    found = json.loads(run(runner, "audit", "--json").stdout)
    assert [(row["kind"], row["value"], row["count"]) for row in found["shared_identifiers"]] == [
        ("email", "dom@wp.pl", 3)
    ]
    assert found["contradictions"] == []
    assert "dom@wp.pl" in run(runner, "audit").stdout


def test_what_if_tells_what_would_change_and_changes_nothing(runner: Any, ids: dict[str, int]) -> None:
    before = (profile_of("a"), profile_of("b"))
    found = json.loads(run(runner, "what-if", "--join", "500", "--json").stdout)
    assert (found["joined"], found["parted"], found["newly_held"]) == (0, 1, 1)
    a, b = ids["a"], ids["b"]
    assert f"shop#{a} shop#{b}  →  shop#{a} | shop#{b}" in run(runner, "what-if", "--join", "500").stdout
    assert (profile_of("a"), profile_of("b")) == before
    assert run(runner, "what-if", "--join", "1", "--review", "2").exit_code == 1


def test_rebuild_apply_mends_what_an_upgrade_left_stale(runner: Any, ids: dict[str, int], session: Any) -> None:
    before = (profile_of("a"), profile_of("b"), profile_of("jan"))
    session.execute(delete(BlockingKey))
    session.execute(delete(Edge))
    session.execute(update(Contact).values(compared={}))
    assert run(runner, "rebuild").exit_code == 1
    result = run(runner, "rebuild", "--apply")
    assert result.exit_code == 0, result.output
    assert (profile_of("a"), profile_of("b"), profile_of("jan")) == before

"""What other systems hear of a change: from two states, and from real flows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from crm360.flows import announcing, by_staff, import_runs, pinning, review
from crm360.flows.by_staff import Written
from crm360.identity.models import Contact, Decision
from crm360.kernel import sealing
from crm360.webhooks import operations
from crm360.webhooks.kinds import Happened
from crm360.webhooks.models import Event
from tests.flows import test_receive as receiving
from tests.flows.importing import begin, bring_in, revert, write

A, B = {"given_name": "Anna"}, {"given_name": "Barbara"}
Records = Mapping[int, Mapping[str, str]]

CASES: list[tuple[str, Records, Records, list[tuple[int, int]], dict[int, int], list[Happened]]] = [
    ("nothing", {1: A}, {1: A}, [], {}, []),
    ("new", {}, {1: A}, [], {}, [Happened("profile.created", 1)]),
    ("changed", {1: A}, {1: B}, [], {}, [Happened("profile.updated", 1, {"changed": ["given_name"]})]),
    ("emptied", {1: A}, {1: {}}, [], {}, [Happened("profile.updated", 1, {"changed": ["given_name"]})]),
    ("merged", {1: A, 2: B}, {1: A}, [(2, 1)], {2: 1}, [Happened("profile.merged", 1, {"merged_profile_id": 2})]),
    (
        "merged and changed", {1: A, 2: B}, {1: B}, [(2, 1)], {2: 1},
        [Happened("profile.merged", 1, {"merged_profile_id": 2}), Happened("profile.updated", 1, {"changed": ["given_name"]})],
    ),
    (
        "split", {1: A}, {1: A, 3: B}, [(1, 3)], {},
        [Happened("profile.created", 3), Happened("profile.split", 1, {"new_profile_id": 3})],
    ),
    (
        "dissolved into an old and a new one", {1: A, 2: B}, {2: B, 3: A}, [(1, 2), (1, 3)], {1: 2},
        [
            Happened("profile.created", 3),
            Happened("profile.split", 1, {"new_profile_id": 3}),
            Happened("profile.merged", 2, {"merged_profile_id": 1}),
        ],
    ),
    ("gone for good", {1: A}, {}, [], {}, [Happened("profile.erased", 1)]),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "moves", "survivors", "told"), [case[1:] for case in CASES],
                         ids=[case[0] for case in CASES])  # fmt: skip
def test_two_states_and_what_is_told(
    before: Records, after: Records, moves: list[tuple[int, int]], survivors: dict[int, int], told: list[Happened]
) -> None:
    assert announcing.differences(before, after, moves, survivors) == told


@pytest.fixture
def listener(session: Any, now: datetime) -> None:
    operations.create(url="https://erp.example/", sealed_secret=sealing.seal("whsec_", key="k"), now=now)


def heard(session: Any) -> list[tuple[str, dict[str, Any]]]:
    """Kind and data of everything in the outbox; then it is empty."""
    bodies = [json.loads(body) for body in session.scalars(select(Event.body).order_by(Event.id))]
    for table in ("delivery", "event"):
        session.execute(receiving.Contact.metadata.tables[f"webhooks_{table}"].delete())
    return [(body["type"], body["data"]) for body in bodies]


def receive(now: datetime, *events: dict[str, Any]) -> None:
    receiving.keep(now, *events)
    assert receiving.receive.process_waiting(now=now).quarantined == 0


def identify(now: datetime, who: str, **traits: str) -> dict[str, Any]:
    return receiving.event("identify", now, userId=who, traits=traits)


@pytest.mark.usefixtures("listener")
def test_a_customers_life_as_other_systems_hear_it(session: Any, now: datetime) -> None:
    at = iter(now + timedelta(hours=hour) for hour in range(24))
    receive(next(at), identify(now, "1", name="Anna Kowalska", email="anna@example.com"))
    receive(next(at), identify(now, "2", name="Piotr Nowak", email="piotr@example.com"))
    one, two = session.scalars(select(Contact.profile_id).order_by(Contact.id))
    assert heard(session) == [("profile.created", {"profile_id": one}), ("profile.created", {"profile_id": two})]

    later = next(at)
    receive(later, identify(later, "1", name="Anna Kania", email="anna@example.com"))
    ((kind, data),) = heard(session)
    assert (kind, data["profile_id"]) == ("profile.updated", one)
    assert "family_name" in data["changed"]
    receive(next(at), identify(later, "1", name="Anna Kania", email="anna@example.com"))
    assert heard(session) == []

    pinning.pin(profile_id=one, field="city", value="Kraków", by="Dana", now=next(at))
    assert heard(session) == [("profile.updated", {"profile_id": one, "changed": ["city"]})]

    review.merge(profile_ids=[one, two], by="Dana", now=next(at))
    merged = [each for each in heard(session) if each[0] == "profile.merged"]
    assert merged == [("profile.merged", {"profile_id": one, "merged_profile_id": two})]

    review.undo(decision_id=session.scalar(select(Decision.id)), by="Dana", now=next(at))
    kinds = heard(session)
    assert ("profile.created", {"profile_id": two}) in kinds
    assert ("profile.split", {"profile_id": one, "new_profile_id": two}) in kinds

    made = by_staff.create(written=Written(fields={"full_name": "Ewa Lis"}), by="Dana", now=next(at))
    assert heard(session) == [("profile.created", {"profile_id": made})]


@pytest.mark.usefixtures("listener")
def test_evidence_that_joins_two_customers_is_told(session: Any, now: datetime) -> None:
    receive(now, identify(now, "1", name="Anna Kowalska", email="anna@example.com"))
    written = Written(fields={"full_name": "Anna Kowalska"}, phone="+48602555111")
    two = by_staff.create(written=written, by="Dana", now=now + timedelta(hours=1))
    one = session.scalar(select(Contact.profile_id).order_by(Contact.id).limit(1))
    assert one != two
    heard(session)
    both = {"name": "Anna Kowalska", "phone": "+48602555111", "email": "anna@example.com"}
    receive(now + timedelta(hours=2), identify(now + timedelta(hours=2), "1", **both))
    assert ("profile.merged", {"profile_id": one, "merged_profile_id": two}) in heard(session)


@pytest.mark.usefixtures("listener")
def test_a_consent_is_told_when_it_changes_the_latest_word(session: Any, now: datetime) -> None:
    def say(hour: int, state: bool) -> list[dict[str, Any]]:
        at = now - timedelta(days=9) + timedelta(hours=hour)
        consents = {"offers": {"email": state}}
        traits = {"email": "anna@example.com", "name": "Anna Kania", "consents": consents}
        receive(
            now + timedelta(hours=hour, seconds=len(seen)), receiving.event("identify", at, userId="1", traits=traits)
        )
        seen.append(hour)
        return [data for kind, data in heard(session) if kind == "consent.changed"]

    seen: list[int] = []
    (first,) = say(1, True)
    assert (first["channel"], first["state"], first["identifier_kind"]) == ("email", "given", "email")
    assert "anna" not in json.dumps(first)
    assert say(2, True) == []
    assert [data["state"] for data in say(5, False)] == ["withdrawn"]
    assert say(4, True) == []  # an older word that came late
    assert [data["state"] for data in say(6, True)] == ["given"]


@pytest.mark.usefixtures("listener")
def test_consents_of_a_list_are_told_in_bounded_steps_once_it_is_known_whose_they_are(
    session: Any, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_runs, "TOLD_AT_ONCE", 2)
    optin = {"optin_at": "2026-01-02 10:00:00", "consent_email": "yes"}
    rows = [{"customer_id": str(n), "email": f"k{n}@example.com", "given_name": "Anna", **optin} for n in range(5)]
    rows[3] = {**rows[3], "email": "k0@example.com", "consent_email": "no"}
    path = write(tmp_path / "list.csv", rows)
    run = begin(path, now=now)
    import_runs.start(run_id=run.id, now=now)
    session.commit()
    growth = [0]
    with import_runs.closing_driver(run.id, folder=tmp_path / "kept", step=3) as driver:
        while driver.advance(now=now):
            growth.append(session.scalar(select(func.count()).where(Event.kind == "consent.changed")))
            session.commit()
    assert max(after - before for before, after in pairwise(growth)) <= 2
    told = [data for kind, data in heard(session) if kind == "consent.changed"]
    whose = dict(session.execute(select(Contact.id, Contact.profile_id)).all())
    assert {each["profile_id"] for each in told} <= set(whose.values())
    # the address two rows speak of has its last word told, perhaps once for each row
    assert Counter(state for state, _ in {(each["state"], each["profile_id"]) for each in told}) == {
        "refused": 1,
        "given": 3,
    }

    again = bring_in(path, now=now + timedelta(hours=1))
    assert (again.status, [kind for kind, _ in heard(session) if kind == "consent.changed"]) == ("done", [])


@pytest.mark.usefixtures("listener")
def test_customers_of_a_list_taken_back_are_gone(session: Any, now: datetime, tmp_path: Path) -> None:
    rows = [{"customer_id": str(n), "email": f"k{n}@example.com", "given_name": "Anna"} for n in range(2)]
    run = bring_in(write(tmp_path / "list.csv", rows), now=now)
    whose = sorted(session.scalars(select(Contact.profile_id)))
    heard(session)
    revert(run, tmp_path, now=now + timedelta(hours=1))
    assert heard(session) == [("profile.erased", {"profile_id": each}) for each in whose]


@pytest.mark.usefixtures("listener")
def test_consents_of_a_list_taken_back_are_told_as_what_counts_without_them(
    session: Any, now: datetime, tmp_path: Path
) -> None:
    """Given by the list alone: nothing was said; said before: that counts again; refused by the list: it stays."""
    at = now - timedelta(days=300)
    earlier = {"email": "k1@example.com", "name": "Anna Kania", "consents": {"marketing": {"email": False}}}
    receive(now, receiving.event("identify", at, userId="1", traits=earlier))
    heard(session)
    optin = {"optin_at": "2026-01-02 10:00:00", "given_name": "Anna"}
    rows = [
        {"customer_id": str(n), "email": f"k{n}@example.com", "consent_email": word, **optin}
        for n, word in enumerate(("yes", "yes", "no"))
    ]
    run = bring_in(write(tmp_path / "list.csv", rows), now=now + timedelta(hours=1))
    told = [data for kind, data in heard(session) if kind == "consent.changed"]
    purpose = {each["purpose"] for each in told}
    assert sorted(each["state"] for each in told) == ["given", "given", "refused"]
    back = now + timedelta(hours=2)
    revert(run, tmp_path, now=back)
    told = [data for kind, data in heard(session) if kind == "consent.changed"]
    assert sorted((each["state"], each["identifier_kind"]) for each in told) == [
        ("unknown", "email"),
        ("withdrawn", "email"),
    ]
    assert {each["purpose"] for each in told} == purpose
    assert {each["occurred_at"] for each in told} == {f"{back:%Y-%m-%dT%H:%M:%S.%fZ}"}

"""Contradictions and passing addresses through the door, and what an erased person's page still says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from crm360.accounts.models import AuditEntry
from crm360.consents import asking
from crm360.consents.models import Statement
from crm360.facts import ConsentStated, ContactRef, Identifier
from crm360.identity.models import ContactIdentifier
from crm360.privacy.models import Case, Tombstone
from tests import cast
from tests.web import scene

ANNA = "anna.kowalska@example.com"


def contradict(moment: datetime) -> None:
    """A proved yes, and a list without dates that says no."""
    ref, address = ContactRef(scene.SHOP, "8812"), Identifier("email", ANNA)
    about: Any = {"ref": ref, "identifier": address, "purpose": "surveys", "channel": "email", "source": scene.SHOP}
    yes = ConsentStated(
        **about, state="given", occurred_at=moment - timedelta(days=9), evidence_grade="A", method="form"
    )
    no = ConsentStated(
        **about,
        state="withdrawn",
        occurred_at=moment - timedelta(days=5),
        evidence_grade="D",
        method="import",
        undated=True,
    )
    scene.tell([yes], moment - timedelta(days=8))
    scene.tell([no], moment - timedelta(days=4))


def test_a_contradiction_is_listed_with_both_statements_and_ends_with_a_no(
    officer: Any, session: Any, anna: int, moment: datetime
) -> None:
    contradict(moment)
    page = officer.page("/privacy/conflicts")
    assert "a.kowalska" in page.html or ANNA in page.html
    assert "not said; the list is of" in page.text
    assert "the privacy officer, after asking the person" in page.text
    before = session.query(Statement).count()
    officer.submit("/privacy/conflicts", action="/privacy/conflicts", way="phone", note="She said no.")
    assert session.query(Statement).count() == before + 1
    said = session.scalars(select(Statement).order_by(Statement.id.desc())).first()
    assert (said.state, said.evidence_grade, said.evidence["note"]) == ("withdrawn", "C", "She said no.")
    assert "Nothing contradicts itself" in officer.page("/privacy/conflicts").text
    assert session.scalar(select(AuditEntry).where(AuditEntry.action == "conflict.settled")) is not None


def test_what_a_passing_means_stands_before_the_click(officer: Any, session: Any, anna: int, moment: datetime) -> None:
    given = session.scalar(
        select(Statement).where(Statement.state == "given", Statement.identifier_normal == ANNA).limit(1)
    )
    question = asking.Question(given.contact_id, "email", ANNA, given.purpose, given.channel)
    assert asking.ask([question], now=moment)[0].permitted
    held = session.scalar(select(ContactIdentifier.id).where(ContactIdentifier.normal == ANNA).limit(1))
    path = f"/privacy/consents/{anna}/addresses/{held}/passing"
    page = officer.page(path)
    assert "Permitted now, not afterwards" in page.text
    assert "permissions do not come back by that" in page.text
    officer.submit(path, action=path, reason="came back: unknown", to="", since="")
    (verdict,) = asking.ask([question], now=datetime.now(UTC))
    assert (verdict.permitted, verdict.reason) == (False, "address_reassigned")
    assert "Who held it when" in officer.page(path).text
    assert "passed on" in officer.page(f"/privacy/consents/{anna}").text
    assert session.scalar(select(AuditEntry).where(AuditEntry.action == "address.passed_on")) is not None


def test_an_address_of_somebody_else_does_not_pass_from_here(officer: Any, session: Any, anna: int) -> None:
    other = session.scalar(select(ContactIdentifier.id).where(ContactIdentifier.kind == "email", ContactIdentifier.normal != ANNA))  # fmt: skip
    assert officer.get(f"/privacy/consents/{anna}/addresses/{other}/passing").status_code == 404


def test_what_is_still_known_of_the_erased_is_told_to_the_officer_alone(
    app: Flask, officer: Any, session: Any, moment: datetime, alice: cast.Colleague, sign_in: Callable[..., Any]
) -> None:
    case = Case(
        right="erasure", status="closed", received_at=moment, received_via="letter", source="staff", external_id="1",
        due_on=moment.date(), opened_at=moment, decided_at=moment, plan={"counts": {}, "profile_id": 4711, "holds": []},
        certificate={"case": 1, "stays": [{"what": "The case itself", "ground": "Art. 5(2)"}], "held": {"contacts": 0}},
    )  # fmt: skip
    session.add(case)
    session.flush()
    session.add(Tombstone(digest="ab", key_id="k", erased_at=moment, case_id=case.id))
    session.commit()
    page = officer.page("/privacy/consents/4711")
    assert "1 digest of a record or an address" in page.text
    assert f"/privacy/cases/{case.id}" in page.html
    assert officer.get("/privacy/consents/4712").status_code == 404
    sales = app.test_client()
    sign_in(sales, alice)
    assert sales.get("/privacy/consents/4711").status_code == 403

"""The officer's day: a request is opened, verified, extended, rehearsed, granted, run, certified and closed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from crm360.consents import asking
from crm360.consents.asking import Question
from crm360.flows import by_staff, erasing, restricted, review
from crm360.flows.by_staff import Written
from crm360.identity import queries as identity
from crm360.identity.models import Contact, ContactIdentifier
from crm360.jobs import make_packages, work_cases
from crm360.kernel import sweeping
from crm360.outbox.models import Letter
from crm360.privacy import handling
from crm360.privacy.models import Case, Code
from crm360.privacy.rights import RIGHTS
from crm360.web import case_words

DATABASES = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def ewa(session: Any, now: datetime) -> int:
    """A customer with an address on file for a year, which no colleague wrote."""
    profile_id = by_staff.create(
        written=Written(fields={"given_name": "Ewa", "family_name": "Lis"}, email="ewa@example.com"), by="Ola", now=now
    )
    long_ago = now.replace(year=2025)
    session.execute(update(ContactIdentifier).values(first_seen_at=long_ago))
    session.execute(update(Contact).values(source="shop"))
    session.commit()
    return profile_id


def opened(officer: Any, session: Any, ewa: int, right: str) -> Case:
    answer = officer.submit("/privacy/cases/new", action="/privacy/cases", right=right, customer=str(ewa), via="letter")
    assert answer.status_code == 303
    return session.scalars(select(Case).order_by(Case.id.desc())).first()


def code_of(session: Any, case: Case) -> str:
    letters = session.scalars(select(Letter).where(Letter.subject_of == f"case:{case.id}").order_by(Letter.id.desc()))
    return re.search(r"\b\d{6}\b", letters.first().text)[0]


def verified(officer: Any, session: Any, case: Case) -> None:
    page = f"/privacy/cases/{case.id}"
    assert officer.submit(page, action=f"{page}/code").status_code == 303
    answer = officer.submit(page, action=f"{page}/verification", code=code_of(session, case))
    assert answer.status_code == 303


def test_an_erasure_from_the_letter_to_the_certificate(
    officer: Any, session: Any, ewa: int, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "sweep", lambda *_: None)  # not inside a test's transaction; tests/stories does
    case = opened(officer, session, ewa, "erasure")
    page = f"/privacy/cases/{case.id}"
    assert "First the requester has to show who they are." in officer.page(page).text
    assert officer.submit(page, action=f"{page}/decision", decision="grant").status_code == 409
    verified(officer, session, case)
    assert officer.submit(page, action=f"{page}/extension", reason="Many archives").status_code == 303
    assert case.extension["reason"] == "Many archives"
    assert officer.submit(page, action=f"{page}/plan").status_code == 303
    assert "identity_contact" in officer.page(page).text
    session.execute(update(Letter).values(state="sent"))
    assert officer.submit(page, action=f"{page}/decision", decision="grant").status_code == 303
    limits = app.config["SETTINGS"]
    session.execute(update(Letter).values(state="sent"))
    assert work_cases.run(limits=limits, now=case.decided_at) > 10
    assert session.get(Case, case.id).status == "done"
    assert "Certificate" in officer.page(page).text
    certificate = officer.get(f"{page}/certificate").get_json()
    assert certificate["erased"]["identity"]["identity_contact"] == 1
    assert officer.submit(page, action=f"{page}/closing").status_code == 303
    assert session.get(Case, case.id).status == "closed"
    assert session.scalar(select(Letter.id)) is None
    assert officer.get(f"/customers/{ewa}").status_code == 404


def test_every_step_of_an_erasure_has_words() -> None:
    assert [name for name in erasing.STEPS if case_words.step(name) == name] == []


def test_a_copy_is_made_and_taken_once(officer: Any, session: Any, ewa: int, app: Any) -> None:
    case = opened(officer, session, ewa, "access")
    verified(officer, session, case)
    page = f"/privacy/cases/{case.id}"
    assert officer.submit(page, action=f"{page}/decision", decision="grant").status_code == 303
    assert make_packages.run(limits=app.config["SETTINGS"], now=case.opened_at) == 1
    letter = session.scalars(select(Letter).where(Letter.text.contains("/data/"))).one()
    address = re.search(r"/data/\S+", letter.text)[0]
    visitor = app.test_client()
    assert "Send me a code" in visitor.page(address).text
    assert visitor.post(address, data={"code": "000000"}).status_code == 422
    assert visitor.post(f"{address}/code").status_code == 200
    code = code_of(session, case)
    assert visitor.post(address, data={"code": f"{(int(code) + 1) % 10**6:06d}"}).status_code == 422
    taken = visitor.post(address, data={"code": code})
    assert (taken.status_code, taken.data[:2]) == (200, b"PK")
    assert visitor.post(address, data={"code": code}).status_code == 422
    assert "There is nothing to take away" in visitor.page(address).text


def test_three_wrong_codes_end_it(officer: Any, session: Any, ewa: int) -> None:
    case = opened(officer, session, ewa, "access")
    page = f"/privacy/cases/{case.id}"
    officer.submit(page, action=f"{page}/code")
    code = code_of(session, case)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _ in range(3):
        assert officer.submit(page, action=f"{page}/verification", code=wrong).status_code == 403
    assert 'name="code"' not in officer.get(page).get_data(as_text=True)
    assert session.scalars(select(Code)).one().settled == "wrong"


@pytest.mark.parametrize("right", ["objection", "withdrawal", "restriction"])
def test_what_is_met_at_once(officer: Any, session: Any, ewa: int, now: datetime, right: str) -> None:
    case = opened(officer, session, ewa, right)
    page = f"/privacy/cases/{case.id}"
    if RIGHTS[right].level:
        verified(officer, session, case)
    assert officer.submit(page, action=f"{page}/decision", decision="grant").status_code == 303
    assert session.get(Case, case.id).status == "done"
    (contact,) = identity.contacts_of(ewa)
    asked = [Question(contact.id, "email", "ewa@example.com", purpose, "email") for purpose in ("marketing", "rights")]
    marketing, rights = asking.ask(asked, now=datetime.now(now.tzinfo))
    assert not marketing.permitted
    assert rights.permitted


def test_a_restricted_customer_is_seen_by_the_privacy_desk_alone(
    officer: Any, session: Any, ewa: int, alice: Any, sign_in: Any, app: Any
) -> None:
    case = opened(officer, session, ewa, "restriction")
    verified(officer, session, case)
    page = f"/privacy/cases/{case.id}"
    officer.submit(page, action=f"{page}/decision", decision="grant")
    assert officer.get(f"/customers/{ewa}").status_code == 200
    sales = app.test_client()
    sign_in(sales, alice)
    assert sales.get(f"/customers/{ewa}").status_code == 403
    assert "ewa@example.com" not in sales.get("/customers?q=lis").get_data(as_text=True)
    with pytest.raises(restricted.Locked):
        review.merge(profile_ids=[ewa, ewa], by="Ola", now=datetime.now(UTC))
    assert officer.submit(page, action=f"{page}/lifting", tell="", reason="Settled").status_code == 409
    assert officer.submit(page, action=f"{page}/lifting", tell="1").status_code == 303
    assert officer.submit(page, action=f"{page}/lifting", tell="", reason="Settled").status_code == 303
    assert sales.get(f"/customers/{ewa}").status_code == 200


def test_a_refusal_names_its_ground(officer: Any, session: Any, ewa: int) -> None:
    case = opened(officer, session, ewa, "access")
    page = f"/privacy/cases/{case.id}"
    assert officer.submit(page, action=f"{page}/decision", decision="refuse").status_code == 422
    officer.submit(page, action=f"{page}/decision", decision="refuse", ground="manifestly_unfounded")
    assert session.get(Case, case.id).status == "refused"
    letter = session.scalars(select(Letter)).one()
    assert "Art. 12(5)" in letter.text
    assert "court" in letter.text


def test_a_correction_is_kept(officer: Any, session: Any, ewa: int) -> None:
    case = opened(officer, session, ewa, "rectification")
    verified(officer, session, case)
    page = f"/privacy/cases/{case.id}"
    officer.submit(page, action=f"{page}/decision", decision="grant")
    assert officer.submit(page, action=f"{page}/correction", field="city", value="Łódź").status_code == 303
    assert "Łódź" in officer.page(f"/customers/{ewa}").text
    assert [line.what for line in handling.log_of(case.id)][-2:] == ["corrected", "done"]

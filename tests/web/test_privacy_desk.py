"""The officer's desk through the door: every page, what its figures count, and what is taken away from it."""

from __future__ import annotations

import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select

from crm360.consents import defining, purposes
from crm360.consents.models import Statement
from crm360.evidence import verify
from crm360.identity.models import Contact
from crm360.outbox.models import Letter, Permit
from tests import cast
from tests.web import scene

PAGES = ("/privacy", "/privacy/consents", "/privacy/consents?q=kowalska", "/privacy/consents/overview", "/privacy/expiring",
         "/privacy/expiring?days=90", "/privacy/sends", "/privacy/holds", "/privacy/retention", "/privacy/breaches",
         "/privacy/breaches/new", "/privacy/access", "/privacy/access?all=yes", "/privacy/processing", "/privacy/cases")  # fmt: skip


def letter(
    session: Any, profile_id: int, at: datetime, *, evidence: list[int] | None, permitted: bool = True, **more: Any
) -> int:
    """A letter that left, and what was decided about it."""
    contact = session.scalar(select(Contact.id).where(Contact.profile_id == profile_id).limit(1))
    count = session.query(Letter).count()
    row = {"dedup_key": f"l{count}", "subject_of": "campaign:1", "contact_id": contact, "to_address": "anna.kowalska@example.com",
           "purpose": "marketing", "subject": f"Spring offers {count}", "text": "Hello", "message_id": f"l{count}@example.com",
           "state": "sent", "created_at": at, "due_at": at, "settled_at": at, **more}  # fmt: skip
    number = int(session.scalar(insert(Letter).values(row).returning(Letter.id)))
    if evidence is not None:
        session.execute(insert(Permit).values(letter_id=number, decided_at=at, permitted=permitted, reason="consent_given", evidence=evidence))  # fmt: skip
    return number


def test_every_page_opens_for_the_officer_and_for_nobody_in_sales(
    app: Flask, officer: Any, anna: int, alice: cast.Colleague, sign_in: Callable[..., Any]
) -> None:
    pages = (*PAGES, f"/privacy/consents/{anna}", f"/privacy/consents/{anna}?at=2026-01-03T14:00&known=then")
    for path in pages:
        officer.page(path)
    files = (f"/privacy/consents/{anna}/ledger.csv", f"/privacy/consents/{anna}/ledger.json", "/privacy/expiring?form=csv",
             "/privacy/access?form=csv", "/privacy/processing?form=csv", "/privacy/verify.py")  # fmt: skip
    for path in files:
        assert officer.get(path).status_code == 200, path
    sales = app.test_client()
    sign_in(sales, alice)
    for path in (*pages, *files):
        assert sales.get(path).status_code == 403, path


def test_a_statement_is_shown_with_its_text_its_place_and_what_was_sent_under_it(
    officer: Any, session: Any, anna: int, moment: datetime
) -> None:
    given = session.scalar(
        select(Statement).where(Statement.state == "given", Statement.identifier_kind == "email").limit(1)
    )
    number = letter(session, anna, moment - timedelta(days=1), evidence=[given.id])
    page = officer.page(f"/privacy/consents/{anna}?statement={given.id}")
    leaf = page.html.split('id="statement"')[1]
    assert re.search(r"[0-9a-f]{64}", leaf)
    assert "1 letter was sent under it" in page.text
    letter_page = officer.page(f"/privacy/letters/{number}")
    assert f"statement={given.id}#statement" in letter_page.html
    assert officer.get(f"/privacy/consents/{anna}?statement=999999").status_code == 404
    rows = json.loads(officer.get(f"/privacy/consents/{anna}/ledger.json?state=given").get_data())
    assert {row["state"] for row in rows} == {"given"}
    assert all(len(row["commitment"]) == 64 for row in rows)


def test_the_pack_leaves_the_desk_and_holds_elsewhere(officer: Any, session: Any, anna: int) -> None:
    answer = officer.submit(f"/privacy/consents/{anna}", action="/pack")
    files, found = verify.read(answer.get_data())
    key = re.search(r"<code>([^<]+/ledger\+[^<]+)</code>", officer.page("/privacy").html)[1].replace("&#43;", "+")  # type: ignore[index]
    assert found + verify.faults(files, key) == []
    assert {"index.html", "report.css", "statements.json", "verify.py", "README.txt"} <= set(files)
    report = files["index.html"].decode()
    assert "anna.kowalska@example.com" in report
    pdf = files["report.pdf"]
    texts = b"".join(map(inflated, re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)))
    letters = {chr(int(code, 16)) for code in re.findall(rb"<([0-9a-fA-F]{4})>", texts)}
    assert pdf.startswith(b"%PDF")
    assert set("łóśń") & set(files["index.html"].decode()) <= letters, "Polish letters are on paper too"
    assert verify.faults(files | {"report.pdf": pdf.replace(b"%PDF", b"%PDG")}, key) == ["report.pdf was changed."]
    assert "http://" not in re.sub(r"<code>.*?</code>", "", report)
    whole = officer.submit("/privacy", action="/privacy/ledger/export")
    assert zipfile.is_zipfile(io.BytesIO(whole.get_data()))
    assert verify.faults(files, key, ledger=verify.read(whole.get_data())[0]) == []
    officer.submit("/privacy", action="/privacy/ledger/verification")
    assert "nothing was changed" in officer.page("/privacy").text
    log = officer.page(f"/privacy/access?profile={anna}").text
    assert "exported an evidence pack" in log
    assert "looked at the consents" in log


def inflated(stream: bytes) -> bytes:
    """A stream of a PDF as it was written; nothing of one packed otherwise."""
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""


def test_sends_are_held_against_the_consents_they_name(officer: Any, session: Any, anna: int, moment: datetime) -> None:
    given = {
        (row.purpose, row.channel): row.id
        for row in session.scalars(
            select(Statement).where(
                Statement.state == "given", Statement.identifier_normal == "anna.kowalska@example.com"
            )
        )
    }
    purpose, right = next((purpose, number) for (purpose, channel), number in given.items() if channel == "email")
    other = session.scalar(select(Statement.id).where(Statement.identifier_normal != "anna.kowalska@example.com", Statement.state == "given").limit(1))  # fmt: skip
    letter(session, anna, moment, evidence=[right], purpose=purpose)
    letter(session, anna, moment, evidence=None, purpose="service")
    letter(session, anna, moment, evidence=None, state="queued")
    assert "1 letter had no basis" not in (clean := officer.page("/privacy/sends").text)
    assert "Every letter that needed a consent had one" in clean
    letter(session, anna, moment, evidence=None)
    letter(session, anna, moment, evidence=[], purpose=purpose)
    letter(session, anna, moment, evidence=[right], permitted=False, purpose=purpose)
    letter(session, anna, moment, evidence=[other], purpose=purpose)
    text = officer.page("/privacy/sends").text
    assert "4 letters had no basis" in text
    for why in ("nothing was decided", "names no consent", "it was not permitted", "of another address"):
        assert why in text


def test_consents_that_run_out_are_counted_and_listed(officer: Any, session: Any, anna: int, moment: datetime) -> None:
    said = session.scalars(select(Statement).where(Statement.state == "given", Statement.evidence_grade != "D", Statement.channel == "email")).all()  # fmt: skip
    said = max(said, key=lambda each: each.occurred_at)
    age = (moment.year - said.occurred_at.year) * 12 + moment.month - said.occurred_at.month
    known = purposes.DEFAULTS.get(said.purpose) or purposes.unknown(said.purpose)
    lasting = purposes.Purpose(code=said.purpose, names=known.names, validity_months=age + 2)
    defining.define_purpose(purpose=lasting, effective_from=moment, by="x", now=moment - timedelta(minutes=1))
    page = officer.page("/privacy/expiring?days=100")
    assert said.identifier_value in page.text
    assert said.identifier_value in officer.get("/privacy/expiring?days=100&form=csv").get_data(as_text=True)
    assert said.identifier_value not in officer.page("/privacy/expiring?days=1").text


def test_a_hold_is_asked_for_by_one_and_approved_by_another(
    app: Flask, officer: Any, anna: int, dana: cast.Colleague, sign_in: Callable[..., Any], moment: datetime
) -> None:
    day = (moment + timedelta(days=60)).date().isoformat()
    refused = officer.submit("/privacy/holds", action="/privacy/holds", profile=str(anna), ground=" ", review_on=day)
    assert (refused.status_code, "Say on which ground." in refused.get_data(as_text=True)) == (422, True)
    assert officer.submit("/privacy/holds", action="/privacy/holds", profile=str(anna), ground="Claim 7 C 12/26", review_on=day).status_code == 303  # fmt: skip
    page = officer.page("/privacy/holds")
    assert "Another colleague must approve it." in page.text
    number = re.search(r"/privacy/holds/(\d+)/release", page.html)[1]  # type: ignore[index]
    token = page.form(action="/release").values["csrf_token"]
    assert officer.post(f"/privacy/holds/{number}/approval", data={"csrf_token": token}).status_code == 403
    second = app.test_client()
    sign_in(second, dana)
    second.submit("/privacy/holds", action="/approval")
    assert "stands" in officer.page("/privacy/holds").text
    second.submit("/privacy/holds", action="/release", reason="Settled")
    assert "released by Dana" in officer.page("/privacy/holds").text


def test_a_rule_is_rehearsed_before_it_is_set(officer: Any, anna: int) -> None:
    tried = officer.submit("/privacy/retention", action="/retention/behaviour", months="1", rehearse="yes")
    assert "Nothing was changed." in tried.get_data(as_text=True)
    form = officer.page("/privacy/retention").form(action="/retention/behaviour")
    assert form.values["months"] == ""
    sent = {"csrf_token": form.values["csrf_token"], "months": "400", "legal_ref": ""}
    assert officer.post("/privacy/retention/behaviour", data=sent).status_code == 422
    assert officer.post("/privacy/retention/behaviour", data=sent | {"months": "25"}).status_code == 303
    assert "25 months" in officer.page("/privacy/retention").text
    assert "Visits and clicks: 25 months" in re.sub(r"\s+", " ", officer.page("/privacy/processing").text)


@pytest.mark.parametrize(
    ("scope", "value"),
    [("source", scene.SHOP), ("kind", "email"), ("kind", "orders"), ("staff", None)],
    ids=["source", "email", "orders", "staff"],
)
def test_who_was_affected_is_asked_counted_and_exported(
    officer: Any, charlie: cast.Colleague, anna: int, moment: datetime, scope: str, value: str | None
) -> None:
    officer.page(f"/privacy/consents/{anna}")
    span = {"began_at": f"{moment - timedelta(days=900):%Y-%m-%dT%H:%M}", "ended_at": f"{moment + timedelta(days=1):%Y-%m-%dT%H:%M}"}  # fmt: skip
    asked = {"by": scope, f"value_{scope}": value or str(charlie.id), "reach": "held", "risk": "likely", "title": "Open bucket", **span}  # fmt: skip
    counted = officer.submit("/privacy/breaches/new", action="/privacy/breaches", count="yes", **asked)
    assert re.search(r"[1-9]\d* (person was|people were) affected", counted.get_data(as_text=True))
    form = officer.page("/privacy/breaches/new").form(action="/privacy/breaches")
    sent = {name: text for name, text in form.values.items() if name not in ("count", "known_at")} | asked
    answer = officer.post("/privacy/breaches", data=sent)
    assert answer.status_code == 303
    page = officer.page(answer.location)
    assert "The authority must be told by" in page.text
    assert "anna.kowalska@example.com" in officer.get(f"{answer.location}/people.csv").get_data(as_text=True)
    assert "Open bucket" in officer.page("/privacy").text
    officer.submit(answer.location, action="/notice")
    officer.submit(answer.location, action="/closing", measures="Closed the bucket")
    assert "Closed" in officer.page(answer.location).text

"""Colleagues write down what customers tell them; the officer gives purposes and texts new versions."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from crm360.consents import asking, definitions, queries
from crm360.consents.models import Attachment, Statement, Stop
from crm360.identity import queries as identity

PAPER = b"%PDF-1.7 signed by Anna"


def told(client: Any, profile_id: int, **form: Any) -> Any:
    address = next(each for each in identity.identifiers_of(profile_id) if each.kind == "email")
    path = f"/customers/{profile_id}/permissions"
    values = {"identifier": str(address.id), "purpose": "newsletter|", "channel": "email", "way": "paper"} | form
    return client.submit(path, action=path, **values)


def test_a_yes_on_paper_permits_with_its_proof_and_a_no_on_the_phone_ends_it(
    visit_as: Any, shop: Any, session: Any
) -> None:
    client, anna = visit_as("sales"), shop["anna"]
    refused = told(client, anna, state="given")
    assert (refused.status_code, "A yes needs its proof" in refused.get_data(as_text=True)) == (422, True)
    answer = told(client, anna, state="given", attachment=(io.BytesIO(PAPER), "signed.pdf"))
    assert answer.status_code == 303
    session.expire_all()
    said = session.scalars(select(Statement).order_by(Statement.id.desc())).first()
    assert (said.state, said.evidence_grade, said.method, said.evidence["by"]) == (
        "given",
        "C",
        "staff: paper",
        "Marta Zając",
    )
    kept = session.scalars(select(Attachment)).one()
    assert (kept.sha256, kept.content, kept.content_type) == (
        said.evidence["attachment_sha256"],
        PAPER,
        "application/pdf",
    )
    assert client.get(f"/customers/{anna}/proofs/{kept.id}").get_data() == PAPER
    assert client.get(f"/customers/{shop['piotr']}/proofs/{kept.id}").status_code == 404
    assert permitted(anna) == {True}
    assert told(client, anna, state="withdrawn", way="phone").status_code == 303
    assert permitted(anna) == {False}


def permitted(profile_id: int) -> set[bool]:
    cells = queries.matrix(profile_id, now=datetime.now(UTC))
    first = next(each for each in identity.identifiers_of(profile_id) if each.kind == "email")
    return {cell.verdict.permitted for cell in cells if cell.purpose == "newsletter" and cell.normal == first.normal}


def test_what_no_proof_is_and_tomorrow_are_refused(visit_as: Any, shop: Any, session: Any) -> None:
    client = visit_as("sales")
    page = told(client, shop["anna"], state="given", attachment=(io.BytesIO(b"<html>"), "a.pdf"))
    assert (page.status_code, "at most 5 MB" in page.get_data(as_text=True)) == (422, True)
    assert told(client, shop["anna"], state="withdrawn", said_at="2999-01-01T10:00").status_code == 422
    assert told(client, shop["anna"], state="withdrawn", identifier="999999").status_code == 422
    assert session.scalar(select(Attachment.id)) is None


def test_sales_lift_nothing(visit_as: Any, shop: Any) -> None:
    client, path = visit_as("sales"), f"/customers/{shop['anna']}/permissions"
    stops = path.replace("permissions", "stops")
    assert client.submit(path, action=stops, kind="objection_marketing", ground="by phone").status_code == 303
    page = client.get(path).get_data(as_text=True)
    assert "by phone" in page
    assert "lifting" not in page


def test_a_stop_is_placed_and_lifted_with_a_reason(visit_as: Any, shop: Any, session: Any) -> None:
    client, path = visit_as("privacy"), f"/customers/{shop['anna']}/permissions"
    stops = path.replace("permissions", "stops")
    assert (
        client.submit(path, action=stops, kind="objection_marketing", ground="said so on the phone").status_code == 303
    )
    assert "said so on the phone" in client.page(path).text
    lifting = f"{stops}/objection_marketing/lifting"
    assert client.submit(path, action=lifting, reason="taken back in writing").status_code == 303
    assert "said so on the phone" not in client.page(path).text
    session.expire_all()
    assert session.scalars(select(Stop.ground)).all()


def test_a_new_text_is_a_new_version_and_tells_what_rests_on_the_old(visit_as: Any, shop: Any, session: Any) -> None:
    client, path = visit_as("privacy"), "/privacy/notices/new"
    first = {
        "code": "letter",
        "text_en": "I want the newsletter.",
        "text_pl": "Chcę newsletter.",
        "purposes": "newsletter",
    }
    assert client.submit(path, action=path, **first).status_code == 303
    told(client, shop["anna"], state="given", note="Yes please", purpose="newsletter|letter@1")
    path = "/privacy/notices/letter"
    assert "1 permission rests on the texts so far" in client.page(path).text
    answer = client.submit(path, action=path, text_en="I want the newsletter, weekly.", text_pl="Chcę co tydzień.", purposes="newsletter")  # fmt: skip
    assert answer.status_code == 303
    session.expire_all()
    assert [one.version for one in definitions.notice_versions("letter")] == [2, 2, 1, 1]
    text = client.page("/privacy/purposes").text
    assert "version 1: 1" in text
    same = client.submit(path, action=path, text_en="I want the newsletter, weekly.", text_pl="Chcę co tydzień.", purposes="newsletter")  # fmt: skip
    assert (same.status_code, "Nothing was changed" in same.get_data(as_text=True)) == (409, True)


def test_a_changed_purpose_counts_from_then_on(visit_as: Any, shop: Any, session: Any) -> None:
    client, path = visit_as("privacy"), "/privacy/purposes/newsletter"
    told(client, shop["anna"], state="given", note="Yes please")
    assert permitted(shop["anna"]) == {True}
    assert client.submit(path, action=path, min_grade="A", validity_months="24").status_code == 303
    session.expire_all()
    assert permitted(shop["anna"]) == {False}
    purpose = definitions.catalogue(now=datetime.now(UTC)).of("newsletter")
    assert (purpose.version, purpose.min_grade, purpose.validity_months) == (1, "A", 24)
    wrong = client.submit(path, action=path, basis="legitimate_interests")
    assert (wrong.status_code, "balancing test" in wrong.get_data(as_text=True)) == (422, True)
    assert asking.ask([], now=datetime.now(UTC)) == []

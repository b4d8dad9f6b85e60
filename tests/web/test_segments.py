"""The marketer builds a segment from cards, reads who can be reached and why not the others, and hands it out."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from crm360.accounts import permissions
from crm360.accounts.models import AuditEntry
from crm360.flows import segmenting
from crm360.identity.models import Contact
from crm360.outreach.models import Campaign, Recipient
from crm360.segments import drops, operations, queries


@pytest.fixture
def marketer(visit_as: Any) -> Any:
    return visit_as("marketing")


def text_of(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def draft(client: Any, **fields: str) -> Any:
    page = client.page("/segments/new")
    del page
    return client.submit(
        "/segments/new", action="/segments/draft", **{name.replace("__", "."): value for name, value in fields.items()}
    )


def settle() -> None:
    while segmenting.work_off(now=datetime.now(UTC)):
        pass


def test_a_segment_from_the_first_card_to_the_file(marketer: Any, shop: dict[str, int], session: Any):
    assert "Champions" in text_of(marketer.get("/segments"))
    added = text_of(draft(marketer, do="add:match:did"))
    assert 'name="match.of.0.what.event"' in added
    assert "customers match" in added or "customer matches" in added
    anybody = {"match.group": "all", "match.of.0.if": "identifier", "match.of.0.kind": "email", "match.of.0.op": "has"}
    tried = text_of(draft(marketer, **anybody, who=f"#{shop['anna']}", do="test"))
    assert "not in" not in tried.partition("tested-who")[2][:200]
    refused = draft(marketer, **anybody, do="save")
    assert refused.status_code == 422
    saved = draft(marketer, **anybody, name="Has e-mail", tag="mailable", marketing="yes", do="save")
    assert saved.status_code == 303
    settle()
    (listed,) = queries.listed()
    assert listed.members > 1
    number = listed.segment.id
    for tab in ("rule", "members", "changes", "overlap", "uses", "versions"):
        assert marketer.get(f"/segments/{number}?tab={tab}").status_code == 200
    assert "Anna" in text_of(marketer.get(f"/segments/{number}?tab=members"))
    assert "Has e-mail" in text_of(marketer.get(f"/customers/{shop['anna']}/segments"))
    for form in ("csv", "xlsx"):
        answer = marketer.submit(
            f"/segments/{number}?tab=members",
            action=f"/segments/{number}/export",
            form=form,
            channel="email",
            purpose="marketing",
        )
        assert answer.status_code == 200
        if form == "csv":
            rows = text_of(answer).splitlines()
        else:
            sheet = load_workbook(io.BytesIO(answer.get_data())).active
            assert sheet is not None
            assert sheet.max_row == len(rows)
    kept = session.query(AuditEntry).filter_by(action="segment.exported").all()
    assert [each.details["rows"] for each in kept] == [len(rows) - 1] * 2
    assert all(each.details["left_out"] + each.details["rows"] == listed.members for each in kept)


def test_who_had_enough_messages_lately_is_a_step_of_its_own(marketer: Any, shop: dict[str, int], session: Any):
    anybody = {"match.group": "all", "match.of.0.if": "identifier", "match.of.0.kind": "email", "match.of.0.op": "has"}
    asked = anybody | {"purpose": "marketing", "channel": "email", "do": "test"}
    before = text_of(draft(marketer, **asked))
    assert "Had enough messages lately" not in before
    now = datetime.now(UTC)
    contact = session.scalar(select(Contact).where(Contact.profile_id == shop["anna"]).order_by(Contact.id))
    for name in ("one", "two", "three"):
        campaign = Campaign(name=name, audience={"kind": "everybody"}, variants=[], settings={}, state="finished",
                            created_at=now, created_by="Ola")  # fmt: skip
        session.add(campaign)
        session.flush()
        session.add(Recipient(campaign_id=campaign.id, profile_id=shop["anna"], contact_id=contact.id, state="sent",
                              step="reachable", considered_at=now, settled_at=now))  # fmt: skip
    session.flush()
    assert "Had enough messages lately" in text_of(draft(marketer, **asked))
    given = marketer.page("/segments/new").form(action="/segments/draft").values
    behind = text_of(marketer.post("/segments/draft/people", data=given | asked | {"step": "capped"}))
    assert "Anna" in behind
    assert "Had enough messages lately" not in text_of(draft(marketer, **asked | {"channel": "sms"}))


def test_a_segment_is_written_to_a_folder_at_set_times(marketer: Any, session: Any):
    made = operations.create(name="By hand", by="Ola", now=datetime.now(UTC))
    session.commit()
    fields = {"segment": str(made.id), "folder": "mailing", "channel": "email", "purpose": "marketing", "day": "0"}

    def schedule(**changed: str) -> Any:
        told = {**fields, "form": "csv", "hour": "6", "keep_days": "7", **changed}
        return marketer.submit("/segments/drops", action="/segments/drops", **told)

    refused = schedule(folder="../../etc")
    assert (refused.status_code, "below EXPORT_ROOT" in text_of(refused)) == (422, True)
    assert schedule().status_code == 303
    page = text_of(marketer.get("/segments/drops"))
    assert "on Mondays at 06:00" in page
    (drop,) = (each.drop for each in drops.listed())
    for act, paused in (("pause", True), ("resume", False), ("turn", False)):
        sent = marketer.submit("/segments/drops", action=f"/segments/drops/{drop.id}/{act}")
        session.expire_all()
        assert (sent.status_code, drop.due_at is None) == (303, paused)
    assert drops.anything_waiting(now=datetime.now(UTC))
    marketer.submit("/segments/drops", action=f"/segments/drops/{drop.id}/removal")
    assert drops.listed() == []
    kept = session.query(AuditEntry).filter(AuditEntry.action.startswith("drop.")).order_by(AuditEntry.id)
    said = [each.action.removeprefix("drop.") for each in kept]
    assert said == ["scheduled", "paused", "resumed", "asked", "removed"]


def test_exporting_is_a_right_of_its_own(visit_as: Any, session: Any):
    """Marketing reads masked addresses and hands out full ones, of those alone who may be written to, on record; sales does
    the contrary: it reads everybody's, and takes no list out of the house."""
    assert not permissions.allows("marketing", "contacts.reveal")
    assert permissions.allows("marketing", "segments.export")
    made = operations.create(name="By hand", by="Ola", now=datetime.now(UTC))
    session.commit()
    rep = visit_as("sales")
    assert rep.get("/segments/drops").status_code == 403
    assert "export" not in text_of(rep.get(f"/segments/{made.id}?tab=members")).lower()
    token = rep.page("/segments").form(action="/sign-out").values["csrf_token"]
    refused = rep.post(f"/segments/{made.id}/export", data={"csrf_token": token, "form": "csv"})
    assert refused.status_code == 403
    assert not session.query(AuditEntry).filter_by(action="segment.exported").count()


def test_what_is_wrong_is_shown_at_its_card(marketer: Any):
    wrong = {
        "match.group": "all",
        "match.of.0.if": "field",
        "match.of.0.field": "city",
        "match.of.0.op": "is",
        "match.of.0.value": "",
    }
    answer = text_of(draft(marketer, **wrong, do="count"))
    assert "is-wrong" in answer
    assert "Expected a text." in answer


def test_a_rep_reads_segments_and_changes_none(visit_as: Any):
    rep = visit_as("sales")
    assert rep.get("/segments").status_code == 200
    assert rep.get("/segments/new").status_code == 403


def test_a_segment_is_pictured_and_its_ways_are_shown(marketer: Any, shop: dict[str, int], session: Any):
    made = operations.create(name="Both", by="Ola", now=datetime.now(UTC))
    operations.add_members(
        segment_id=made.id, profile_ids=[shop["anna"], shop["piotr"]], by="Ola", now=datetime.now(UTC)
    )
    session.commit()
    assert f"/segments/{made.id}/persona" in text_of(marketer.get(f"/segments/{made.id}"))
    page = text_of(marketer.get(f"/segments/{made.id}/persona"))
    for words in ("Persona: Both", "Typical values", "Where they buy", "Print"):
        assert words in page
    ways = text_of(marketer.get(f"/insights/journeys?segment={made.id}"))
    assert "Only members of Both: 2 of 2." in ways
    assert marketer.get("/insights/journeys?segment=999").status_code == 404
    assert marketer.get("/insights/journeys?segment=").status_code == 200

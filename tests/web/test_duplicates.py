"""The review desk without script: the queue, its filters, answers and taking them back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crm360.accounts.models import AuditEntry
from crm360.identity.models import Contact
from crm360.kernel.db import db
from crm360.web import duplicates
from tests.web import scene
from tests.web.test_customer_page import counted_statements

FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def desk(visit_as, shop):
    scene.look_alikes(datetime.now(UTC), 4)
    return visit_as("sales")


def keys(page) -> list[str]:
    return [given["id"].removeprefix("pair-") for tag, given in page.tags if given.get("id", "").startswith("pair-")]


def answers(client, path: str = "/duplicates"):
    """What the first pair's form would send."""
    return client.page(path).form(action="/duplicates/answers").values


def profiles(values) -> list[int]:
    return [int(values["left"]), int(values["right"])]


def living(values) -> int:
    return db.session.query(Contact.profile_id).filter(Contact.profile_id.in_(profiles(values))).distinct().count()


def test_the_queue_lists_pairs_with_what_is_at_stake(desk):
    page = desk.page("/duplicates")
    assert len(keys(page)) == 5
    assert "Pairs that look alike, but not surely: 5." in page.text
    assert "spent together" in page.text
    assert "Kraków till + online shop" in page.text
    assert "are expected to be one person." in page.text


def test_the_queue_is_filtered_by_reason_and_sources(desk):
    assert keys(desk.page("/duplicates?reason=address"))
    assert "No pair like that" in desk.page("/duplicates?reason=national_id").text
    assert len(keys(desk.page("/duplicates?sources=Kraków till %2B online shop"))) == 5
    assert "No pair like that" in desk.page("/duplicates?sources=chat %2B chat").text


def test_the_queue_is_paged_without_repeats(desk, monkeypatch):
    monkeypatch.setattr(duplicates, "PER_PAGE", 2)
    seen, address = [], "/duplicates"
    while address:
        page = desk.page(address)
        seen += keys(page)
        address = next((given["href"] for tag, given in page.tags if tag == "a" and given.get("rel") == "next"), "")
    assert len(seen) == len(set(seen)) == 5


def test_less_alike_pairs_follow_in_a_window_of_their_own(desk, monkeypatch):
    monkeypatch.setattr(duplicates, "WINDOW", 3)
    first, second = desk.page("/duplicates"), desk.page("/duplicates?start=3")
    assert len(keys(first) + keys(second)) == 5
    assert not set(keys(first)) & set(keys(second))
    assert "Less alike pairs" in first.text
    assert "Less alike pairs" not in second.text


def test_a_pair_is_merged_in_place_and_told_with_an_undo(desk):
    values = answers(desk)
    told = desk.post("/duplicates/answers", data=values | {"answer": "same"}, headers=FRAGMENT)
    assert told.headers["HX-Trigger"] == "answered"
    assert "Merged into one customer." in told.get_data(as_text=True)
    assert living(values) == 1
    assert db.session.query(AuditEntry).filter_by(action="customers.merged").count() == 2
    assert f"{values['left']}-{values['right']}" not in keys(desk.page("/duplicates"))


def test_without_script_the_answer_leads_back_to_the_queue_and_its_toast_undoes_it(desk):
    values = answers(desk, "/duplicates?reason=address")
    told = desk.post("/duplicates/answers", data=values | {"answer": "different"})
    assert told.headers["Location"] == "/duplicates?reason=address"
    page = desk.page("/duplicates")
    assert "these are two people" in page.text
    undo = page.form(action="/undo")
    assert desk.post(undo.action, data=undo.values | {"back": "/duplicates"}).headers["Location"] == "/duplicates"
    assert f"{values['left']}-{values['right']}" in keys(desk.page("/duplicates"))


def test_an_undo_never_leads_to_another_site(desk):
    desk.post("/duplicates/answers", data=answers(desk) | {"answer": "same"})
    undo = desk.page("/duplicates").form(action="/undo")
    answer = desk.post(undo.action, data=undo.values | {"back": "https://evil.example"})
    assert answer.headers["Location"] == "/"


def test_later_waits_for_the_next_session(desk):
    values = answers(desk)
    key = f"{values['left']}-{values['right']}"
    desk.post("/duplicates/answers", data=values | {"answer": "later"}, headers=FRAGMENT)
    page = desk.page("/duplicates")
    assert key not in keys(page)
    assert "1 put off" in page.text
    assert key in keys(desk.page("/duplicates?all=1"))


def test_a_pair_that_became_one_meanwhile_is_told_so(desk):
    values = answers(desk)
    desk.post("/duplicates/answers", data=values | {"answer": "same"}, headers=FRAGMENT)
    again = desk.post("/duplicates/answers", data=values | {"answer": "same"}, headers=FRAGMENT)
    assert "already are one customer" in again.get_data(as_text=True)
    assert again.headers["HX-Trigger"] == "answered"


@pytest.mark.parametrize("wrong", [{"answer": "perhaps"}, {"answer": ""}, {"left": "x", "answer": "same"}])
def test_an_answer_there_is_not_changes_nothing(desk, wrong):
    values = answers(desk)
    assert desk.post("/duplicates/answers", data=values | wrong, headers=FRAGMENT).status_code == 422
    assert living(values) == 2


def test_the_queue_costs_a_fixed_number_of_statements(desk):
    with counted_statements() as sent:
        desk.page("/duplicates")
    few = len(sent)
    scene.look_alikes(datetime.now(UTC), 12)
    db.session.commit()
    with counted_statements() as sent:
        desk.page("/duplicates")
    assert len(sent) == few <= 15, "\n\n".join(sent)


def test_marketing_answers_nothing(visit_as, shop):
    client = visit_as("marketing")
    token = client.page("/").form(action="/sign-out").values["csrf_token"]
    wanted = {"csrf_token": token, "left": shop["anna"], "right": shop["anna_again"], "answer": "same"}
    assert client.post("/duplicates/answers", data=wanted).status_code == 403

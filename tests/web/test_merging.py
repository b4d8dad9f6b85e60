"""Merge, not the same, split and undo, through their forms."""

from __future__ import annotations

from crm360.accounts.models import AuditEntry
from crm360.identity.models import Contact
from crm360.kernel.db import db
from crm360.profiles.models import GoldenRecord


def profile_of(external_id: str) -> int:
    return int(db.session.query(Contact).filter_by(external_id=external_id).one().profile_id)


def test_the_compare_page_shows_both_and_what_changes(visit_as, shop):
    text = " ".join(visit_as("sales").page(f"/customers/{shop['anna']}/compare/{shop['anna_again']}").text.split())
    for expected in (
        "the same door",
        "If merged",
        "to the merged customer",
        "keeps its number",
        "How the weight adds up",
        "No consent widens",
        "2900001778199",
    ):
        assert expected in text


def test_a_merge_joins_and_its_toast_undoes_it(visit_as, shop):
    client = visit_as("sales")
    answer = client.submit(
        f"/customers/{shop['anna']}/compare/{shop['anna_again']}", action="/merges", reason="same door"
    )
    assert answer.status_code == 303
    assert profile_of("8812") == profile_of("2900001778199")
    page = client.page(answer.headers["Location"])
    assert "Merged into one customer." in page.text
    undo = page.form(action="/undo")
    assert client.post(undo.action, data=undo.values).status_code == 303
    assert profile_of("8812") != profile_of("2900001778199")
    assert db.session.query(AuditEntry).filter_by(action="customers.merged").count() == 2


def test_the_merge_history_undoes_too(visit_as, shop):
    client = visit_as("sales")
    client.submit(f"/customers/{shop['anna']}/compare/{shop['anna_again']}", action="/merges", reason="same door")
    answer = client.submit(f"/customers/{profile_of('8812')}/more", action="/undo")
    assert answer.status_code == 303
    assert profile_of("8812") != profile_of("2900001778199")
    assert "undone by Marta Zając" in client.page(f"/customers/{profile_of('8812')}/more").text


def test_not_the_same_is_remembered(visit_as, shop):
    client = visit_as("sales")
    page = client.page(f"/customers/{shop['anna']}/compare/{shop['anna_again']}")
    target = next(given["formaction"] for tag, given in page.tags if tag == "button" and "formaction" in given)
    assert client.post(target, data=page.form(action="/merges").values).status_code == 303
    assert "Possible duplicate" not in client.page(f"/customers/{shop['anna']}").text
    assert "Nothing to decide" in client.page("/duplicates").text


def test_chosen_records_are_split_off(visit_as, shop):
    client = visit_as("sales")
    chat = db.session.query(Contact).filter_by(external_id="311").one().id
    answer = client.submit(f"/customers/{shop['anna']}/split", action="/splits", contact=str(chat))
    assert answer.status_code == 303
    assert profile_of("311") != profile_of("8812")


def test_a_split_of_nothing_is_refused_with_the_reason(visit_as, shop):
    answer = visit_as("sales").submit(f"/customers/{shop['anna']}/split", action="/splits")
    assert answer.status_code == 422
    assert "Choose some" in answer.get_data(as_text=True)


def test_a_second_undo_is_a_conflict(visit_as, shop):
    client = visit_as("sales")
    client.submit(f"/customers/{shop['anna']}/compare/{shop['anna_again']}", action="/merges")
    undo = client.page(f"/customers/{profile_of('8812')}/more").form(action="/undo")
    assert client.post(undo.action, data=undo.values).status_code == 303
    assert client.post(undo.action, data=undo.values).status_code == 409


def test_marketing_may_not_merge(visit_as, shop):
    client = visit_as("marketing")
    token = client.page("/").form(action="/sign-out").values["csrf_token"]
    answer = client.post(
        f"/customers/{shop['anna']}/merges", data={"csrf_token": token, "other_id": shop["anna_again"]}
    )
    assert answer.status_code == 403
    assert profile_of("8812") != profile_of("2900001778199")


def test_the_chosen_value_of_a_field_is_pinned_and_an_undo_leaves_each_their_own(visit_as, shop):
    """The till wrote Anna down a year younger; whoever merges says whose date is right."""
    client, again = visit_as("sales"), shop["anna_again"]
    client.post(f"/customers/{again}/fields/birth_date/pins", data=token(client) | {"value": "1989-05-21"})
    path = f"/customers/{shop['anna']}/compare/{again}"
    assert client.page(path).form(action="/merges").values[f"said-{again}-birth_date"] == "1989-05-21"
    answer = client.submit(path, action="/merges", **{"keep-birth_date": str(again)})
    assert answer.status_code == 303
    assert chosen(profile_of("8812")) == ("1989-05-21", "pinned")
    undo = client.page(answer.headers["Location"]).form(action="/undo")
    client.post(undo.action, data=undo.values)
    assert chosen(profile_of("8812")) == ("1988-05-21", "most_frequent")
    assert chosen(profile_of("2900001778199")) == ("1989-05-21", "pinned")


def test_both_sides_can_be_exchanged_and_what_is_the_same_is_folded_away(visit_as, shop):
    client = visit_as("sales")
    page = client.page(f"/customers/{shop['anna']}/compare/{shop['anna_again']}")
    flipped = f"/customers/{shop['anna_again']}/compare/{shop['anna']}"
    assert flipped in [given.get("href") for tag, given in page.tags if tag == "a"]
    assert "fields are the same" in page.text
    assert client.page(flipped).form(action="/merges").values["other_id"] == str(shop["anna"])


def token(client) -> dict[str, str]:
    return {"csrf_token": client.page("/duplicates").forms[-1].values["csrf_token"]}


def chosen(profile_id: int) -> tuple[str, str]:
    db.session.expire_all()
    field = db.session.get(GoldenRecord, profile_id).fields["birth_date"]
    return field["value"], field["rule"]

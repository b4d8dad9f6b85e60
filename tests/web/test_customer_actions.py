"""Bulk actions in the browser: told before the press, done at once or by the worker, undone from the toast and the page."""

from __future__ import annotations

from typing import Any

import pytest

from crm360.accounts.models import AuditEntry, Staff
from crm360.flows import bulk_actions
from crm360.jobs import act_on_customers
from crm360.jobs.schedule import JOBS
from crm360.kernel.db import db
from crm360.lists import deeds
from crm360.lists.models import Action, Target
from crm360.profiles import operations as profiles
from crm360.profiles import queries as tags
from crm360.sales import queries as work
from crm360.sales.models import Task
from crm360.segments import operations as segments
from crm360.segments.models import Member
from tests.pages import Page
from tests.web.conftest import PASSWORD, hire

NEW = "/customers/actions/new"


def press(client: Any, address: str) -> Any:
    """Press the button of the page that tells what would happen."""
    form = client.page(address).form(action="/customers/actions", form_id="press")
    return client.post("/customers/actions", data=form.values | chosen(address))


def chosen(address: str) -> dict[str, Any]:
    """A form's values by name are one each; of those ticked there are several."""
    who = [part.partition("=")[2] for part in address.split("&") if part.startswith("who=")]
    return {"who": who} if who else {}


def test_those_ticked_get_a_tag_and_the_toast_takes_it_back(visit_as: Any, shop: dict[str, int], moment: Any) -> None:
    profiles.set_tag(profile_id=shop["anna"], name="VIP", by="Marta", now=moment)
    client, ids = visit_as("sales"), (shop["anna"], shop["piotr"])
    page = client.page("/customers?sort=name")
    form = page.form(action=NEW)
    assert (form.method, form.values["deed"]) == ("get", deeds.TAG)
    address = f"{NEW}?deed=tag.add&whom=chosen&who={ids[0]}&who={ids[1]}"
    assert "For 2 customers" in client.page(address).text
    page = client.page(f"{address}&do_tag=vip")
    assert "Each gets the tag “VIP”." in page.text
    assert "1 customer changes" in page.text
    assert "1 is so already and stays as it is" in page.text
    answer = press(client, f"{address}&do_tag=vip")
    assert (answer.status_code, answer.location) == (303, "/customers?sort=name")
    assert {number: tags.tags_of(ids)[number] for number in ids} == {each: ["VIP"] for each in ids}
    page = client.page(answer.location)
    assert "1 customer changed, 1 was so already." in page.text
    undo = page.form(action="/undoing")
    client.post(undo.action, data=undo.values)
    assert tags.tags_of(ids) == {shop["anna"]: ["VIP"]}
    trail = db.session.query(AuditEntry).filter(AuditEntry.action.like("bulk_action.%")).order_by(AuditEntry.id).all()
    assert [each.action for each in trail] == ["bulk_action.begun", "bulk_action.undone"]
    assert trail[0].details == {"deed": "tag.add", "said": {"tag": "VIP"}, "customers": 2}


def test_everybody_on_the_list_gets_an_owner_and_past_actions_take_it_back(visit_as: Any, shop: dict[str, int]) -> None:
    client = visit_as("sales")
    me = db.session.query(Staff).filter_by(email="sales@example.com").one().id
    address = f"{NEW}?deed=owner.set&whom=all&city=krakow&do_owner={me}"
    page = client.page(address)
    assert "Marta Zając becomes the owner." in page.text
    answer = press(client, address)
    assert answer.location == "/customers?city=krakow"
    action = db.session.query(Action).one()
    assert (action.asked, action.changed, action.total) == ({"city": "krakow"}, action.total, action.total)
    assert action.total > 1
    assert work.owner_of(shop["anna"]) == (me, "Marta Zając")
    assert "Marta Zając" in client.page(f"/customers/actions/{action.id}").text
    client.submit("/customers/actions", action=f"/customers/actions/{action.id}/undoing")
    page = client.page("/customers/actions")
    assert "was undone" in page.text
    assert [form for form in page.forms if "/undoing" in form.action] == []
    assert work.owner_of(shop["anna"]) is None


def test_a_long_one_is_the_workers_and_can_be_stopped(
    visit_as: Any, shop: dict[str, int], app: Any, moment: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_actions, "BATCH", 3)
    monkeypatch.setattr(act_on_customers, "STEPS", 2)
    client = visit_as("marketing")
    answer = press(client, f"{NEW}?deed=task.add&whom=all&do_title=Call&do_due=2026-12-01")
    action = db.session.query(Action).one()
    assert answer.location == f"/customers/actions/{action.id}"
    assert "0 of " in client.page(answer.location).text
    assert db.session.query(Task).count() == 0
    job = next(each for each in JOBS if each.name == "act on customers")
    assert job.waiting
    assert job.waiting()
    assert act_on_customers.run(limits=app.config["SETTINGS"], now=moment) == 6
    assert "6 of " in client.get(answer.location, headers={"HX-Request": "true"}).get_data(as_text=True)
    client.submit(answer.location, action="/undoing")
    while job.waiting():
        act_on_customers.run(limits=app.config["SETTINGS"], now=moment)
    action = db.session.query(Action).one()
    assert (action.state, action.changed, action.undone, db.session.query(Task).count()) == ("undone", 6, 6, 0)
    assert client.get(answer.location, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"


def test_an_action_that_cannot_go_on_stops_and_says_why(
    visit_as: Any, shop: dict[str, int], app: Any, moment: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_actions, "BATCH", 3)
    press(visit_as("admin"), f"{NEW}?deed=tag.add&whom=all&do_tag=x")
    action = db.session.query(Action).one()
    action.deed, action.said = deeds.ENTER, {"segment_id": 99}
    db.session.commit()
    assert act_on_customers.run(limits=app.config["SETTINGS"], now=moment) == 0
    action = db.session.query(Action).one()
    assert (action.state, action.problem) == ("stopped", "There is no segment 99.")


def test_another_number_than_the_one_confirmed_is_asked_for_again(visit_as: Any, shop: dict[str, int], moment: Any) -> None:  # fmt: skip
    client = visit_as("sales")
    profiles.set_tag(profile_id=shop["anna"], name="VIP", by="Marta", now=moment)
    form = client.page(f"{NEW}?deed=tag.remove&whom=all&tag=vip&do_tag=vip").form(form_id="press")
    profiles.set_tag(profile_id=shop["piotr"], name="VIP", by="Marta", now=moment)
    answer = client.post("/customers/actions", data=form.values)
    page = Page(answer.get_data(as_text=True))
    assert answer.status_code == 409
    assert "it is 2 now" in page.text
    assert page.form(form_id="press").values["expected"] == "2"
    assert db.session.query(Action).count() + db.session.query(Target).count() == 0


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("deed=tag.add&whom=chosen", 200),
        ("deed=tag.add&whom=all&do_tag=" + "x" * 61, 422),
        ("deed=task.add&whom=all&do_title=x&do_due=someday", 422),
        ("deed=erase&whom=all", 422),
        ("deed=segment.add&whom=all&do_segment=7", 404),
    ],
)
def test_what_cannot_be_done_is_told(visit_as: Any, shop: dict[str, int], said: str, status: int) -> None:
    assert visit_as("admin").get(f"{NEW}?{said}").status_code == status


def test_only_whoever_fills_segments_does_it_here(visit_as: Any, shop: dict[str, int], app: Any, moment: Any) -> None:
    segment = segments.create(name="Fair", by="Ola", now=moment).id
    address = f"{NEW}?deed=segment.add&whom=chosen&who={shop['anna']}&do_segment={segment}"
    client = visit_as("sales")
    assert deeds.ENTER not in client.page("/customers?sort=name").html
    assert client.get(address).status_code == 403
    marketer: Any = app.test_client()
    hire("marketing")
    marketer.submit("/sign-in", action="/sign-in", email="marketing@example.com", password=PASSWORD)
    assert press(marketer, address).status_code == 303
    assert [each.profile_id for each in db.session.query(Member)] == [shop["anna"]]
    action = db.session.query(Action).one()
    page = client.page("/customers/actions")
    assert [form for form in page.forms if "/undoing" in form.action] == []
    token = client.page("/customers?sort=name").form(action="/customers/lists").values["csrf_token"]
    assert client.post(f"/customers/actions/{action.id}/undoing", data={"csrf_token": token}).status_code == 403


def test_the_privacy_desk_reads_and_changes_nothing(visit_as: Any, shop: dict[str, int]) -> None:
    client = visit_as("privacy")
    assert 'type="checkbox" name="who"' not in client.page("/customers?sort=name").html
    assert client.page("/customers/actions").text
    assert client.get(f"{NEW}?deed=tag.add&whom=all").status_code == 403


def test_marketing_sees_names_masked_where_they_are_addresses(visit_as: Any, shop: dict[str, int]) -> None:
    client = visit_as("marketing")
    press(client, f"{NEW}?deed=tag.add&whom=all&do_tag=x")
    action = db.session.query(Action).one()
    page = client.page(f"/customers/actions/{action.id}")
    assert "Anna Kowalska" in page.text
    assert "@example.com" not in page.text.replace("marketing@example.com", "")
    seen = db.session.query(AuditEntry).filter_by(action="profiles.listed", subject_kind="bulk_action").one()
    assert shop["anna"] in seen.details["profile_ids"]

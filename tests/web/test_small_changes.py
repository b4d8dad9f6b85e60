"""Notes, tags, preferences, keys, staff and the inbox, through their forms."""

from __future__ import annotations

from datetime import UTC, datetime

from crm360.accounts.models import Key, Staff
from crm360.inbox import operations as inbox
from crm360.inbox.models import Payload
from crm360.kernel.db import db


def test_a_note_is_kept_and_shown(visit_as, shop):
    client = visit_as("sales")
    answer = client.submit(
        f"/customers/{shop['anna']}/more", action="/notes", body="Prefers <b>mornings</b>.\nCall first."
    )
    assert answer.status_code == 303
    html = client.get(f"/customers/{shop['anna']}/more").get_data(as_text=True)
    assert "Prefers &lt;b&gt;mornings" in html
    assert "Marta Zając" in html


def test_a_tag_is_put_on_and_taken_off_in_place(visit_as, shop):
    client = visit_as("sales")
    path, fragment = f"/customers/{shop['anna']}", {"HX-Request": "true"}
    token = client.page(path).form(action="/tags").values["csrf_token"]
    added = client.post(f"{path}/tags", data={"csrf_token": token, "name": "Designer"}, headers=fragment)
    assert "Designer" in added.get_data(as_text=True)
    assert 'id="tags"' in added.get_data(as_text=True)
    removed = client.post(f"{path}/tags/removal", data={"csrf_token": token, "name": "Designer"}, headers=fragment)
    assert "Designer" not in removed.get_data(as_text=True)


def test_language_and_theme_stay_with_the_person(visit_as):
    client = visit_as("sales")
    token = client.page("/").form(action="/sign-out").values["csrf_token"]
    assert (
        client.post("/preferences", data={"csrf_token": token, "locale": "pl", "back": "/customers"}).headers[
            "Location"
        ]
        == "/customers"
    )
    client.post("/preferences", data={"csrf_token": token, "theme": "dark"})
    html = client.get("/").get_data(as_text=True)
    assert '<html lang="pl" data-theme="dark"' in html
    assert "Kogo szukasz?" in html
    marta = db.session.query(Staff).filter_by(email="sales@example.com").one()
    assert (marta.locale, marta.theme) == ("pl", "dark")


def test_the_browsers_language_is_spoken_before_one_is_chosen(client, app):
    assert "Zaloguj się" in client.get("/sign-in", headers={"Accept-Language": "pl-PL,pl;q=0.9"}).get_data(as_text=True)
    assert "Sign in" in client.get("/sign-in", headers={"Accept-Language": "de"}).get_data(as_text=True)


def test_a_key_is_shown_once_and_can_be_revoked(visit_as):
    client = visit_as("admin")
    html = client.submit("/admin/keys", action="/admin/keys", name="website", kind="write").get_data(as_text=True)
    key = db.session.query(Key).one()
    assert 'class="secret">wk_' in html
    assert 'class="secret"' not in client.get("/admin/keys").get_data(as_text=True)
    client.submit("/admin/keys", action=f"/admin/keys/{key.id}/revocation")
    assert db.session.get(Key, key.id).revoked_at is not None


def test_a_colleague_is_added_or_told_why_not(visit_as):
    client = visit_as("admin")
    wanted = {"email": "new@example.com", "name": "Nina", "role": "sales"}
    refused = client.submit("/admin/staff", form_id="add-staff", **wanted, password="short")
    assert refused.status_code == 422
    assert 'value="new@example.com"' in refused.get_data(as_text=True)
    assert (
        client.submit("/admin/staff", form_id="add-staff", **wanted, password="a long enough password").status_code
        == 303
    )
    nina = db.session.query(Staff).filter_by(email="new@example.com").one()
    assert client.submit("/admin/staff", action=f"/admin/staff/{nina.id}/disabling").status_code == 303
    assert db.session.get(Staff, nina.id).disabled_at is not None


def test_nobody_shuts_out_themselves(visit_as):
    client = visit_as("admin")
    token = client.page("/admin/staff").forms[0].values["csrf_token"]
    own = db.session.query(Staff).filter_by(email="admin@example.com").one().id
    assert client.post(f"/admin/staff/{own}/disabling", data={"csrf_token": token}).status_code == 409


def test_an_unreadable_payload_is_shown_with_its_reason_and_tried_again(visit_as):
    now = datetime.now(UTC)
    source = inbox.ensure_source(name="till file", channel="pos_csv", now=now)
    item = inbox.NewPayload("k1", b"{broken <b>", {})
    inbox.keep_unreadable(source_id=source.id, channel="pos_csv", item=item, reason="This is no table.", now=now)
    payload_id = db.session.query(Payload).one().id
    client = visit_as("admin")
    assert "This is no table." in client.page("/admin/inbox").text
    assert "{broken &lt;b&gt;" in client.get(f"/admin/inbox/{payload_id}?reveal=1").get_data(as_text=True)
    assert client.submit(f"/admin/inbox/{payload_id}", action="/replays", id=str(payload_id)).status_code == 303
    assert db.session.get(Payload, payload_id).state == "waiting"


def test_the_audit_trail_tells_who_opened_whom(visit_as, shop):
    client = visit_as("privacy")
    client.get(f"/customers/{shop['anna']}")
    assert "opened a customer" in client.page(f"/audit?profile={shop['anna']}").text

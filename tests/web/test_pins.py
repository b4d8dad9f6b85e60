"""Pinning the right value of a field, with script and without."""

from __future__ import annotations

from crm360.accounts.models import AuditEntry
from crm360.kernel.db import db

FRAGMENT = {"HX-Request": "true"}


def test_a_value_is_typed_pinned_and_unpinned_without_script(visit_as, shop):
    client, path = visit_as("sales"), f"/customers/{shop['anna']}"
    pinned = client.submit(f"{path}/fields/city", action="/pins", typed="Wieliczka")
    assert (pinned.status_code, pinned.headers["Location"]) == (303, f"{path}#details")
    page = client.page(path)
    assert "Wieliczka" in page.text
    assert "pinned by Marta Zając" in page.text
    assert client.submit(f"{path}/fields/city", action="/removal").status_code == 303
    assert "pinned by" not in client.page(path).text
    acts = db.session.query(AuditEntry).filter(AuditEntry.action.like("field.%")).order_by(AuditEntry.id).all()
    assert [(act.action, act.subject_id, act.details) for act in acts] == [
        ("field.pinned", shop["anna"], {"field": "city", "value": "Wieliczka"}),
        ("field.unpinned", shop["anna"], {"field": "city"}),
    ]


def test_a_known_value_is_chosen_in_place(visit_as, shop):
    client, path = visit_as("sales"), f"/customers/{shop['anna']}"
    form = client.get(f"{path}/fields/given_name", headers=FRAGMENT).get_data(as_text=True)
    assert "<html" not in form
    assert 'value="Anna"' in form
    assert 'value="Ania"' in form
    token = client.page(path).form(action="/tags").values["csrf_token"]
    chosen = {"csrf_token": token, "value": "Ania", "typed": ""}
    part = client.post(f"{path}/fields/given_name/pins", data=chosen, headers=FRAGMENT).get_data(as_text=True)
    assert 'id="details"' in part
    assert "Ania Kowalska" in part
    assert "Ania Kowalska" in client.page(path).text


def test_nothing_typed_is_refused_and_unknown_fields_are_not_found(visit_as, shop):
    client, path = visit_as("sales"), f"/customers/{shop['anna']}"
    assert client.submit(f"{path}/fields/city", action="/pins", value="", typed=" ").status_code == 422
    assert client.get(f"{path}/fields/nonsense").status_code == 404
    assert client.get("/customers/987654321/fields/city").status_code == 404


def test_who_may_not_write_sees_no_pin(visit_as, shop):
    client, path = visit_as("privacy"), f"/customers/{shop['anna']}"
    assert "/fields/" not in client.get(path).get_data(as_text=True)
    assert client.get(f"{path}/fields/city").status_code == 403

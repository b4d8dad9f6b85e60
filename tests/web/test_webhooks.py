"""The administrator's pages of outgoing webhooks, without script."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from standardwebhooks import Webhook

from crm360.accounts import audit
from crm360.jobs import webhooks
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.webhooks import kinds, operations, queries
from crm360.webhooks.kinds import Happened
from crm360.webhooks.outbox import record
from tests import peers
from tests.peers import Answer

Visit = Callable[[str], Any]


def secret_on(html: str) -> str:
    found = re.search(r"whsec_[A-Za-z0-9+/=]+", html)
    assert found
    return found.group()


def add(client: Any, url: str, **more: str) -> tuple[int, str]:
    """An endpoint made with the form: its id and its secret."""
    answer = client.submit("/admin/webhooks", action="/admin/webhooks", url=url, **more)
    assert answer.status_code == 200
    return queries.all_endpoints()[-1].id, secret_on(answer.get_data(as_text=True))


def test_an_endpoint_is_added_tested_and_read(app: Any, visit_as: Visit) -> None:
    client = visit_as("admin")
    with peers.listening(Answer(500, {}, b"<b>oops</b>"), Answer(204)) as peer:
        one, secret = add(client, peer.url, description="ERP")
        page = f"/admin/webhooks/{one}"
        assert secret not in client.page(page).text
        answer = client.submit(page, action=f"{page}/tests")
        delivery = answer.location
        assert "under way" in client.page(delivery).text
        webhooks.courier(app).deliver_all()
        shown = client.page(delivery)
        assert "HTTP 500" in shown.text
        assert "<b>oops</b>" in shown.text
        client.submit(delivery, action=f"{delivery}/redelivery")
        webhooks.courier(app).deliver_all()
        assert "arrived" in client.page(delivery).text
        Webhook(secret).verify(peer.heard[0].body, dict(peer.heard[0].headers))
    part = client.get(delivery, headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "<html" not in part
    assert "hx-get" not in part  # settled: nobody asks again
    assert "ERP" in client.page("/admin/webhooks").text


def test_a_secret_is_rotated_and_an_endpoint_paused_resumed_removed(app: Any, visit_as: Visit) -> None:
    client = visit_as("admin")
    one, secret = add(client, "https://erp.example/", which="some", kind=kinds.ERASED)
    page = f"/admin/webhooks/{one}"
    assert queries.get_endpoint(one).kinds == [kinds.ERASED]
    rotated = client.submit(page, action=f"{page}/secrets").get_data(as_text=True)
    assert secret_on(rotated) != secret
    assert "the secret from before signs too" in client.page(page).text
    client.submit(page, action=f"{page}/pause")
    assert "Paused" in client.page(page).text
    client.submit(page, action=f"{page}/resumption")
    assert "Paused" not in client.page(page).text
    assert client.submit(page, action=f"{page}/removal").location == "/admin/webhooks"
    assert client.get(page).status_code == 404
    steps = [entry.action for entry in reversed(audit.entries_of("webhook", one))]
    assert steps == [f"webhook.{step}" for step in ("created", "rotated", "paused", "resumed", "removed")]


def test_the_log_is_filtered_and_what_was_given_up_is_sent_again(app: Any, visit_as: Visit, shop: Any) -> None:
    client = visit_as("admin")
    one, _ = add(client, "https://erp.example/")
    record(events=[Happened(kinds.CREATED, shop["anna"]), Happened(kinds.ERASED, shop["piotr"])], now=clock.now())
    session = db.session
    session.execute(queries.Delivery.__table__.update().values(state="given_up"))
    page = f"/admin/webhooks/{one}"
    assert f"#{shop['anna']}" in client.page(page).text
    assert f"#{shop['anna']}" not in client.page(f"{page}?kind={kinds.ERASED}").text
    assert "Nothing sent yet" in client.page(f"{page}?state=delivered").text
    client.submit(page, action=f"{page}/redeliveries", days="3")
    assert queries.figures(now=clock.now())[one].waiting == 2


def test_a_paused_endpoint_is_seen_on_every_page(app: Any, visit_as: Visit) -> None:
    client = visit_as("admin")
    one, _ = add(client, "https://erp.example/")
    operations.pause(endpoint_id=one, by="crm360", reason="failing", now=clock.now())
    assert "Webhooks1" in client.page("/").text
    assert "nothing arrived for five days" in client.page(f"/admin/webhooks/{one}").text


def test_nonsense_is_said_beside_the_form_and_kept(app: Any, visit_as: Visit) -> None:
    client = visit_as("admin")
    answer = client.submit(
        "/admin/webhooks", action="/admin/webhooks", url="https://a:b@erp.example/", description="ERP"
    )
    html = answer.get_data(as_text=True)
    assert (answer.status_code, "without a name or password" in html) == (422, True)
    assert 'value="ERP"' in html
    assert queries.all_endpoints() == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", ["sales", "marketing", "privacy"])
def test_only_administrators_come_in(app: Any, visit_as: Visit, role: str) -> None:
    client = visit_as(role)
    assert client.get("/admin/webhooks").status_code == 403
    assert "/admin/webhooks" not in client.page("/").html

"""The administrator's sources, without script: adding, secrets, trying out, pausing, what arrives, quarantine."""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask_babel import force_locale, gettext
from sqlalchemy import func, select

from crm360.accounts import audit
from crm360.flows import receive
from crm360.identity.models import Contact
from crm360.inbox import operations as inbox
from crm360.inbox import queries
from crm360.inbox.models import Payload
from crm360.inbox.operations import NewPayload
from crm360.intake import write_keys
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.sources import registry

Visit = Callable[[str], Any]
ANNA = {"type": "identify", "userId": "77", "messageId": "m-77", "timestamp": "2026-03-02T10:00:00Z",
        "traits": {"email": "zofia.lis@example.com", "name": "Zofia Lis", "phone": "+48602555999"}}  # fmt: skip


def add(client: Any, channel: str, name: str, **told: str) -> tuple[int, str]:
    """A source made with the form: its id and the page that came back."""
    path = f"/admin/sources/new/{channel}"
    answer = client.submit(path, action=path, name=name, **told)
    assert answer.status_code == 200, answer.get_data(as_text=True)[:3000]
    return queries.get_source(name).id, html.unescape(answer.get_data(as_text=True))


def keep(name: str, *bodies: bytes, channel: str = "tracking", minutes: float = 0) -> list[int]:
    """Payloads kept so long ago; their ids."""
    at = clock.now() - timedelta(minutes=minutes)
    source = inbox.ensure_source(name=name, channel=channel, now=at)
    items = [NewPayload(inbox.content_key(body), body) for body in bodies]
    inbox.keep(source_id=source.id, channel=channel, items=items, now=at)
    db.session.commit()
    return list(db.session.scalars(select(Payload.id).where(Payload.source_id == source.id).order_by(Payload.id)))


def count(model: Any) -> int:
    return int(db.session.scalar(select(func.count()).select_from(model)) or 0)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_channel_has_a_form_made_from_what_it_declares(app: Any, visit_as: Visit) -> None:
    client = visit_as("admin")
    listed = client.page("/admin/sources/new").text
    made = {"secret": "hunter2!", "url": "https://x.example", "number": "3", "email": "a@b.pl", "text": "Europe/Warsaw"}
    for channel, about in registry.channels().items():
        assert about.label in listed
        page = client.page(f"/admin/sources/new/{channel}")
        for setting in about.settings:
            assert f'name="set-{setting.name}"' in page.html
        given = {
            f"set-{each.name}": each.default or (each.choices or [made.get(each.kind, "x")])[0]
            for each in about.settings
        }
        one, shown = add(client, channel, f"my {channel}", **given)
        assert "hunter2!" not in client.page(f"/admin/sources/{one}").html
        if about.hook:
            assert f"/hooks/{channel}/my%20{channel}" in shown
        assert [entry.action for entry in audit.entries_of("source", one)] == ["source.created"]


def test_a_shops_secret_is_pasted_and_rotated_and_both_are_taken(app: Any, visit_as: Visit) -> None:
    client = visit_as("admin")
    one, _ = add(client, "shopify", "shop", secret="first-secret")

    def deliver(secret: str, number: int) -> int:
        body = json.dumps({"id": number, "email": "z@example.com"}).encode()
        signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
        headers = {"X-Shopify-Topic": "customers/create", "X-Shopify-Hmac-Sha256": signature}
        return int(client.post("/hooks/shopify/shop", data=body, headers=headers).status_code)

    assert deliver("first-secret", 1) == 200
    page = f"/admin/sources/{one}"
    assert client.submit(page, action=f"{page}/secrets", secret="").status_code == 422
    answer = client.submit(page, action=f"{page}/secrets", secret="second-secret")
    assert "second-secret" not in answer.get_data(as_text=True)
    assert (deliver("first-secret", 2), deliver("second-secret", 3), deliver("third", 4)) == (200, 200, 401)
    client.submit(page, action=f"{page}/pause")
    assert deliver("second-secret", 5) == 503
    client.submit(page, action=f"{page}/resumption")
    assert deliver("second-secret", 5) == 200
    assert "Remove this source" not in client.page(page).text
    with pytest.raises(inbox.SourceInUse):
        inbox.remove_source(name="shop")


def test_a_secret_in_the_address_is_shown_once(app: Any, visit_as: Visit) -> None:
    client = visit_as("admin")
    one, shown = add(client, "chatwoot", "chat")
    secret = queries.get_source("chat").secret
    assert f"/hooks/chatwoot/chat/{secret}" in shown
    page = client.page(f"/admin/sources/{one}")
    assert secret not in page.html
    assert "/hooks/chatwoot/chat/••••" in page.text
    rotated = client.submit(f"/admin/sources/{one}", action=f"/admin/sources/{one}/secrets").get_data(as_text=True)
    assert queries.get_source("chat").secret in rotated
    assert queries.get_source("chat").secret != secret
    assert "secret from before are taken until" in client.page(f"/admin/sources/{one}").text


def test_a_site_gets_a_write_key_and_a_snippet_that_work(app: Any, visit_as: Visit) -> None:
    client = visit_as("admin")
    one, shown = add(client, "tracking", "site")
    key = re.search(r'_writeKey="(wk_[\w-]+)"', shown)
    assert key
    answer = client.post("/v1/identify", json=ANNA, headers={"X-Write-Key": key[1]})
    assert answer.status_code == 200
    assert [each.source_id for each in db.session.scalars(select(Payload))] == [one]
    page = client.page(f"/admin/sources/{one}")
    assert key[1] not in page.html
    assert 'WRITE_KEY"' in html.unescape(page.html)


def test_the_list_says_what_arrives(app: Any, visit_as: Visit) -> None:
    client = visit_as("admin")
    keep("web", *[json.dumps({"n": n}).encode() for n in range(3)], minutes=5)
    keep("till", b'{"a":1}', channel="pos_csv", minutes=60 * 30)
    (bad, *_) = keep("broken", b"no json", minutes=1)
    receive.process(queries.waiting(limit=10), now=clock.now())
    db.session.commit()
    text = " ".join(client.page("/admin/sources").text.split())
    assert re.search(r"webWebsite or app 5 minutes ago 33 3 3 on", text)
    assert re.search(r"tillReceipts of a till 1 day ago 00 0 ", text)
    assert bad


def test_what_arrives_is_masked_and_revealed_only_on_the_record(app: Any, visit_as: Visit) -> None:
    client = visit_as("admin")
    (one,) = keep("web", json.dumps(ANNA).encode())
    inbox.quarantine(payload_id=one, reason="'zofia.lis@example.com, 602555999' is no identify call.", now=clock.now())
    for path in (
        "/admin/inbox",
        "/admin/sources/tail",
        f"/admin/sources/{queries.get_source('web').id}",
        f"/admin/inbox/{one}",
    ):
        page = client.page(path)
        for secret in ("zofia", "Zofia", "Lis", "602555999"):
            assert secret not in page.text, path
        assert "identify" in page.text
    shown = client.page(f"/admin/inbox/{one}?reveal=1")
    assert "zofia.lis@example.com" in shown.text
    assert [entry.action for entry in audit.entries_of("payload", one)] == ["payload.revealed"]
    part = client.get("/admin/sources/tail", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "<html" not in part
    assert "every 2s" in part
    assert "Nothing came yet" not in part


def test_a_trial_shows_what_would_become_and_keeps_nothing(app: Any, visit_as: Visit, shop: Any) -> None:
    client = visit_as("admin")
    (first,) = keep("web", json.dumps(ANNA).encode())
    before = (count(Contact), count(Payload))
    page = f"/admin/sources/{queries.get_source('web').id}"
    shown = client.submit(page, action=f"{page}/tests").get_data(as_text=True)
    assert "A customer" in shown
    assert "and 1 new one. Nothing was kept." in shown
    assert "zofia" not in shown
    assert (count(Contact), count(Payload)) == before
    receive.process(queries.waiting(limit=10), now=clock.now())
    db.session.commit()
    shown = client.submit(page, action=f"{page}/tests").get_data(as_text=True)
    assert "about 1 known customer" in shown
    refused = client.submit(page, action=f"{page}/tests", body="[1, 2").get_data(as_text=True)
    assert "It would wait in quarantine" in refused
    assert first


def test_a_trial_of_a_webhook_is_signed_as_its_vendor_signs(app: Any, visit_as: Visit) -> None:
    client = visit_as("admin")
    before = count(Payload)
    for channel, given, said in (
        ("stripe", {"secret": "whsec_right"}, "Signed with this source's secret"),
        ("brevo", {}, "The address proves who sends"),
        ("sendgrid", {"secret": "a public key"}, "Only the vendor can sign this"),
        ("resend", {"secret": "no key in it!"}, "cannot sign. Paste"),
    ):
        number, _ = add(client, channel, channel, **given)
        page = f"/admin/sources/{number}"
        shown = client.submit(page, action=f"{page}/tests").get_data(as_text=True)
        assert said in html.unescape(shown), channel
    assert count(Payload) == before


def test_refused_deliveries_show_on_their_source(app: Any, visit_as: Visit) -> None:
    client = visit_as("admin")
    number, _ = add(client, "stripe", "stripe", secret="whsec_right")
    assert "refused" not in client.page(f"/admin/sources/{number}").text
    sent = [client.post("/hooks/stripe/stripe", data=b"{}", headers={"Stripe-Signature": "t=1,v1=0"}) for _ in range(3)]
    assert {each.status_code for each in sent} == {401}
    assert "3 deliveries were refused on" in client.page(f"/admin/sources/{number}").text
    assert client.post("/hooks/stripe/another", data=b"{}").status_code == 401


def test_a_sites_key_is_put_off_while_its_source_is_paused(app: Any, visit_as: Visit) -> None:
    client = visit_as("admin")
    number, shown = add(client, "tracking", "shop-site")
    key = re.search(r'_writeKey="(wk_[\w-]+)"', shown)
    assert key
    event = {"type": "track", "event": "Seen", "userId": "7", "messageId": "m-1", "writeKey": key[1]}
    page = f"/admin/sources/{number}"
    for action, status in (("pause", 503), ("resumption", 200)):
        client.submit(page, action=f"{page}/{action}")
        write_keys.forget()
        assert client.post("/v1/track", json=event).status_code == status, action
    assert count(Payload) == 1


def test_quarantine_is_on_the_sources_page_and_replayed_from_there(app: Any, visit_as: Visit) -> None:
    client = visit_as("admin")
    keep("web", b'{"type": "nonsense"}', b"{}")
    receive.process(queries.waiting(limit=10), now=clock.now())
    db.session.commit()
    page = f"/admin/sources/{queries.get_source('web').id}"
    assert "In quarantine2" in "".join(client.page(page).text.split("\n")).replace("  ", "")
    answer = client.submit(page, action="/admin/inbox/replays")
    assert answer.location == page
    assert queries.counts().waiting == 2


def test_a_source_that_never_sent_anything_can_be_removed(app: Any, visit_as: Visit) -> None:
    client = visit_as("admin")
    one, _ = add(client, "chatwoot", "chat")
    page = f"/admin/sources/{one}"
    assert client.submit(page, action=f"{page}/removal").location == "/admin/sources"
    assert client.get(page).status_code == 404


def test_faults_of_a_form_stand_beside_their_fields(app: Any, visit_as: Visit) -> None:
    client = visit_as("admin")
    path = "/admin/sources/new/woocommerce"
    answer = client.submit(path, action=path, name="a/b", **{"set-url": "shop"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "must start with https://" in html.unescape(text) or "without a slash" in text
    assert count(Payload) == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", ["sales", "marketing", "privacy"])
def test_only_administrators_come_in(app: Any, visit_as: Visit, role: str) -> None:
    client = visit_as(role)
    for path in ("/admin/sources", "/admin/sources/new", "/admin/sources/tail"):
        assert client.get(path).status_code == 403


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_channels_declare_has_polish_words(app: Any, root: Path) -> None:
    """A word that is the same in both languages (a name, an address) says nothing; a sentence must be translated."""
    with app.test_request_context(), force_locale("pl"):
        said = {text for about in registry.channels().values() for text in about.setup}
        said |= {setting.help for about in registry.channels().values() for setting in about.settings}
        assert [text for text in said if " " in text and gettext(text) == text] == []

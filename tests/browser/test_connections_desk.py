"""An administrator connects a site, watches what arrives and tells another system, by keyboard and without a fault of access."""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from crm360.accounts import operations as accounts
from crm360.app import create_app
from crm360.kernel.db import db
from tests import peers, processes
from tests.browser.conftest import arrived
from tests.browser.test_sales_desk import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture
def server(tmp_path: Path) -> Iterator[processes.RunningServer]:
    instance = processes.Instance(tmp_path, f"sqlite:///{tmp_path / 'connections.sqlite3'}").migrate()
    app = create_app(instance.settings())
    with app.app_context():
        now = datetime.now(UTC)
        accounts.create_staff(email="ewa@example.com", role="admin", password=PASSWORD, name="Ewa Sowa", now=now)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    with processes.running(instance) as started:
        yield started


def sign_in(page: Page, then: str) -> None:
    page.goto(f"/sign-in?next={then}")
    page.get_by_label("E-mail").fill("ewa@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    arrived(page, then)  # the page before is idle, too
    page.wait_for_load_state("networkidle")


def look(page: Page, name: str) -> None:
    """Screenshots for people, when a folder is named: both widths, light and dark."""
    if folder := os.environ.get("SCREENSHOTS"):
        for width in (1440, 390):
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                page.set_viewport_size({"width": width, "height": 900})
                page.screenshot(path=f"{folder}/{name}-{width}-{scheme}.png", full_page=True)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1440, "height": 900})


def send(url: str, key: str, number: int) -> None:
    body = {
        "type": "identify",
        "userId": f"u{number}",
        "messageId": f"m{number}",
        "traits": {"name": "Zofia Lis", "email": f"z{number}@example.com"},
    }
    call = urllib.request.Request(
        f"{url}/v1/identify", json.dumps(body).encode(), {"X-Write-Key": key, "Content-Type": "application/json"}
    )
    with urllib.request.urlopen(call, timeout=90) as answer:
        assert answer.status == 200


def test_a_site_is_connected_and_what_arrives_is_watched(
    page: Page, server: processes.RunningServer, axe: Callable[[Page], None]
):
    sign_in(page, "/admin/sources")
    axe(page)
    page.get_by_role("link", name="Add a source").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Add a source")).to_be_visible()
    axe(page)
    look(page, "channels")
    page.get_by_role("link", name="Website or app").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Name").fill("site")
    axe(page)
    page.keyboard.press("Enter")
    key = page.get_by_label("write key", exact=True).inner_text()
    assert key.startswith("wk_")
    axe(page)
    look(page, "site")
    page.goto("/admin/sources/tail")
    for number in range(3):
        send(server.url, key, number)
    expect(page.locator(".arrival")).to_have_count(3)
    expect(page.locator("#arrivals")).not_to_contain_text("Zofia")
    axe(page)
    look(page, "tail")
    page.goto("/admin/sources")
    expect(page.get_by_role("row", name="site")).to_contain_text("3")
    axe(page)
    look(page, "sources")
    page.get_by_role("link", name="site", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Send a test").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing was kept.").first).to_be_visible()
    axe(page)
    look(page, "trial")
    page.goto("/admin/sources/new/woocommerce")
    axe(page)
    look(page, "form")


def test_another_system_is_told(page: Page, axe: Callable[[Page], None]):
    with peers.listening(peers.Answer(500, {}, b"not now"), peers.Answer(204)) as peer:
        sign_in(page, "/admin/webhooks")
        axe(page)
        page.get_by_label("Address").fill(f"{peer.url}/crm")
        page.get_by_label("Description").fill("ERP")
        page.keyboard.press("Enter")
        expect(page.locator(".secret")).to_contain_text("whsec_")
        axe(page)
        page.get_by_role("button", name="Send a test").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("HTTP 500")).to_be_visible()  # the page asks again by itself
        expect(page.locator(".badge.is-good", has_text="arrived")).to_be_visible()  # after five seconds
        axe(page)
        look(page, "delivery")
        page.get_by_role("link", name="ERP").click()
        axe(page)
        look(page, "webhook")
        page.goto("/admin/webhooks")
        axe(page)
        look(page, "webhooks")
    assert [heard.path for heard in peer.heard] == ["/crm", "/crm"]

"""The list of privacy requests in a real browser: wide and narrow, light and dark, without a barrier."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from crm360.accounts import operations as accounts
from crm360.app import create_app
from crm360.facts import ContactRef, Identifier, PrivacyRequested, Received
from crm360.kernel.db import db
from crm360.privacy import operations as privacy
from tests import processes
from tests.browser.test_marketing_desk import by_keyboard
from tests.browser.test_sales_desk import PASSWORD
from tests.web import scene

pytestmark = pytest.mark.browser


@pytest.fixture
def server(tmp_path: Path) -> Iterator[processes.RunningServer]:
    instance = processes.Instance(tmp_path, f"sqlite:///{tmp_path / 'privacy.sqlite3'}").migrate()
    app = create_app(instance.settings())
    with app.app_context():
        now = datetime.now(UTC)
        accounts.create_staff(email="jan@example.com", role="privacy", password=PASSWORD, name="Jan Maj", now=now)
        scene.furnish(now)
        mask = Identifier("email", "nieznana.osoba.o.bardzo.dlugim.adresie@poczta.example.com")
        asked = [
            PrivacyRequested(source="sklep", right="access", request_id="data_request:9001", occurred_at=now - timedelta(days=40), identifiers=(mask,)),
            PrivacyRequested(source="sklep", right="erasure", request_id="customers/redact:w-17", occurred_at=now - timedelta(days=3), about=ContactRef("x", "customer:0"), identifiers=(Identifier("email", "anna.kowalska@example.com"),)),
            PrivacyRequested(source="sklep", right="shop_erasure", request_id="shop/redact:w-18", occurred_at=now, details={"shop_domain": "sklep.myshopify.com"}),
        ]  # fmt: skip
        privacy.open_cases(received=[Received(None, None, fact) for fact in asked], now=now)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    with processes.running(instance) as started:
        yield started


def test_the_list_of_requests(page: Page, axe: Callable[[Page], None]) -> None:
    page.goto("/sign-in?next=/privacy/cases")
    page.get_by_label("E-mail").fill("jan@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Privacy requests")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("overdue")
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            axe(page)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            if folder := os.environ.get("SCREENSHOTS"):
                page.screenshot(path=f"{folder}/privacy-{width}-{scheme}.png")

    page.set_viewport_size({"width": 1440, "height": 900})
    by_keyboard(page, rows.nth(1).get_by_role("link").first)
    expect(page.get_by_role("button", name="Grant")).to_be_disabled()
    by_keyboard(page, page.get_by_role("button", name="Seen in person"))
    expect(page.get_by_text("Shown:")).to_be_visible()
    expect(page.get_by_role("button", name="Grant")).to_be_enabled()


def test_a_customer_is_named_by_typing(page: Page, axe: Callable[[Page], None]) -> None:
    """In the form for a request that came otherwise, on a phone, without a mouse: typed, chosen from the list, opened."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/sign-in?next=/privacy/cases/new")
    page.get_by_label("E-mail").fill("jan@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    field = page.get_by_label("Customer", exact=True)
    with page.expect_request("**/customers/picks?*wis*") as asked:
        by_keyboard(page, field, press="")
        page.keyboard.type("wis")
    assert "csrf" not in asked.value.url
    options = page.locator(".seek-field").get_by_role("option")
    expect(options.first).to_contain_text("Piotr Wiśniewski")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/pick-390.png")
    page.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", re.compile("customer-option-"))
    page.keyboard.press("Enter")
    expect(field).to_have_value(re.compile(r"^#\d+ Piotr Wiśniewski$"))
    expect(options).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_text("A request that came otherwise")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Piotr Wiśniewski")).to_be_visible()

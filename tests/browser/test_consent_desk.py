"""Writing consents down, and purposes with their texts, in a real browser: wide and narrow, without a barrier."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from crm360.accounts import operations as accounts
from crm360.app import create_app
from crm360.consents import defining, stopping
from crm360.identity.models import Contact
from crm360.kernel.db import db
from tests import processes
from tests.browser.test_sales_desk import PASSWORD
from tests.web import scene

pytestmark = pytest.mark.browser


@pytest.fixture
def server(tmp_path: Path) -> Iterator[processes.RunningServer]:
    instance = processes.Instance(tmp_path, f"sqlite:///{tmp_path / 'consents.sqlite3'}").migrate()
    app = create_app(instance.settings())
    with app.app_context():
        now = datetime.now(UTC)
        accounts.create_staff(email="jan@example.com", role="privacy", password=PASSWORD, name="Jan Maj", now=now)
        scene.furnish(now)
        defining.publish_notice(
            code="newsletter", texts={"en": "I want the newsletter by e-mail.", "pl": "Chcę newsletter e-mailem."},
            purposes=["newsletter"], about={"controller": "Lipowa sp. z o.o."}, effective_from=now, by="Jan Maj", now=now,
        )  # fmt: skip
        anna = db.session.query(Contact).filter_by(external_id="8812").one()
        stopping.place(
            contact_ids=[anna.id], kind="objection_marketing", since=now, ground="said so on the phone", by="Jan Maj", now=now
        )  # fmt: skip
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    with processes.running(instance) as running:
        yield running


def test_pages_of_consents(page: Page, axe: Callable[[Page], None]) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill("jan@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    for name, path in (
        ("purposes", "/privacy/purposes"), ("purpose", "/privacy/purposes/newsletter"),
        ("notice", "/privacy/notices/newsletter"), ("permissions", "/customers/1/permissions"),
    ):  # fmt: skip
        for width, scheme in ((1440, "light"), (390, "dark")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            page.goto(path)
            axe(page)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} is too wide"
            if folder := os.environ.get("SCREENSHOTS"):
                page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
    page.get_by_label("Their words").fill("Not any more, please")
    page.get_by_role("button", name="Write down").click()
    expect(page.locator("#toasts")).to_contain_text("Saved")

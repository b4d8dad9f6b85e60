"""The insights in a real browser: from how customers are doing to the customers behind a figure, without a barrier."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from crm360.accounts import operations as accounts
from crm360.app import create_app
from crm360.commerce import operations, value_fits, valuing
from crm360.insights import figures, promises
from crm360.insights.opening import Opening
from crm360.kernel.db import db
from tests import processes
from tests.browser.test_sales_desk import PASSWORD
from tests.web import scene

pytestmark = pytest.mark.browser
PAGES = ("", "/loyalty", "/rfm", "/service", "/journeys", "/report")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[processes.RunningServer]:
    instance = processes.Instance(tmp_path, f"sqlite:///{tmp_path / 'insights.sqlite3'}").migrate()
    app = create_app(instance.settings())
    with app.app_context():
        now = datetime.now(UTC)
        accounts.create_staff(email="ewa@example.com", role="admin", password=PASSWORD, name="Ewa Sowa", now=now)
        scene.furnish(now)
        operations.abandon_carts(rest=timedelta(minutes=1), now=now)
        value_fits.keep(value_fits.learn(now=now))
        while valuing.work_off(now=now):
            pass
        terms = figures.Terms(Opening(), {"": promises.USUAL})
        figures.keep(figures.computed(terms=terms, now=now), now=now)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    with processes.running(instance) as started:
        yield started


def test_from_a_figure_to_its_customers(page: Page, axe: Callable[[Page], None]) -> None:
    page.goto("/sign-in?next=/insights")
    page.get_by_label("E-mail").fill("ewa@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("How customers are doing")
    for width, scheme in ((1440, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        for path in PAGES:
            page.goto(f"/insights{path}")
            axe(page)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
            if folder := os.environ.get("SCREENSHOTS"):
                page.screenshot(path=f"{folder}/insights{path.replace('/', '-')}-{width}-{scheme}.png", full_page=True)
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    page.goto("/insights")
    page.get_by_role("link", name="Customers who bought").click()
    page.wait_for_url("**/insights/*")
    page.locator("tbody a").first.click()
    page.wait_for_url("**/customers/*")
    page.wait_for_load_state("networkidle")  # the lazy part may still take the place of what is pressed
    prospects = page.locator("section", has=page.get_by_role("heading", name="Prospects"))
    prospects.get_by_text("How these numbers come about").click()
    expect(prospects.get_by_text("Counted")).to_be_visible()
    axe(page)

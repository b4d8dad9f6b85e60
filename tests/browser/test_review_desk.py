"""A sales rep resolves possible duplicates by keyboard alone, takes one decision back, and reads why a pair is alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, Page, expect

from crm360.accounts import operations as accounts
from crm360.app import create_app
from crm360.kernel.db import db
from tests import processes
from tests.browser.test_sales_desk import PASSWORD
from tests.web import scene

pytestmark = pytest.mark.browser
PAIRS = 12


@pytest.fixture
def server(tmp_path, plain_model) -> Iterator[processes.RunningServer]:
    instance = processes.Instance(tmp_path, f"sqlite:///{tmp_path / 'reviews.sqlite3'}").migrate()
    app = create_app(instance.settings())
    with app.app_context():
        now = datetime.now(UTC)
        accounts.create_staff(email="marta@example.com", role="sales", password=PASSWORD, name="Marta Zając", now=now)
        scene.look_alikes(now, PAIRS)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    with processes.running(instance) as started:
        yield started


@pytest.fixture
def queue(page: Page) -> Page:
    """Signed in, before the queue."""
    page.goto("/sign-in?next=/duplicates")
    page.get_by_label("E-mail").fill("marta@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(PAIRS)
    page.wait_for_load_state("networkidle")
    return page


def rows(page: Page) -> Locator:
    return page.locator("[data-row]")


def names(row: Locator) -> str:
    return " ".join(row.locator(".review-pair strong").all_inner_texts())


def test_ten_reviews_by_keyboard_and_one_taken_back(queue: Page):
    toasts = queue.locator("#toasts")
    queue.keyboard.press("j")
    expect(rows(queue).first).to_be_focused()
    for number in range(10):
        key, told = (("m", "Merged into one customer."), ("n", "Remembered: these are two people."))[number % 2]
        queue.keyboard.press(key)
        expect(rows(queue)).to_have_count(PAIRS - number - 1)
        expect(rows(queue).first).to_be_focused()
        expect(toasts.get_by_text(told).last).to_be_visible()
    expect(queue.locator("[data-queue-count]")).to_have_text(str(PAIRS - 10))
    expect(toasts.locator("[data-toast]")).to_have_count(3)  # they do not cover the queue
    expect(toasts).to_have_attribute("aria-live", "polite")  # a reader is told each answer
    queue.keyboard.press("u")
    expect(rows(queue)).to_have_count(PAIRS - 9)
    expect(queue.get_by_text("Undone. Everything is back where it belongs.")).to_be_visible()
    back = queue.url.partition("#")[2]
    expect(queue.locator(f"#{back}")).to_be_focused()


def test_walking_and_putting_off(queue: Page):
    for key in ("j", "j", "j", "k"):
        queue.keyboard.press(key)
    second = rows(queue).nth(1)
    expect(second).to_be_focused()
    put_off = second.get_attribute("id")
    queue.keyboard.press("l")
    expect(queue.locator(f"#{put_off}")).to_have_count(0)
    expect(rows(queue).nth(1)).to_be_focused()
    queue.reload()
    expect(rows(queue)).to_have_count(PAIRS - 1)
    queue.get_by_role("link", name="1 put off").click()
    expect(queue.locator(f"#{put_off}")).to_be_visible()


def test_no_key_decides_while_no_pair_has_the_focus(queue: Page):
    for key in ("m", "n", "l", "Enter"):
        queue.keyboard.press(key)
    queue.get_by_label("Agreeing on").focus()
    queue.keyboard.press("m")
    expect(rows(queue)).to_have_count(PAIRS)
    expect(queue).to_have_url(re.compile(r"/duplicates$"))


def test_enter_opens_the_pair_with_its_waterfall(queue: Page, axe: Callable[[Page], None]):
    queue.keyboard.press("j")
    queue.keyboard.press("Enter")
    expect(queue.get_by_role("heading", name="Are these one person?")).to_be_visible()
    drawing = queue.get_by_role("img", name="Match weight in bits, table below")
    expect(drawing).to_be_visible()
    expect(drawing.get_by_text("Given name: the same")).to_be_visible()
    expect(drawing.locator("rect")).to_have_count(5)
    queue.get_by_text("As a table").click()
    expect(queue.get_by_role("row", name=re.compile("First doubt of any pair"))).to_be_visible()
    expect(queue.get_by_text("keeps its number")).to_be_visible()
    axe(queue)
    queue.keyboard.press("m")
    expect(queue.get_by_text("Merged into one customer.")).to_be_visible()


def test_the_last_answer_of_a_page_brings_the_rest(queue: Page):
    queue.goto("/duplicates?reason=family_name")
    queue.wait_for_load_state("networkidle")
    queue.keyboard.press("j")
    for left in range(PAIRS - 1, 0, -1):
        queue.keyboard.press("l")
        expect(rows(queue)).to_have_count(left)
        expect(rows(queue).first).to_be_focused()
    queue.keyboard.press("l")
    expect(queue.get_by_text(re.compile("No pair like that|Nothing to decide"))).to_be_visible()

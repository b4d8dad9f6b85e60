"""The marketer's day in a real browser: a segment, its waterfall, the people behind a number, a message in two languages,
the launch to a real mail server, results, and a customer who unsubscribes.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import Page, Route, expect

from crm360.accounts import operations as accounts
from crm360.app import create_app
from crm360.facts import CartChanged, ConsentStated, ContactRef, ContactSeen, Fact, Identifier
from crm360.kernel.db import db
from tests import processes
from tests.browser.conftest import PATIENCE_MS, sent
from tests.browser.test_sales_desk import PASSWORD
from tests.identity import plain_model
from tests.mail_servers import receiving, sent_through
from tests.processes import wait_until
from tests.web import scene

pytestmark = pytest.mark.browser
SEGMENT = "Added to cart, did not buy"
PEOPLE = (("Zofia", "given"), ("Marek", "given"), ("Olga", "withdrawn"), ("Tomasz", "given"))


class Sink:
    """A mail server that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: dict[str, EmailMessage] = {}
        self.lock = threading.Lock()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        with self.lock:
            self.mails[envelope.rcpt_tos[0]] = cast(
                "EmailMessage", message_from_bytes(envelope.content, policy=policy.default)
            )
        return "250 taken"


@pytest.fixture
def sink() -> Iterator[tuple[Sink, int]]:
    taking = Sink()
    with receiving(taking) as port:
        yield taking, port


@pytest.fixture
def server(tmp_path: Path, sink: tuple[Sink, int]) -> Iterator[processes.RunningServer]:
    mail = sent_through(sink[1]) | {"SHOP_NAME": "Lipowa"}
    instance = processes.Instance(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite3'}", extra=mail).migrate()
    app = create_app(instance.settings())
    with app.app_context(), plain_model.in_force():
        now = datetime.now(UTC)
        accounts.create_staff(email="ola@example.com", role="marketing", password=PASSWORD, name="Ola Nowak", now=now)
        scene.furnish(now)
        scene.tell([fact for name, said in PEOPLE for fact in left_a_cart(name, said, now)], now)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    with processes.running(instance) as started:
        yield started


def left_a_cart(name: str, said: Any, now: datetime) -> Iterator[Fact]:
    ref, email = ContactRef(scene.SHOP, f"id:cart-{name}"), Identifier("email", f"{name.lower()}@example.net")
    fields = {"given_name": name, "family_name": "Koszyk", "city": "Kraków", "country": "PL"}
    yield ContactSeen(ref=ref, occurred_at=now - timedelta(days=30), fields=fields, identifiers=(email,))
    yield CartChanged(ref=ref, action="added", occurred_at=now - timedelta(days=2), product_id="CF-220", sku="CF-220",
                      name="Coffee beans Kolumbia 1 kg", unit_price_minor=8900, currency="PLN", cart_id=f"c-{name}")  # fmt: skip
    yield ConsentStated(ref=ref, identifier=email, purpose="marketing", channel="email", state=said, source=scene.SHOP,
                        occurred_at=now - timedelta(days=20), evidence_grade="A", statement_id=f"m-{name}")  # fmt: skip


def test_a_marketers_day(page: Page, axe: Callable[[Page], None], server: Any, sink: tuple[Sink, int]) -> None:
    taking, _ = sink
    page.emulate_media(reduced_motion="reduce")  # colours are compared at once
    page.goto("/sign-in?next=/segments")
    page.get_by_label("E-mail").fill("ola@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    two_rules(page)
    build_a_segment(page, axe)
    schedule_a_file(page, axe)
    page.goto("/templates/new")
    write_a_message(page, axe)
    plan_a_campaign(page)
    read_the_waterfall(page, axe)
    launch(page, axe)
    wait_until(lambda: len(taking.mails) >= 4, what="four messages")
    assert sorted(taking.mails) == [
        "anna.kowalska@example.com",
        "marek@example.net",
        "tomasz@example.net",
        "zofia@example.net",
    ]
    assert taking.mails["marek@example.net"]["Subject"] == "Marku, Twój koszyk czeka"
    unsubscribe(page, taking.mails["zofia@example.net"])
    watch_results(page, axe)
    see_it_on_the_profile(page)


def two_rules(page: Page) -> None:
    """A segment from nothing by keyboard alone: what was added has the focus, and a change of it keeps the focus."""
    by_keyboard(page, page.get_by_role("link", name="New segment"))
    by_keyboard(page, page.get_by_label("Name", exact=True), press="")
    page.keyboard.type("From Kraków, with an e-mail")
    held: list[Route] = []

    def hold(count: Route) -> None:
        """It is still on its way when a button is pressed."""
        held.append(count)

    page.route("**/segments/draft", hold, times=1)
    with page.expect_request("**/segments/draft"):
        page.keyboard.press("Tab")
    for kind, place in (("Field", "match.of.0"), ("Identifier", "match.of.1")):
        by_keyboard(page, page.locator("[id='match.more']"))
        by_keyboard(page, page.get_by_role("button", name=kind, exact=True))
        card = page.get_by_role("group", name=kind, exact=True)
        expect(card).to_be_focused()
        page.keyboard.press("Tab")
        expect(page.locator(f"select[id^='{place}.']").first).to_be_focused()
    held[0].abort()  # the button's took its place; Playwright keeps what is never answered for good
    field = page.locator("[id='match.of.0.field']")
    by_keyboard(page, field, press="")
    field.select_option(label="City")  # typed, its letters may fall into an exchange of the card each starts
    by_keyboard(page, page.locator("[id='match.of.0.op']"), press="Home")  # is
    by_keyboard(page, page.locator("[id='match.of.0.value']"), press="")
    page.keyboard.type("Kraków")
    page.keyboard.press("Tab")  # the change is counted, and the focus is where it went
    expect(page.locator(".rail-number")).to_contain_text("customers match")
    by_keyboard(page, page.get_by_role("button", name="Save the segment"))
    expect(page.get_by_role("heading", level=1)).to_have_text("From Kraków, with an e-mail")
    page.goto("/segments")


def build_a_segment(page: Page, axe: Callable[[Page], None]) -> None:
    """From the usual one, by keyboard alone; who is behind a number of the waterfall is opened on the way."""
    by_keyboard(page, page.get_by_role("link", name=SEGMENT))
    expect(page.locator(".rail-number")).to_contain_text("5 customers match")
    expect(page.locator(".rail-sentence")).to_contain_text("Added to cart")
    expect(page.locator(".mini-fall")).to_contain_text("Withdrawn or unsubscribed")
    looked_at(page, axe, "builder")
    by_keyboard(page, page.get_by_role("button", name="−1"))
    expect(page.locator("#people")).to_contain_text("Olga")
    by_keyboard(page, page.get_by_role("button", name="Save the segment"))
    expect(page.get_by_role("heading", level=1)).to_have_text(SEGMENT)


def schedule_a_file(page: Page, axe: Callable[[Page], None]) -> None:
    page.goto("/segments")
    page.get_by_role("link", name="Scheduled files").click()
    page.get_by_label("Folder").fill("mailing/carts")
    page.get_by_role("button", name="Schedule it").click()
    expect(page.locator(".step")).to_contain_text("every day at 06:00")
    sent(page, page.get_by_role("button", name=re.compile("Write now")))
    wait_until(lambda: page.reload() and "in its folder" in page.content(), what="the file is written")
    expect(page.locator(".step")).to_contain_text("4 rows, 1 left out")
    looked_at(page, axe, "drops")


def by_keyboard(page: Page, target: Any, press: str = "Enter") -> None:
    """Reach it by the tab key and press a key; what the tab key does not come to fails."""
    for _ in range(120):
        if target.evaluate("each => each === document.activeElement"):
            if press:
                page.keyboard.press(press)
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the tab key does not come to {target}")


def write_a_message(page: Page, axe: Callable[[Page], None]) -> None:
    page.get_by_label("Name", exact=True).fill("Cart reminder")
    for language, subject, html in (
        ("pl", "{% if person.vocative %}{{ person.vocative }}, Twój{% else %}Twój{% endif %} koszyk czeka",
         '<p>{% if person.cart %}{% for each in person.cart %}{{ each.name }}{% endfor %}{% endif %} <a href="https://shop.example/cart">Do koszyka</a></p>'),
        ("en", "Your cart waits", '<p><a href="https://shop.example/cart">To the cart</a></p>'),
    ):  # fmt: skip
        page.locator(f"#{language}-subject").fill(subject)
        page.locator(f"#{language}-html").fill(html)
    page.get_by_role("button", name="Save and preview").click()
    expect(page.locator(".preview")).to_have_count(6)  # three people, two languages
    looked_at(page, axe, "template")


def plan_a_campaign(page: Page) -> None:
    page.get_by_role("link", name="New campaign").click()
    page.get_by_label("Name", exact=True).fill("Carts of the week")
    page.get_by_label("a segment").check()
    page.locator("#segment").select_option(label=SEGMENT)
    page.get_by_role("button", name="See who gets it").click()


def read_the_waterfall(page: Page, axe: Callable[[Page], None]) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text("Carts of the week")
    rows = page.locator(".fall tbody tr")
    expect(rows.first).to_contain_text("5")
    expect(rows.last).to_contain_text("4")
    looked_at(page, axe, "draft")
    page.get_by_role("row", name=re.compile("Withdrawn")).get_by_role("link").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("Olga Koszyk")
    looked_at(page, axe, "people")
    page.go_back()


def launch(page: Page, axe: Callable[[Page], None]) -> None:
    page.get_by_role("link", name="Launch …").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("4 customers get this message")
    looked_at(page, axe, "launch")
    page.get_by_role("button", name="Send to 4 customers now").click()
    expect(page.locator("#progress")).to_be_visible()


def unsubscribe(page: Page, mail: EmailMessage) -> None:
    """As the customer does: in a browser of their own, by the link at the foot of the message."""
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.search(r"Wypisz mnie: (\S+)", body.get_content())
    assert found
    assert page.context.browser is not None
    theirs = page.context.browser.new_context(locale="pl-PL")
    theirs.set_default_timeout(PATIENCE_MS)
    customer = theirs.new_page()
    customer.goto(found[1])
    customer.get_by_role("button", name="Wypisz mnie").click()
    expect(customer.get_by_role("status")).to_be_visible()
    html = mail.get_body(("html",))
    assert html is not None
    link = re.search(r'href="(http[^"]+/c/[^"]+)"', html.get_content())
    assert link
    answer = theirs.request.get(
        link[1], max_redirects=0, headers={"User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/130"}
    )
    assert (answer.status, answer.headers["location"]) == (302, "https://shop.example/cart")
    theirs.close()


def watch_results(page: Page, axe: Callable[[Page], None]) -> None:
    expect(page.locator("#progress")).to_contain_text("4 of 4 settled")
    page.reload()
    whole = page.get_by_role("row", name=re.compile("^All"))
    expect(whole).to_contain_text("4")
    cells = whole.locator("td")
    expect(cells.nth(3)).to_contain_text("1")  # clicked
    expect(cells.nth(4)).to_contain_text("1")  # unsubscribed
    looked_at(page, axe, "results")


def see_it_on_the_profile(page: Page) -> None:
    page.get_by_role("link", name="4", exact=True).first.click()
    page.get_by_role("link", name="Zofia Koszyk").click()
    expect(page.locator("body")).to_contain_text("Carts of the week")
    expect(page.locator("body")).to_contain_text(re.compile("withdrew|withdrawn", re.IGNORECASE))


def looked_at(page: Page, axe: Callable[[Page], None], name: str) -> None:
    """Without a barrier, wide and narrow, light and dark; kept as pictures when SCREENSHOTS names a folder."""
    folder = os.environ.get("SCREENSHOTS")
    for width, scheme in ((1440, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900 if width > 400 else 4000})  # no field under a phone's bar
        page.emulate_media(color_scheme=cast("Any", scheme), reduced_motion="reduce")
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (name, width)
        if folder:
            page.screenshot(path=f"{folder}/marketing-{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme="light", reduced_motion="reduce")

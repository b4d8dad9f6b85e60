"""Who is who in a real browser: a father and son of one name at one door, and every page of identity without a barrier."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from crm360.accounts import operations as accounts
from crm360.app import create_app
from crm360.facts import ContactRef, ContactSeen, Identifier
from crm360.kernel.db import db
from tests import processes
from tests.browser.conftest import arrived
from tests.browser.test_sales_desk import PASSWORD
from tests.web import scene

pytestmark = pytest.mark.browser
HOME = {"street": "Lipowa", "house_number": "7", "city": "Rzeszów", "postcode": "35-001"}
NAME = {"given_name": "Stanisław", "family_name": "Bielak"}


def father_and_son(now: datetime) -> None:
    """One name, one door, one landline; born thirty years apart, each with a card of his own and purchases."""
    line, told = Identifier("phone", "+48 17 850 11 22"), []
    for card, born in (("2900005500017", "1951-06-24"), ("2900005500024", "1981-03-02")):
        ref = ContactRef(scene.TILL, card)
        told.append(ContactSeen(ref=ref, occurred_at=now - timedelta(days=90), fields={**NAME, **HOME, "birth_date": born},
                                identifiers=(line, Identifier("card", card))))  # fmt: skip
        told.append(scene.order(ref, f"P-{card[-2:]}", now - timedelta(days=9), first=2, count=2))
    scene.tell(told, now)


@pytest.fixture
def server(tmp_path, plain_model) -> Iterator[processes.RunningServer]:
    instance = processes.Instance(tmp_path, f"sqlite:///{tmp_path / 'identity.sqlite3'}").migrate()
    app = create_app(instance.settings())
    with app.app_context():
        now = datetime.now(UTC)
        accounts.create_staff(email="dana@example.com", role="admin", password=PASSWORD, name="Dana Admin", now=now)
        scene.furnish(now)
        scene.look_alikes(now, 3)
        father_and_son(now)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    with processes.running(instance) as started:
        yield started


@pytest.fixture
def desk(page: Page) -> Page:
    page.goto("/sign-in?next=/customers?q=stanislaw%20bielak")
    page.get_by_label("E-mail").fill("dana@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    arrived(page, "/customers")  # the page before has a heading, too
    page.wait_for_load_state("networkidle")
    return page


def test_a_father_and_son_of_one_name_stay_two_people_of_one_household(desk: Page, axe: Callable[[Page], None]):
    both = desk.locator("main").get_by_role("link", name=re.compile("Stanisław Bielak"))
    expect(both).to_have_count(2)
    both.first.click()
    household = desk.locator("section", has=desk.get_by_role("heading", name="Household"))
    expect(household.get_by_text("2 customers")).to_be_visible()
    expect(household.get_by_text("the same family name").first).to_be_visible()
    household.get_by_text("Together").click()
    expect(household.get_by_text("nothing is merged")).to_be_visible()
    household.get_by_role("link", name="Stanisław Bielak").click()
    expect(
        desk.locator("section", has=desk.get_by_role("heading", name="Household")).get_by_text("2 customers")
    ).to_be_visible()
    axe(desk)


def test_their_pair_is_held_for_a_person_with_the_reason(desk: Page, axe: Callable[[Page], None]):
    desk.goto("/duplicates?held_by=conflict")
    row = desk.locator("[data-row]", has_text="Stanisław Bielak")
    expect(row.get_by_text("Held for a person: clearly different birth dates.")).to_be_visible()
    row.get_by_role("link", name="Compare").click()
    expect(desk.get_by_text("Held for a person: clearly different birth dates.")).to_be_visible()
    desk.get_by_role("radio").nth(1).check()
    axe(desk)
    compared = desk.url
    desk.get_by_role("link", name="Flip").click()
    expect(desk).not_to_have_url(compared)
    desk.wait_for_load_state("networkidle")
    desk.keyboard.press("n")
    expect(desk.get_by_text("Remembered: these are two people.")).to_be_visible()


def test_every_page_of_identity_is_without_barriers_and_keeps_its_width(desk: Page, axe: Callable[[Page], None]):
    for path in (
        "/duplicates",
        "/duplicates/history",
        "/duplicates/values?value=brak@brak.pl",
        "/duplicates/rules",
        "/duplicates/model",
        "/duplicates/bulk",
    ):
        for width in (1440, 390):
            desk.set_viewport_size({"width": width, "height": 900})
            desk.goto(path)
            assert desk.evaluate("document.documentElement.scrollWidth") <= width, path
        axe(desk)


def test_a_value_is_blocked_and_several_pairs_merged_and_undone(desk: Page):
    desk.goto("/duplicates/values")
    desk.get_by_label("Value", exact=True).fill("kasa@sklep.pl")
    desk.get_by_role("button", name="Block", exact=True).click()
    expect(desk.get_by_text("Blocked: it joins nobody any more.")).to_be_visible()
    desk.get_by_role("button", name="Lift kasa@sklep.pl").click()
    expect(desk.get_by_text("The rule is lifted.")).to_be_visible()
    desk.goto("/duplicates/bulk")
    desk.get_by_role("button", name="Merge the chosen pairs").click()
    expect(desk.get_by_text(re.compile("pairs merged"))).to_be_visible()
    desk.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(desk.get_by_text("Undone. Everything is back")).to_be_visible()
    desk.goto("/duplicates/history")
    expect(desk.get_by_text("undone by Dana Admin")).to_be_visible()

"""A sales rep's first minutes in a real browser: sign in, search with a typing mistake, read, merge, undo."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect

from crm360.accounts import operations as accounts
from crm360.app import create_app
from crm360.identity.models import Contact
from crm360.kernel.db import db
from tests import processes
from tests.identity import plain_model
from tests.web import scene

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery staple"


class Furnished(NamedTuple):
    """An installation with one administrator and the customers of the scene, and the profile ids of the two Annas."""

    instance: processes.Instance
    anna: int
    again: int


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Furnished:
    folder = tmp_path_factory.mktemp("desk")
    instance = processes.Instance(folder, f"sqlite:///{folder / 'desk.sqlite3'}").migrate()
    app = create_app(instance.settings())
    with app.app_context(), plain_model.in_force():
        now = datetime.now(UTC)
        accounts.create_staff(email="ewa@example.com", role="admin", password=PASSWORD, name="Ewa Sowa", now=now)
        scene.furnish(now)
        scene.with_payloads(now)
        db.session.commit()
        ids = {contact.external_id: contact.profile_id for contact in db.session.query(Contact)}
        db.session.remove()
        db.engine.dispose()
    return Furnished(instance, ids["8812"], ids["2900001778199"])


@pytest.fixture
def server(furnished: Furnished) -> Iterator[processes.RunningServer]:
    with processes.running(furnished.instance) as started:
        yield started


def sign_in(page: Page) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill("ewa@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Who are you looking for?")).to_be_visible()
    page.wait_for_load_state("networkidle")


def find(page: Page, query: str) -> None:
    """Type into the box wherever the focus is, take the first suggestion with the keyboard alone."""
    page.keyboard.press("Control+k")
    with page.expect_response(lambda answer: "/suggestions" in answer.url and query[-3:] in answer.url):
        page.keyboard.type(query)  # what was found for its beginning is replaced, and what was chosen of it with it
    page.wait_for_function("() => !document.querySelector('.htmx-request')")
    box = page.get_by_role("combobox")
    expect(page.get_by_role("option").first).to_be_visible()
    expect(page.get_by_role("option").first).to_contain_text("Kowalska")
    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", re.compile(r"^seek-option-\d+$"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Anna Kowalska")
    page.wait_for_load_state("networkidle")  # the scripts are there, and the lazy part of the page


def test_a_rep_finds_reads_merges_and_undoes(page: Page):
    sign_in(page)
    find(page, "anna kowlaska 602")
    expect(page.get_by_text("E-mail: offers allowed")).to_be_visible()
    expect(page.get_by_role("heading", name="Source records")).to_be_visible()  # the lazy part has come

    page.get_by_role("link", name="Cart 6").click()
    expect(page.get_by_text("Added to cart").first).to_be_visible()
    expect(page.get_by_text("Customer wrote")).to_have_count(0)

    page.keyboard.press("m")
    page.get_by_label("Reason").fill("Same door, she changed her card")
    page.get_by_role("button", name="Merge", exact=True).click()
    expect(page.get_by_text("Merged into one customer.")).to_be_visible()
    expect(page.get_by_text("Possible duplicate")).to_have_count(0)

    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone. Everything is back")).to_be_visible()
    expect(page.get_by_text("Possible duplicate")).to_be_visible()


def test_a_note_and_a_tag_are_written_in_place(page: Page):
    sign_in(page)
    find(page, "anna kowlaska 602")
    expect(page.get_by_placeholder("What should a colleague know?")).to_be_visible()
    page.keyboard.press("n")
    page.keyboard.type("Call before noon.")
    page.context.set_offline(True)
    page.get_by_role("button", name="Save note").click()
    expect(page.get_by_text("No answer from the server.")).to_be_visible()
    expect(page.get_by_placeholder("What should a colleague know?")).to_have_value("Call before noon.")
    page.context.set_offline(False)
    page.get_by_role("button", name="Save note").click()
    expect(page.locator("#notes .note-body", has_text="Call before noon.")).to_be_visible()
    page.get_by_placeholder("New tag").fill("Designer")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Remove tag Designer")).to_be_visible()
    page.get_by_role("button", name="Remove tag Designer").click()
    expect(page.get_by_role("button", name="Remove tag Designer")).to_have_count(0)


def test_a_call_and_a_task_by_keyboard_alone(page: Page):
    sign_in(page)
    find(page, "anna kowlaska 602")
    page.keyboard.press("c")
    expect(page.get_by_label("Who called")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("V")  # a voicemail
    page.keyboard.press("Tab")
    page.keyboard.type("She asks for the blanket in moss.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="The call is logged.")).to_be_visible()
    expect(page.locator("#work")).to_be_focused()

    page.keyboard.press("t")
    page.keyboard.type("Send her the moss blanket")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="The task is set.")).to_be_visible()
    expect(page.locator("#work")).to_be_focused()
    done = page.get_by_role("button", name="Done: Send her the moss blanket")
    for _ in range(6):
        page.keyboard.press("Tab")
        if done.evaluate("each => each === document.activeElement"):
            break
    expect(done).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Done.")).to_be_visible()
    expect(done).to_have_count(0)
    expect(page.locator("#timeline")).to_contain_text("She asks for the blanket in moss.")

    consents = page.get_by_role("link", name="Consents", exact=False).first
    consents.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#timeline")).not_to_contain_text("She asks for the blanket")
    expect(page.locator("#show-consent")).to_be_focused()

    page.keyboard.press("m")
    expect(page.get_by_role("heading", name="Are these one person?")).to_be_visible()


def test_a_draft_outlives_a_reload_and_not_the_session(page: Page):
    sign_in(page)
    find(page, "anna kowlaska 602")
    note, secret = page.get_by_label("New note"), "Her new number is 511 222 333"
    page.keyboard.press("n")
    page.keyboard.type(secret)
    expect(page.get_by_text("Kept as a draft in this tab")).to_be_visible()
    page.reload()
    expect(note).to_have_value(secret)
    page.get_by_role("button", name="Save note").click()
    expect(page.locator("#notes .note-body", has_text=secret)).to_be_visible()
    page.reload()
    expect(page.locator("#notes .note-body", has_text=secret)).to_be_visible()
    expect(note).to_have_value("")

    note.fill(secret)
    kept = "() => JSON.stringify({...sessionStorage, ...localStorage})"
    assert secret in page.evaluate(kept)
    page.locator("summary", has_text="Ewa Sowa").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Password")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert secret not in page.evaluate(kept)


def test_a_value_tells_where_it_comes_from_by_keyboard(page: Page):
    sign_in(page)
    find(page, "anna kowlaska 602")
    value = page.get_by_role("button", name="Anna", exact=True)
    value.focus()
    expect(page.locator("#tip-given_name")).to_contain_text("Ania")
    expect(page.locator("#tip-given_name")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#tip-given_name")).to_be_hidden()


def test_the_open_menu_and_suggestions_are_accessible(page: Page, axe: Callable[[Page], None], furnished: Furnished):
    sign_in(page)
    page.locator("summary", has_text="Ewa Sowa").click()
    axe(page)
    page.keyboard.press("Escape")
    page.goto(f"/customers/{furnished.anna}")
    page.keyboard.press("/")
    page.keyboard.type("kowal")
    expect(page.get_by_role("option").first).to_be_visible()
    axe(page)


def test_pages_work_without_script(page: Page, server: processes.RunningServer):
    browser = page.context.browser
    assert browser is not None
    plain = browser.new_context(base_url=server.url, java_script_enabled=False, locale="en-GB").new_page()
    sign_in(plain)
    plain.get_by_role("searchbox").fill("kowlaska")
    plain.keyboard.press("Enter")
    plain.get_by_role("link", name="Anna Kowalska").first.click()
    plain.get_by_role("link", name="Purchases").click()
    expect(plain.get_by_text("Added to cart")).to_have_count(0)
    plain.get_by_role("link", name="Notes, orders, carts").click()
    plain.get_by_label("New note").fill("Written without script.")
    plain.get_by_role("button", name="Save note").click()
    expect(plain.get_by_text("Written without script.").first).to_be_visible()

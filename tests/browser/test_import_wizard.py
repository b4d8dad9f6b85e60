"""A marketer brings a list in by the wizard: columns, dry run, repair, the run by the worker, the report, and back."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from crm360.accounts import operations as accounts
from crm360.app import create_app
from crm360.kernel.db import db
from tests import processes
from tests.browser.conftest import PATIENCE_MS, sent
from tests.browser.test_sales_desk import PASSWORD

pytestmark = pytest.mark.browser
LIST = """Imię;Nazwisko;E-mail;Telefon;Data urodzenia;Zgoda marketingowa;Ulubione
Łukasz;Żółć;lukasz@example.com;501 234 567;03.04.1988;TAK;kawa
Anna;Nowak;anna.example.com;602 345 678;1990-01-02;może;herbata
Ewa;Maj;ewa@example.com;;;;
Jan;Lis
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[processes.RunningServer]:
    instance = processes.Instance(tmp_path, f"sqlite:///{tmp_path / 'imports.sqlite3'}").migrate()
    app = create_app(instance.settings())
    with app.app_context():
        now = datetime.now(UTC)
        accounts.create_staff(email="ola@example.com", role="marketing", password=PASSWORD, name="Ola Nowak", now=now)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    with processes.running(instance) as started:
        yield started


@pytest.fixture
def wizard(page: Page) -> Page:
    """Signed in, before the list of imports."""
    page.goto("/sign-in?next=/imports")
    page.get_by_label("E-mail").fill("ola@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Imports", level=1)).to_be_visible()
    return page


def look(page: Page, axe: Callable[[Page], None], name: str) -> None:
    """No accessibility violation; a picture where somebody wants to look at it."""
    axe(page)
    if folder := os.environ.get("CRM360_PICTURES"):
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
        page.set_viewport_size({"width": 1440, "height": 900})


def test_the_whole_wizard_and_back(wizard: Page, axe: Callable[[Page], None], tmp_path: Path) -> None:
    file = tmp_path / "klienci.csv"
    file.write_bytes(LIST.encode("cp1250"))
    look(wizard, axe, "list")
    wizard.get_by_label("File").set_input_files(file)
    wizard.get_by_label("Source").fill("loyalty")
    wizard.get_by_role("button", name="Look at the file").click()
    expect(wizard.get_by_label("Nazwisko", exact=True)).to_have_value("family_name")
    expect(wizard.get_by_role("row", name="Imię")).to_contain_text("Łukasz")
    expect(wizard.get_by_label("Ulubione")).to_have_value("")
    look(wizard, axe, "columns")
    wizard.get_by_label("Ulubione").select_option("-")
    wizard.get_by_role("button", name="Try it").click()
    expect(wizard.get_by_role("heading", name="Put right")).to_be_visible()
    look(wizard, axe, "checked")
    wizard.get_by_label("E-mail is no e-mail address").fill("anna@example.com")
    wizard.get_by_label("Zgoda marketingowa says neither yes nor no").fill("TAK")
    wizard.get_by_role("button", name="Save and try again").click()
    expect(wizard.get_by_label("E-mail is no e-mail address")).to_have_count(0)
    expect(wizard.get_by_text("Consents only claimed")).to_be_visible()
    summary = wizard.locator("summary", has_text="New customers")
    expect(summary).to_contain_text("3")
    summary.focus()
    wizard.keyboard.press("Enter")
    expect(wizard.get_by_text("lukasz@example.com").first).to_be_visible()
    wizard.get_by_role("button", name="Import 4 rows").click()
    expect(wizard.get_by_role("heading", name="What came of it")).to_be_visible()
    look(wizard, axe, "report")
    with wizard.expect_download() as download:
        wizard.get_by_role("link", name="Download them").click()
    assert (
        Path(download.value.path()).read_text(encoding="utf-8").splitlines()[1]
        == "5,2 cells where the header has 7,Jan,Lis"
    )
    wizard.goto("/customers?q=zolc")
    expect(wizard.get_by_text("Łukasz Żółć").first).to_be_visible()
    wizard.goto("/imports")
    wizard.get_by_role("link", name="klienci.csv").click()
    wizard.get_by_text("Take this import back").click()
    wizard.get_by_role("button", name="Take back now").click()
    expect(wizard.get_by_text("Customers removed")).to_be_visible()
    look(wizard, axe, "reverted")
    wizard.goto("/customers?q=zolc")
    expect(wizard.get_by_text("Łukasz Żółć")).to_have_count(0)


def test_it_works_without_script(browser, server: processes.RunningServer, tmp_path: Path) -> None:
    context = browser.new_context(base_url=server.url, java_script_enabled=False, locale="pl-PL")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto("/sign-in?next=/imports")
    page.locator("[name=email]").fill("ola@example.com")
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    file = tmp_path / "a.vcf"
    file.write_text("BEGIN:VCARD\nVERSION:3.0\nN:Maj;Ewa\nEMAIL:ewa@example.com\nEND:VCARD\n")
    page.get_by_label("Plik").set_input_files(file)
    sent(page, page.get_by_role("button", name="Obejrzyj plik"))
    sent(page, page.get_by_role("button", name="Spróbuj"))
    wait(page, page.get_by_role("button", name="Wczytaj 1 wiersz"))
    sent(page, page.get_by_role("button", name="Wczytaj 1 wiersz"))
    wait(page, page.get_by_role("heading", name="Co z tego wyszło"))
    context.close()


def wait(page: Page, there) -> None:
    """Look again, as the page invites to, until something is there."""

    def looked() -> bool:
        if there.count():
            return True
        page.reload()
        return bool(there.count())

    processes.wait_until(looked, what="the next step of the import")

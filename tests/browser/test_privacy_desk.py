"""The officer's story in a real browser: find a person, see what was held on 3 May and on which text, what was sent under
it, take the evidence away and check it without us."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import insert, select

from crm360.accounts import operations as accounts
from crm360.app import create_app
from crm360.consents import defining
from crm360.consents.models import Statement
from crm360.evidence import packing
from crm360.facts import ConsentStated, ContactRef, ContactSeen, Identifier
from crm360.flows import review
from crm360.identity.models import Contact
from crm360.kernel.db import db
from crm360.outbox.models import Letter, Permit
from crm360.safeguards import breaches, holds, retention
from tests import processes
from tests.browser.conftest import still
from tests.browser.test_sales_desk import PASSWORD
from tests.mail_servers import HoldingSink, holding, sent_through
from tests.web import scene

pytestmark = pytest.mark.browser

EMAIL = Identifier("email", "anna.kowalska@example.com", True)
TEXTS = {
    "en": "Yes, write to me by e-mail about offers of the shop. I can withdraw this at any time by the link in every message.",
    "pl": "Tak, chcę dostawać e-mailem oferty sklepu. Mogę to wycofać w każdej chwili linkiem z każdej wiadomości.",
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[processes.RunningServer]:
    instance = processes.Instance(tmp_path, f"sqlite:///{tmp_path / 'officer.sqlite3'}").migrate()
    with holding(HoldingSink()) as (_, port):
        instance.extra |= sent_through(port)
        fill(instance)
        with processes.running(instance) as started:
            yield started


def fill(instance: processes.Instance) -> None:
    app = create_app(instance.settings())
    with app.app_context():
        live_through_a_year()
        db.session.commit()
        db.session.remove()
        db.engine.dispose()


def live_through_a_year() -> None:
    """Anna consents in March, is written to in April, is joined with her other records in June, withdraws in July."""
    march, april, june, july = (datetime(2026, month, 10, 12, tzinfo=UTC) for month in (3, 4, 6, 7))
    accounts.create_staff(email="jan@example.com", role="privacy", password=PASSWORD, name="Jan Maj", now=march)
    scene.furnish(march)
    defining.publish_notice(code="offers-form", texts=TEXTS, purposes=["marketing"], about={"controller": "Shop"}, effective_from=march, by="Jan Maj", now=march)  # fmt: skip
    said: dict[str, Any] = {"ref": ContactRef(scene.SHOP, "8812"), "identifier": EMAIL, "purpose": "marketing", "channel": "email", "source": scene.SHOP}  # fmt: skip
    asked = {"ip": "203.0.113.0", "form": "https://shop.example/newsletter"}
    given = ConsentStated(**said, state="given", occurred_at=march, method="double opt-in", evidence_grade="A", notice="offers-form@1", evidence=asked, statement_id="o1")  # fmt: skip
    elsewhere = ContactSeen(ref=ContactRef(scene.SITE, "site-77"), occurred_at=march, fields={"given_name": "Anna"}, identifiers=(Identifier("email", "ania.k@poczta.example"),))  # fmt: skip
    scene.tell([given, elsewhere], march)
    statement = db.session.scalar(select(Statement).where(Statement.notice == "offers-form@1"))
    letter = {"dedup_key": "campaign:1", "subject_of": "campaign:1", "contact_id": statement.contact_id, "to_address": EMAIL.value, "purpose": "marketing",
              "subject": "Wool blankets are back", "text": "Dear Anna,\n\nthe moss ones too.", "message_id": "m1@shop.example", "state": "sent",
              "created_at": april, "due_at": april, "settled_at": april}  # fmt: skip
    number = db.session.scalar(insert(Letter).values(letter).returning(Letter.id))
    db.session.execute(insert(Permit).values(letter_id=number, decided_at=april, permitted=True, reason="consent_given", evidence=[statement.id]))  # fmt: skip
    anna = db.session.scalar(select(Contact).where(Contact.external_id == "8812"))
    other = db.session.scalar(select(Contact).where(Contact.external_id == "site-77"))
    review.merge(profile_ids=[anna.profile_id, other.profile_id], by="Jan Maj", reason="She said so", now=june)
    withdrawn = ConsentStated(**said, state="withdrawn", occurred_at=july, method="unsubscribe link", evidence_grade="A", statement_id="o2")  # fmt: skip
    scene.tell([withdrawn], july)
    listed: dict[str, Any] = said | {"purpose": "surveys"}
    yes = ConsentStated(
        **listed, state="given", occurred_at=april, method="form", evidence_grade="A", statement_id="o3"
    )
    no = ConsentStated(**listed, state="refused", occurred_at=june, method="import", evidence_grade="D", undated=True, statement_id="o4")  # fmt: skip
    scene.tell([yes, no], june)
    now = datetime.now(UTC)
    jan, eve = holds.By(1, "Jan Maj"), holds.By(2, "Ewa Lis")
    hold = holds.ask(contact_ids=[anna.id], ground="Claim over order 4711", review_on=now.date() + timedelta(days=9), by=eve, now=july)  # fmt: skip
    holds.approve(hold_id=hold.id, by=jan, now=july)
    retention.set_rule(kind="behaviour", months=25, legal_ref="Art. 5(1)(e)", by="Jan Maj", now=july)
    lost = breaches.NewBreach(title="Laptop left in a train", scope={"by": "source", "value": scene.TILL, "reach": "held"}, began_at=now - timedelta(days=2),
                              ended_at=now, known_at=now - timedelta(hours=20), people=2, risk="likely")  # fmt: skip
    breaches.record(breach=lost, by="Jan Maj", now=now)


def test_the_officers_day(page: Page, axe: Callable[[Page], None], tmp_path: Path) -> None:
    page.goto("/sign-in?next=/privacy")
    page.get_by_label("E-mail").fill("jan@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("What needs you today?")
    expect(page.get_by_text("Laptop left in a train")).to_be_visible()
    looked_at(page, axe, "desk")
    key = page.locator("code").first.inner_text()

    page.locator("#desk-find").fill("kowalska")
    page.keyboard.press("Enter")
    page.wait_for_url("**?q=kowalska")
    page.get_by_role("link", name="Anna Kowalska").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Consents of Anna")
    page.locator("#as-of").fill("2026-05-03T14:00")
    page.get_by_role("radio", name="then").check()
    page.get_by_role("button", name="Show").first.click()
    head = page.locator(".page-head")
    expect(head).to_contain_text("What we held on 3 May 2026, 14:00, as known at that time.")
    expect(head).to_contain_text("Then these were 2 customers")
    cell = page.locator("table.matrix td", has_text="The person consented.").first
    expect(cell).to_contain_text("given")
    cell.get_by_role("link").click()
    shown = page.locator("#statement")
    expect(shown).to_contain_text("Yes, write to me by e-mail about offers of the shop.")
    expect(shown).to_contain_text("1 letter was sent under it")
    looked_at(page, axe, "audit")
    shown.get_by_role("link", name="Wool blankets are back").click()
    expect(page.get_by_text("It rests on")).to_be_visible()
    looked_at(page, axe, "letter")
    page.go_back()

    with page.expect_download() as saved:
        page.get_by_role("button", name="Evidence pack").click()
    saved.value.save_as(tmp_path / "pack.zip")
    (tmp_path / "verify.py").write_bytes(packing.verifier())
    checked = subprocess.run([sys.executable, "-I", "-S", "verify.py", "pack.zip", "--key", key], cwd=tmp_path, capture_output=True, text=True, check=False)  # fmt: skip
    assert (checked.returncode, checked.stdout.splitlines()[0]) == (0, "Everything holds: nothing was changed, added or taken away.")  # fmt: skip

    for name in ("holds", "retention", "breaches", "breaches/1", "breaches/new", "access", "processing", "sends", "expiring", "consents/overview"):  # fmt: skip
        page.goto(f"/privacy/{name}")
        looked_at(page, axe, name.replace("/", "-"), schemes=("light",))


def test_an_erasure_from_its_opening_to_what_is_left(
    page: Page, axe: Callable[[Page], None], server: processes.RunningServer
) -> None:
    page.goto("/sign-in?next=/privacy/consents?q=whitfield")
    page.get_by_label("E-mail").fill("jan@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="James Whitfield").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Consents of James")
    audit = page.url.partition("?")[0]
    page.locator("#addresses summary").click()
    page.locator("#addresses a").first.click()
    expect(page.get_by_role("heading", name="What this means")).to_be_visible()
    looked_at(page, axe, "passing")

    page.goto("/privacy/conflicts")
    expect(page.get_by_text("the privacy officer, after asking the person")).to_be_visible()
    looked_at(page, axe, "conflicts")
    page.get_by_label("Their words").fill("Rather not")
    page.get_by_role("button", name="It is a no").click()
    expect(page.get_by_text("Nothing contradicts itself")).to_be_visible()

    page.goto("/privacy/cases/new?right=erasure")
    page.get_by_label("Customer", exact=True).fill(audit.rsplit("/", 1)[1])
    page.get_by_role("button", name="Open the case").click()
    expect(page.get_by_role("button", name="Grant")).to_be_disabled()
    expect(page.locator("#grant-why")).to_contain_text("First the requester has to show who they are.")
    looked_at(page, axe, "case-open")
    case = int(page.url.rsplit("/", 1)[1].partition("#")[0])
    page.get_by_role("button", name="Send a code").click()
    page.get_by_label("The code the requester reads out").fill(code_of(server.instance, case))
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("Shown:")).to_be_visible()
    page.locator("summary", has_text="More time").click()
    page.get_by_label("Why two months more are needed").fill("Five archives have to be searched")
    looked_at(page, axe, "case-more", schemes=("light",))
    page.get_by_role("button", name="Extend by two months").click()
    expect(page.locator(".case-clock")).to_contain_text("extended: Five archives have to be searched")
    page.get_by_role("button", name="Rehearse: count what would go").click()
    expect(page.get_by_role("heading", name="Rehearsal")).to_be_visible()
    looked_at(page, axe, "case-rehearsed")
    page.get_by_label("Write to the requester first").uncheck()
    page.get_by_role("button", name="Grant").click()
    expect(page.get_by_role("heading", name="Certificate")).to_be_visible()
    page.reload()
    looked_at(page, axe, "case-done")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.locator(".case-log")).to_contain_text("closed", ignore_case=True)
    page.goto(audit)
    expect(page.get_by_role("heading", level=1)).to_contain_text("was erased")
    expect(page.get_by_text("does not bring the person back")).to_be_visible()
    looked_at(page, axe, "erased")


def code_of(instance: processes.Instance, case_id: int) -> str:
    """The code in the letter to the requester."""
    app = create_app(instance.settings())
    with app.app_context():
        query = select(Letter.text).where(Letter.subject_of == f"case:{case_id}").order_by(Letter.id.desc())
        found = re.search(r"\b\d{6}\b", str(db.session.scalars(query).first()))
        db.session.remove()
        db.engine.dispose()
    assert found is not None
    return found[0]


def looked_at(
    page: Page, axe: Callable[[Page], None], name: str, *, schemes: tuple[Any, ...] = ("light", "dark")
) -> None:
    """No barrier, nothing beyond the edge, wide and narrow; with SCREENSHOTS=folder also in pictures."""
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in schemes:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            still(page)  # colours change with the scheme in a transition
            if width == 1440 or scheme == "dark":
                axe(page)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (name, width)
            if folder := os.environ.get("SCREENSHOTS"):
                page.screenshot(path=f"{folder}/{name}-{width}-{scheme}.png", full_page=True)
    page.set_viewport_size({"width": 1440, "height": 900})

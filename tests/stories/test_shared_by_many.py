"""A cashier's card on 300 receipts, `brak@brak.pl`, `000000000` and a family mailbox glue nobody together, and the pages say why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from crm360.identity import rebuilding
from crm360.identity.models import Contact
from crm360.kernel.db import db
from tests.cast import sign_in

CARD = "2900000070047"
GIVEN = ("Anna", "Piotr", "Ewa", "Marek", "Olga", "Tomasz", "Zofia", "Jan", "Maria", "Adam")
FAMILY = ("Kubicka", "Lis", "Mazur", "Wrona", "Baran", "Zięba", "Gajda", "Sowa", "Rybak", "Czyż", "Maj", "Pająk")
FAMILY_MAIL = "dom.kowalscy@wp.pl"


def people() -> list[tuple[str, str]]:
    """Sixty people of sixty names."""
    return [(GIVEN[number % 10], FAMILY[number // 5]) for number in range(60)]


@pytest.fixture
def shop(app: Any, runner: Any, tmp_path: Path) -> None:
    """What the till and the loyalty programme hold, through the doors they come by."""
    receipts = ["receipt_no,date,time,name,quantity,unit_price,card_no,customer"]
    for number in range(300):
        given, family = people()[number % 60]
        minute = f"{9 + number // 60:02}:{number % 60:02}"
        receipts.append(f"{1000 + number},2026-02-1{number % 9},{minute},Mug,1,45.00,{CARD},{given} {family}")
    contacts = ["customer_id,given_name,family_name,email,phone,city"]
    for number, (given, family) in enumerate(people()):
        mail = "brak@brak.pl" if number % 2 else f"{given}.{family}{number}@example.org".lower()
        contacts.append(f"K{number},{given},{family},{mail},000000000,Kraków")
    for number, given in enumerate(("Jan", "Anna", "Zofia", "Piotr")):
        contacts.append(f"F{number},{given},Kowalski,{FAMILY_MAIL},,Kraków")
    imported(runner, tmp_path, "receipts", receipts, "till")
    imported(runner, tmp_path, "contacts", contacts, "loyalty")


def imported(runner: Any, folder: Path, kind: str, lines: list[str], source: str) -> None:
    file = folder / f"{kind}.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    result = runner.invoke(args=["import", kind, str(file), "--source", source])
    assert result.exit_code == 0, result.output
    assert runner.invoke(args=["jobs", "run-once"]).exit_code == 0


def names_of_each_customer() -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for contact in db.session.scalars(select(Contact).where(Contact.source == "loyalty")):
        said = contact.fields
        found.setdefault(contact.profile_id or 0, set()).add(
            f"{said['given_name']['value']} {said['family_name']['value']}"
        )
    return found


def customer(external_id: str) -> int:
    found = db.session.scalar(select(Contact.profile_id).where(Contact.external_id.endswith(external_id)))
    assert found is not None, external_id
    return int(found)


def test_nobody_is_glued_together_and_the_pages_say_why(shop: None, client: Any, dana: Any, session: Any) -> None:
    found = names_of_each_customer()
    assert all(len(names) == 1 for names in found.values()), [names for names in found.values() if len(names) > 1]
    assert len(found) == 64
    card_holder = customer(f"card:{CARD}")
    assert card_holder not in found
    proved = rebuilding.rebuild()
    assert (proved.stale_forms, proved.differences) == ((), ())

    sign_in(client, dana)
    told = " ".join(client.page("/duplicates/values").text.split())
    assert CARD in told
    assert told.count("seen with at least 3 different names; joins nobody") == 2  # the card and the family's mailbox
    assert "a value that fills a form; joins nobody" in told
    for value, why in (
        (CARD, "seen with at least 3 different names; joins nobody"),
        (FAMILY_MAIL, "seen with at least 3 different names; joins nobody"),
        ("brak@brak.pl", "a value that fills a form; joins nobody"),
        ("000000000", "a value that fills a form; joins nobody"),
    ):
        assert why in client.page(f"/duplicates/values?value={value}").text, value
    assert "seen with at least 3 different names; joins nobody" in client.page(f"/customers/{card_holder}").text
    assert "seen with at least 3 different names; joins nobody" in client.page(f"/customers/{customer('F0')}").text
    page = " ".join(client.page(f"/customers/{customer('K1')}").text.split())
    assert page.count("a value that fills a form; joins nobody") == 2  # brak@brak.pl and 000000000

"""Receipts find their customers when the card or the phone becomes known, whatever Excel did to its zeros."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from crm360.commerce.models import Order
from crm360.identity.models import Contact, ContactIdentifier
from crm360.inbox.models import Source

RECEIPTS = """\
Nr paragonu;Data;Godzina;Nazwa;Ilość;Cena;Nr karty;Telefon
P1;02.03.2026;10:00;Kawa;1;12,50;0001234567;
P2;02.03.2026;10:05;Herbata;1;8,00;;501 234 567
P3;02.03.2026;10:10;Woda;1;3,00;;
"""
CARDS = ["1234567", "4200000001", "4200000002", "4200000003", "4200000004", "4200000005", "4200000006"]


@pytest.fixture
def cards(tmp_path: Path) -> Path:
    """A loyalty list out of Excel: cards as numbers, so their zeros are gone."""
    book = Workbook()
    book.active.append(["Nr karty", "Imię", "Nazwisko", "Telefon"])
    for number, card in enumerate(CARDS):
        book.active.append(
            [int(card), "Ewa" if number == 0 else "Jan", f"Lis{number}", 501234567 if number == 0 else None]
        )
    path = tmp_path / "karty.xlsx"
    book.save(path)
    return path


@pytest.fixture
def receipts(tmp_path: Path) -> Path:
    path = tmp_path / "paragony.csv"
    path.write_text(RECEIPTS, encoding="utf-8")
    return path


def run(runner: Any, *arguments: object) -> str:
    done = runner.invoke(args=[str(each) for each in arguments])
    assert done.exit_code == 0, done.output
    return str(done.output)


def buyers(session: Any) -> dict[str, int | None]:
    query = select(Order.number, Contact.profile_id).join(Contact, Contact.id == Order.contact_id, isouter=True)
    return dict(session.execute(query).all())


def ewa(session: Any) -> int:
    query = select(Contact.profile_id).join(ContactIdentifier, ContactIdentifier.contact_id == Contact.id)
    found = session.scalars(query.where(ContactIdentifier.normal == "0001234567", Contact.source == "loyalty")).all()
    return int(found[0])


@pytest.mark.parametrize("order", ["receipts first", "cards first"])
def test_receipts_are_linked_when_card_and_phone_become_known(
    runner: Any, session: Any, receipts: Path, cards: Path, order: str
) -> None:
    steps = [("receipts", receipts, "till"), ("contacts", cards, "loyalty")]
    for kind, path, source in steps if order == "receipts first" else reversed(steps):
        run(runner, "import", kind, path, "--source", source)
    found = buyers(session)
    assert found["P1"] == found["P2"] == ewa(session)
    assert found["P3"] is None
    assert session.scalar(select(func.count(func.distinct(Contact.profile_id)))) == len(CARDS)


def test_the_length_of_cards_is_learnt_and_kept_for_files_that_do_not_tell(
    runner: Any, session: Any, receipts: Path, cards: Path, tmp_path: Path
) -> None:
    run(runner, "import", "contacts", cards, "--source", "loyalty")
    settings = session.scalar(select(Source.settings).where(Source.name == "loyalty"))
    assert settings["card_digits"] == 10
    later = tmp_path / "nowe.csv"
    later.write_text("Nr karty;Nazwisko\n77;Nowak\n")
    run(runner, "import", "contacts", later, "--source", "loyalty")
    assert "0000000077" in session.scalars(select(ContactIdentifier.normal)).all()


def test_a_tills_own_export_out_of_excel_gets_its_zeros_back_and_again_changes_nothing(
    runner: Any, session: Any, tmp_path: Path
) -> None:
    book = Workbook()
    book.active.append(["receipt_no", "date", "name", "unit_price", "card_no"])
    for number, card in enumerate(CARDS):
        book.active.append([f"R{number}", "2026-03-02", "Kawa", 12.5, int(card)])
    path = tmp_path / "paragony.xlsx"
    book.save(path)
    run(runner, "import", "receipts", path, "--source", "till")
    assert "0001234567" in session.scalars(select(ContactIdentifier.normal)).all()
    assert "0 imported, 7 known already" in run(runner, "import", "receipts", path, "--source", "till")


def test_an_anonymous_receipt_exported_again_with_its_card_finds_its_customer(
    runner: Any, session: Any, receipts: Path, cards: Path, tmp_path: Path
) -> None:
    run(runner, "import", "contacts", cards, "--source", "loyalty")
    run(runner, "import", "receipts", receipts, "--source", "till")
    assert buyers(session)["P3"] is None
    later = tmp_path / "paragony2.csv"
    later.write_text(RECEIPTS.replace("Woda;1;3,00;;", "Woda;1;3,00;0001234567;"), encoding="utf-8")
    run(runner, "import", "receipts", later, "--source", "till")
    assert buyers(session)["P3"] == ewa(session)
    assert session.scalar(select(func.count()).select_from(Order)) == 3

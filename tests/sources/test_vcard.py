"""Contact files as phones and address books write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crm360.sources import columns, vcard
from crm360.sources.tabular import Row, RowProblem, UnreadableTable, open_table

ANDROID = """BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C5=BB=C3=B3=C5=82=C4=87;=C5=81ukasz;;;
FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C5=81ukasz =C5=BB=C3=B3=C5=82=
=C4=87
TEL;CELL;PREF:+48601234567
TEL;HOME:12 345 67 89
TEL;FAX:12 345 67 80
EMAIL;INTERNET:lukasz@example.com
NOTE;ENCODING=QUOTED-PRINTABLE:pierwsza=0D=0Adruga
PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQSkZJRgABAQ
 AAAQABAAD

END:VCARD
"""
APPLE = """BEGIN:VCARD
VERSION:3.0
N:Maj;Ewa;Anna;dr;
FN:Ewa Maj
item1.EMAIL;type=INTERNET;type=HOME:ewa@home.example
item1.X-ABLabel:_$!<Home>!$_
EMAIL;type=INTERNET;type=pref:ewa@work.example
TEL;type=CELL:+48 602 345 678
BDAY;X-APPLE-OMIT-YEAR=1604:1604-05-09
ADR;type=HOME:;m. 3;ul. Krótka 5;Łódź;;90-001;Polska
ORG:Sklep\\, S.A.;Dział
NOTE:linia1\\nlinia2\\; średnik
CATEGORIES:vip,hurt
END:VCARD
BEGIN:VCARD
VERSION:3.0
FN:Firma Iks
X-ABShowAs:COMPANY
ORG:Firma Iks;
END:VCARD
"""
FOUR = """BEGIN:VCARD\r
VERSION:4.0\r
FN:Jan Lis\r
N:Lis;Jan;;;\r
TEL;VALUE=uri;PREF=2;TYPE="voice,home":tel:+48-22-123-45-67;ext=5\r
TEL;VALUE=uri;PREF=1;TYPE="voice,cell":tel:+48-603-456-789\r
EMAIL:jan@exam\r
 ple.com\r
BDAY:19880403\r
GENDER:M\r
UID:urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1\r
END:VCARD\r
"""


def cards(tmp_path: Path, text: str, encoding: str = "utf-8") -> list[dict[str, str]]:
    path = tmp_path / "cards.vcf"
    path.write_bytes(text.encode(encoding))
    with open_table(path) as table:
        return [
            {name: value for name, value in row.cells.items() if value} for row in table.rows if isinstance(row, Row)
        ]


def test_an_old_phone(tmp_path: Path) -> None:
    assert cards(tmp_path, ANDROID) == [
        {
            "given_name": "Łukasz",
            "family_name": "Żółć",
            "email": "lukasz@example.com",
            "phone": "+48601234567 ::: 12 345 67 89",
            "note": "pierwsza\r\ndruga",
        }
    ]


def test_an_apple_address_book(tmp_path: Path) -> None:
    ewa, company = cards(tmp_path, APPLE)
    assert ewa == {
        "given_name": "Ewa", "middle_name": "Anna", "family_name": "Maj", "name_prefix": "dr",
        "email": "ewa@work.example ::: ewa@home.example", "phone": "+48 602 345 678", "birthday": "--05-09",
        "street": "ul. Krótka 5", "address_2": "m. 3", "city": "Łódź", "postcode": "90-001", "country": "Polska",
        "company": "Sklep, S.A.", "note": "linia1\nlinia2; średnik", "tags": "vip, hurt",
    }  # fmt: skip
    assert company == {"company": "Firma Iks"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_version_four(tmp_path: Path, encoding: str) -> None:
    assert cards(tmp_path, FOUR, encoding) == [
        {
            "external_id": "4fbe8971-0bc3-424c-9c26-36c3e1eff6b1", "given_name": "Jan", "family_name": "Lis",
            "email": "jan@example.com", "phone": "+48-603-456-789 ::: +48-22-123-45-67", "birth_date": "1988-04-03",
            "gender": "M",
        }
    ]  # fmt: skip


def test_a_code_page_without_a_charset(tmp_path: Path) -> None:
    text = "BEGIN:VCARD\nVERSION:2.1\nN:Żółć;Łukasz\nTEL:601234567\nEND:VCARD\n"
    assert cards(tmp_path, text, "cp1250")[0]["family_name"] == "Żółć"


def test_every_column_of_ours_is_its_own_field() -> None:
    mapping = columns.guess(vcard.HEADERS, "contacts")
    assert {field for header, field in mapping.items() if header != field} == set()
    assert {"birthday", "note", "website"} & mapping.keys() == set()


@pytest.mark.parametrize("text", ["", "hello\n", "a,b\n1,2\n"])
def test_what_holds_no_card(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.vcf"
    path.write_text(text)
    with pytest.raises(UnreadableTable, match="no contact card"):
        open_table(path)


def test_a_card_cut_off_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.vcf"
    path.write_text("BEGIN:VCARD\nFN:A\nEND:VCARD\nBEGIN:VCARD\nFN:B\n")
    rows: list[Any] = list(open_table(path).rows)
    assert isinstance(rows[0], Row)
    assert isinstance(rows[1], RowProblem)
    assert "no end" in rows[1].reason

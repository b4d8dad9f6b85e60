"""Files imported, step by step."""

from __future__ import annotations

import gzip
import mailbox
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from crm360.commerce import queries as commerce
from crm360.conversations import queries as conversations
from crm360.flows import import_receipts, imports
from crm360.flows.imports import Plan, Step
from crm360.identity import queries as identity
from crm360.inbox import operations as inbox
from crm360.inbox import queries as inbox_queries
from crm360.inbox.models import Source

RECEIPTS = """nr paragonu;data;godzina;nazwa;ilość;cena;nr karty
101;02.03.2026;10:15;Kubek;2;19,99;0012345
102;02.03.2026;10:20;Talerz;1;45,00;
101;02.03.2026;10:15;Łyżka;6;7,50;0012345
103;02.03.2026;11:00;Garnek;abc;120,00;0012345
104;02.03.2026;12:00;Kubek;-1;19,99;0012345
;02.03.2026;12:30;Patelnia;1;99,00;
105;02.03.2026;12:45;Miska
"""


@pytest.fixture
def source(session: Any, now: datetime) -> Source:
    return inbox.ensure_source(name="store", channel="pos_csv", now=now)


def plan(path: Path, kind: Any = "receipts", **given: Any) -> Plan:
    defaults = {"currency": "PLN", "timezone": "Europe/Warsaw", "region": "PL"}
    return imports.plan(path, kind=kind, defaults=defaults, **given)


def total(steps: Iterator[Step]) -> tuple[int, int, int, list[tuple[int, str]]]:
    """(rows, new, repeated, [(line, reason)])"""
    taken = list(steps)
    refused = [(problem.line_no, problem.reason) for step in taken for problem in step.refused]
    counted = [sum(getattr(step, name) for step in taken) for name in ("rows", "new", "repeated")]
    return counted[0], counted[1], counted[2], sorted(refused)


class TestReceipts:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        path = tmp_path / "paragony.csv"
        path.write_bytes(RECEIPTS.encode("cp1250"))
        return path

    def test_documents_are_gathered_and_bad_lines_left_out(self, file: Path, source: Source, now: datetime) -> None:
        rows, new, repeated, refused = total(import_receipts.receipts(plan=plan(file), source=source, now=now))
        assert (rows, new, repeated) == (7, 3, 0)
        assert [line for line, _ in refused] == [5, 7, 8]
        assert refused[0][1] == "'abc' is not a number"
        assert refused[1][1] == "no receipt number"
        assert commerce.counts() | {"cart_events": 0} == {
            "orders": 3,
            "cancellations": 0,
            "returns": 1,
            "order_lines": 4,
            "cart_events": 0,
        }
        assert identity.counts()["contacts"] == 1

    def test_the_same_file_again_changes_nothing(self, file: Path, source: Source, now: datetime) -> None:
        total(import_receipts.receipts(plan=plan(file), source=source, now=now))
        before = commerce.counts(), identity.counts(), inbox_queries.counts()
        packed = file.with_suffix(".csv.gz")
        packed.write_bytes(gzip.compress(file.read_bytes()))
        assert total(import_receipts.receipts(plan=plan(packed), source=source, now=now))[1:3] == (0, 3)
        assert (commerce.counts(), identity.counts(), inbox_queries.counts()) == before

    def test_without_a_source_it_is_only_tried(self, file: Path, session: Any, now: datetime) -> None:
        rows, new, _, refused = total(import_receipts.receipts(plan=plan(file), source=None, now=now))
        assert (rows, new, len(refused)) == (7, 3, 3)
        assert commerce.counts()["orders"] == 0

    def test_a_document_no_reader_takes_is_refused_with_its_original_rows(
        self, tmp_path: Path, source: Source, now: datetime
    ) -> None:
        file = tmp_path / "r.csv"
        file.write_text("receipt,date,name,price\n1,,Mug,1.00\n2,2026-03-02,Pot,2.00\n1,,Cup,3.00\n")
        steps = list(import_receipts.receipts(plan=plan(file), source=source, now=now))
        problems = [problem for step in steps for problem in step.refused]
        assert [(problem.line_no, list(problem.cells)) for problem in problems] == [
            (2, ["1", "", "Mug", "1.00"]),
            (4, ["1", "", "Cup", "3.00"]),
        ]
        assert sum(step.refused_documents for step in steps) == 1
        assert inbox_queries.counts().quarantined == 1


class TestUnusable:
    @pytest.mark.parametrize("content", [b"", b"\n\n", b"PK\x03\x04 no spreadsheet"])
    def test_what_is_no_table_is_refused(self, tmp_path: Path, content: bytes) -> None:
        file = tmp_path / ("x.xlsx" if content.startswith(b"PK") else "x.csv")
        file.write_bytes(content)
        with pytest.raises(imports.UnusableFile, match=file.name):
            plan(file)


class TestMailbox:
    @pytest.fixture
    def archive(self, tmp_path: Path) -> Path:
        path = tmp_path / "mails.mbox"
        box = mailbox.mbox(path)
        for number, sender in enumerate(("ann@example.com", "shop@shop.example", "bob@example.com")):
            recipient = "ann@example.com" if sender.startswith("shop") else "shop@shop.example"
            box.add(
                f"From: {sender}\nTo: {recipient}\nSubject: Hello\nMessage-ID: <{number}@x>\n"
                f"Date: Mon, 2 Mar 2026 10:0{number}:00 +0100\n\nText {number}\n"
            )
        box.add("Subject: from nobody\n\nText\n")
        box.close()
        return path

    def test_every_message_is_kept_once(self, archive: Path, source: Source, now: datetime) -> None:
        for expected in ((4, 3, 0), (4, 0, 4)):
            steps = imports.mailbox(path=archive, own_addresses="shop@shop.example", source=source, now=now)
            rows, new, repeated, _ = total(steps)
            assert (rows, new, repeated) == expected
        assert conversations.count_messages() == 3
        assert identity.counts()["contacts"] == 2
        assert inbox_queries.counts().quarantined == 1

    def test_a_missing_file_is_named(self, tmp_path: Path, now: datetime) -> None:
        with pytest.raises(imports.UnusableFile, match=r"gone\.mbox: No such file"):
            total(imports.mailbox(path=tmp_path / "gone.mbox", own_addresses="", source=None, now=now))

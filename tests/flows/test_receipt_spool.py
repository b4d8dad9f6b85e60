"""Gathering lines to documents."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crm360.flows.receipt_spool import Line, Spool


@given(st.lists(st.sampled_from("abcd"), max_size=30))
def test_lines_of_a_document_come_together_in_the_files_order(documents: list[str]) -> None:
    lines = [Line(document, number, f'{{"row":{number}}}'.encode()) for number, document in enumerate(documents, 2)]
    with Spool() as spool:
        spool.put(lines[:7])
        spool.put(lines[7:])
        gathered = list(spool.documents())
        assert spool.count() == len(gathered) == len(set(documents))
    by_document: dict[str, list[Line]] = {}
    for line in lines:
        by_document.setdefault(line.document, []).append(line)
    expected = [
        (b",".join(each.fields for each in some), [each.line_no for each in some]) for some in by_document.values()
    ]
    assert gathered == expected

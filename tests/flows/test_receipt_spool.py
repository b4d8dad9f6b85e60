"""Gathering lines to documents."""

from __future__ import annotations

from itertools import groupby

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
    assert [found[0].document for found in gathered] == list(dict.fromkeys(documents))
    by_document = {key: list(group) for key, group in groupby(sorted(lines), key=lambda line: line.document)}
    assert all(found == by_document[found[0].document] for found in gathered)

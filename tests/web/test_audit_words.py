"""Words of the audit trail: no code of an act is shown as it is, and what is noted beside it reads as a line."""

from __future__ import annotations

import re
from typing import Any

import pytest

import config
from crm360.accounts import seeking
from crm360.web import audit_words


def test_every_act_that_is_written_has_words() -> None:
    written = re.compile(r'(?:action=|_record\(|noted\(|done\(|write_down\(|settled\()"([a-z_]+\.[a-z_]+)"')
    modules = (each for each in (config.ROOT / "crm360").rglob("*.py") if each.parent.name != "sources")
    found = {code for each in modules for code in written.findall(each.read_text(encoding="utf-8"))}
    assert len(found) > 60
    assert (found | set(seeking.READS)) - audit_words.ACTIONS.keys() == set()


@pytest.mark.parametrize(
    ("noted", "line"),
    [
        ({}, ""),
        ({"people": 40}, "people: 40"),
        ({"asked": {"owner": "none"}, "list": None}, "asked for: owner: none"),
        ({"profile_ids": list(range(1, 12))}, "customers: 1 2 3 4 5 6 7 8 + 3"),
        ({"left_out": 0, "new_thing": "x"}, "left out: 0, new thing: x"),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_noted_reads_as_a_line(app: Any, noted: dict[str, Any], line: str) -> None:
    with app.test_request_context():
        assert audit_words.details_words(noted) == line

"""What plain rows are read into is what the careful path makes of them, or nothing."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm360.facts import ContactSeen
from crm360.flows.plain_rows import PlainRows
from crm360.identity import folding
from crm360.profiles import search_terms
from crm360.sources import columns, contacts_csv
from crm360.sources.base import Unreadable

AT = datetime(2026, 3, 4, 5, 6, 7, 891, tzinfo=UTC)
FIELDS = {
    "No": "customer_id", "Record": "external_id", "First": "given_name", "Last": "family_name", "Mail": "email",
    "Mail 2": "email", "Phone": "phone", "Town": "city", "Firm": "company", "Born": "birth_date", "Sms": "sms_consent",
}  # fmt: skip
KEPT = ["Colour", "More"]
ANNA = {"No": "1001", "First": "Anna", "Last": "Wójcicka", "Mail": "Anna.W+x@gmail.com", "Phone": "601 234-567"}


def careful(cells: dict[str, str], source: str, region: str) -> Any:
    """What the path for every row makes of a new contact, or why it makes none."""
    options = {"region": region}
    attributes = {name: cells[name] for name in KEPT if cells.get(name)}
    mapped = columns.mapped(cells, FIELDS)
    seen, *others = contacts_csv.facts_of(mapped, attributes, contacts_csv.Reading(source, AT, options))
    assert isinstance(seen, ContactSeen)
    assert not others
    state = folding.fold(None, [seen], region=region)
    held = [(kind, each.value, normal) for (kind, normal), each in state.identifiers.items()]
    return (
        seen.ref.external_id, state.fields, state.attributes, sorted(state.names),
        sorted((kind, normal, value) for kind, value, normal in held),
        search_terms.first_of_contact(state.fields, held), seen.anonymous, state.first_seen_at,
    )  # fmt: skip


def plain(cells: dict[str, str], source: str = "list", region: str = "PL") -> Any:
    rows = PlainRows(source=source, region=region, at=AT, fields=FIELDS, kept=KEPT)
    found = rows.read(cells) if rows.usable else None
    if found is None:
        return None
    contact, terms = found
    names = json.loads(contact.compared).get("names", [])
    return (
        contact.external_id, json.loads(contact.fields), json.loads(contact.attributes), names,
        sorted(contact.identifiers), terms, False, AT,
    )  # fmt: skip


words = st.sampled_from(
    ["Anna", "Łucja  Maria", "n/a", "brak", "-", "  ", "'007", "Test", "O'Hara", "dr Ewa", "Żółć\u00a0x", "{", '{"city": "X"}',
     "Anna\x00", "\u202eabc", "ﬁrma", "x" * 600, "0", "00", "1.0", "Ⅷ", "Nowak-Lis", "None", "\ud800"]
)  # fmt: skip
addresses = st.sampled_from(
    ["anna@example.com", "Anna@Example.COM", "info@firma.pl", "a.b+c@gmail.com", "a@b.pl;c@d.pl", "nobody", "<a@b.pl>",
     "anna@żółć.pl", "-a@b.pl", "\u212aa@b.pl", " a@b.pl ", "mailto:a@b.pl", "x@googlemail.com", ".a@b.pl", "a@b.pl."]
)  # fmt: skip
phones = st.sampled_from(
    ["601234567", "601 234 567", "+48 601-234-567", "(22) 123 45 67", "601234567/8", "601 234 567 / 602 345 678", "0",
     "000000000", "+447700900123", "601234567.0", "-601234567", "brak", "6,01234567E+08", "'601234567", "601\u00a0234567"]
)  # fmt: skip
numbers = st.sampled_from(
    ["1001", "000", "A-17/3", "'0012", "n/a", "1.0", "abc", "1 2", "K#1.0", "Ł1", "1" * 120, "9_x"]
)
rows = st.fixed_dictionaries(
    {},
    optional={"No": numbers, "Record": numbers, "Mail": addresses, "Mail 2": st.sampled_from(["", "z@y.pl"]), "Phone": phones}
    | {name: st.one_of(st.just(""), words) for name in ("First", "Last", "Town", "Firm", "Born", *KEPT)},
)  # fmt: skip


@given(rows, st.sampled_from(["list", "Sklep Ł", "n", "a  b", "shop-1"]), st.sampled_from(["PL", "GB"]))
@example(ANNA, "list", "PL")
@example({"No": "n0a1", "First": "Ann", "Last": "ann"}, "n", "PL")
@settings(max_examples=int(os.environ.get("PLAIN_ROWS", "400")), deadline=None)
def test_a_plain_row_is_what_the_careful_path_makes_of_it(cells: dict[str, str], source: str, region: str) -> None:
    found = plain(cells, source, region)
    if found is not None:
        assert found == careful(cells, source, region)


@pytest.mark.parametrize(
    ("cells", "is_plain"),
    [
        pytest.param(ANNA, True, id="as most are"),
        pytest.param({"Mail": "anna@example.com", "Town": "Łódź", "Colour": "red"}, True, id="known by an address"),
        pytest.param({"Phone": "601 234 567", "First": "Ewa"}, True, id="known by a number"),
        pytest.param({"Record": "17", "First": "Ewa"}, True, id="the list's own id"),
        pytest.param({"Mail": "info@example.com", "First": "Ewa"}, False, id="a function's mailbox"),
        pytest.param(ANNA | {"Mail 2": "b@example.com"}, False, id="two addresses"),
        pytest.param(ANNA | {"Sms": "yes"}, False, id="a consent"),
        pytest.param(ANNA | {"Born": "1.2.1990"}, False, id="a date"),
        pytest.param(ANNA | {"More": '{"city": "X"}'}, False, id="an object in a cell"),
        pytest.param({"First": "Ewa"}, False, id="nothing to know her by"),
    ],
)
def test_which_rows_are_plain(cells: dict[str, str], is_plain: bool) -> None:
    assert (plain(cells) is not None) == is_plain


def test_an_empty_row_is_left_to_the_careful_path() -> None:
    assert plain({}) is None
    with pytest.raises(Unreadable):
        careful({}, "list", "PL")

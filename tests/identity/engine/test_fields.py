"""The quick look at a table's identifiers sees what the careful look sees."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm360.identity.engine import fields
from crm360.normalise import identifiers
from crm360.normalise.identifiers import IdentifierKind

phones = st.text(alphabet="0123456789+ ()-/.", max_size=18) | st.from_regex(
    r"(\+48|0048|48|\+44)? ?[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{3,4}", fullmatch=True
)
emails = st.text(alphabet="abz019._+-@ '", max_size=24) | st.from_regex(
    r"[a-z0-9._+]{1,12}@(gmail\.com|outlook\.com|wp\.pl|brak\.pl|a\.pl)", fullmatch=True
)


@settings(deadline=None, max_examples=400)
@given(st.tuples(st.just("phone"), phones) | st.tuples(st.just("email"), emails))
@example(("phone", "601 234 567"))
@example(("phone", "000000000"))
@example(("email", "brak@brak.pl"))
def test_the_quick_look_is_the_careful_one(said: tuple[IdentifierKind, str]) -> None:
    kind, text = said
    normal = identifiers.normal(kind, text, region="PL")
    expected = None if normal and identifiers.is_placeholder(kind, normal) else normal
    assert fields.identifier(kind, text, "PL") == expected


def test_a_column_of_american_dates_is_read_month_first() -> None:
    prepared = fields.prepare({"birth_date": ["12/31/1985", "03/04/1985"]})
    assert sorted(prepared["birth_date"].values) == ["1985-03-04", "1985-12-31"]

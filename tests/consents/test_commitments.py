"""Commitments: the same content gives the same hash whatever database it came back from, and any change another."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from crm360.consents import commitments
from crm360.kernel.dialects import to_json

SALT = bytes(32)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(blacklist_categories=("Cs",)), max_size=5), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
documents = st.dictionaries(st.text("abcż", max_size=4), json_values, max_size=4)


@given(documents)
def test_what_a_json_column_gives_back_has_the_same_commitment(document: dict[str, object]) -> None:
    back = json.loads(to_json(document))
    assert commitments.commitment(SALT, back) == commitments.commitment(SALT, document)
    assert commitments.commitment(SALT, dict(reversed(back.items()))) == commitments.commitment(SALT, document)


@given(documents)
def test_its_form_is_the_canonical_one_of_the_standard(document: dict[str, object]) -> None:
    assert commitments.canonical(document) == rfc8785.dumps(commitments.plain(document))


@given(documents, st.text("xyz", min_size=1, max_size=3))
def test_other_words_or_another_salt_give_another_commitment(document: dict[str, object], word: str) -> None:
    before = commitments.commitment(SALT, document)
    assert commitments.commitment(SALT, document | {"said": word}) != before
    assert commitments.commitment(bytes([1] * 32), document) != before


def test_a_moment_is_the_same_in_every_zone() -> None:
    moment = datetime(2026, 5, 3, 14, 0, 0, 120, tzinfo=UTC)
    there = moment.astimezone(timezone(timedelta(hours=2)))
    assert commitments.header_hash({"at": moment}) == commitments.header_hash({"at": there})
    assert commitments.header_hash({"at": moment}) != commitments.header_hash(
        {"at": moment + timedelta(microseconds=1)}
    )


@pytest.mark.parametrize("salt", [b"", bytes(31), bytes(33)])
def test_a_salt_has_its_length(salt: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        commitments.commitment(salt, {})

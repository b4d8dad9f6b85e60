"""Unpacking request bodies."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.intake.body import BodyTooLarge, BodyUnreadable, unpack


@given(st.binary(max_size=2000).filter(lambda body: not body.startswith(b"\x1f\x8b")))
def test_plain_and_packed_mean_the_same(body: bytes) -> None:
    assert unpack(body, limit=2000) == body
    assert unpack(gzip.compress(body), limit=2000) == body


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_all_members_of_an_archive_count(left: bytes, right: bytes) -> None:
    assert unpack(gzip.compress(left) + gzip.compress(right), limit=400) == left + right


def test_the_unpacked_size_is_bounded() -> None:
    bomb = gzip.compress(b"0" * 10_000_000)
    assert len(bomb) < 20_000
    with pytest.raises(BodyTooLarge, match="4096 KB"):
        unpack(bomb, limit=4 * 1024 * 1024)
    with pytest.raises(BodyTooLarge):
        unpack(b"0" * 101, limit=100)
    assert len(unpack(b"0" * 100, limit=100)) == len(unpack(gzip.compress(b"0" * 100), limit=100)) == 100


@pytest.mark.parametrize("body", [b"\x1f\x8bnot gzip at all", gzip.compress(b"cut off" * 50)[:-9], b"\x1f\x8b"])
def test_a_broken_archive_is_named_as_such(body: bytes) -> None:
    with pytest.raises(BodyUnreadable, match="gzip"):
        unpack(body, limit=10_000)

"""The tree of hashes: published vectors, and that no altered proof is taken."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.consents import merkle
from crm360.consents.merkle import Peaks

#: The inputs and roots of Certificate Transparency's own tests (merkle tree of 0 to 8 entries).
ENTRIES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [merkle.leaf_hash(entry) for entry in ENTRIES]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert merkle.root_of(LEAVES[:size]).hex() == ROOTS[size]


def many(size: int) -> list[bytes]:
    return [merkle.leaf_hash(number.to_bytes(4, "big")) for number in range(size)]


@given(st.integers(0, 70), st.integers(0, 70))
def test_a_tree_may_grow_in_any_steps(one: int, other: int) -> None:
    leaves = many(one + other)
    grown = merkle.grown(merkle.grown(Peaks(), leaves[:one]), leaves[one:])
    assert grown == merkle.grown(Peaks(), leaves)
    assert (grown.size, len(grown.hashes)) == (one + other, bin(one + other).count("1"))


@given(st.integers(1, 70), st.data())
def test_every_leaf_is_proved_and_nothing_else_is(size: int, data: st.DataObject) -> None:
    leaves, index = many(size), data.draw(st.integers(0, size - 1))
    proof, root = merkle.inclusion(leaves, index), merkle.root_of(leaves)
    assert merkle.inclusions(leaves, [index])[index] == proof
    assert merkle.includes(leaves[index], index, size, proof, root)
    other = data.draw(st.integers(0, size - 1).filter(lambda number: number != index)) if size > 1 else index
    assert merkle.includes(leaves[other], index, size, proof, root) == (other == index)
    assert merkle.includes(leaves[index], other, size, proof, root) == (other == index)
    assert not merkle.includes(leaves[index], index, size, [*proof, root], root)
    assert not merkle.includes(leaves[index], index, size, proof, sha256(root).digest())
    if proof:
        assert not merkle.includes(leaves[index], index, size, proof[:-1], root)
        broken = bytearray(b"".join(proof))
        broken[data.draw(st.integers(0, len(broken) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        parts = [bytes(broken[at : at + 32]) for at in range(0, len(broken), 32)]
        assert not merkle.includes(leaves[index], index, size, parts, root)


@given(st.integers(1, 70), st.data())
def test_a_longer_ledger_begins_with_the_shorter_and_no_other(size: int, data: st.DataObject) -> None:
    leaves, before = many(size), data.draw(st.integers(1, size))
    first, second = merkle.root_of(leaves[:before]), merkle.root_of(leaves)
    proof = merkle.consistency(leaves, before)
    assert merkle.extends(before, first, size, second, proof)
    forged = [merkle.leaf_hash(b"forged"), *leaves[1:before]]
    assert not merkle.extends(before, merkle.root_of(forged), size, second, proof)
    if proof:
        assert not merkle.extends(before, first, size, second, proof[:-1])
        assert not merkle.extends(before, first, size, sha256(second).digest(), proof)


@pytest.mark.parametrize(("size", "index"), [(0, 0), (3, 3), (3, -1)])
def test_what_is_not_there_has_no_proof(size: int, index: int) -> None:
    with pytest.raises(IndexError):
        merkle.inclusion(many(size), index)
    assert not merkle.includes(merkle.EMPTY, index, size, [], merkle.EMPTY)

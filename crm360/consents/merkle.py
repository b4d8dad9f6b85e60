"""A tree of hashes over the ledger: whoever keeps one root can later prove what was in the ledger and what was not. Pure.

After RFC 9162 (Certificate Transparency 2.0), section 2.1: leaves and nodes are hashed with different first bytes, so
neither can pass for the other. A tree only grows at its right end; its peaks (the roots of the perfect subtrees it is
made of) are all that has to be kept to grow it further.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

EMPTY = sha256(b"").digest()


class Peaks(NamedTuple):
    """A tree of `size` leaves by the roots of its perfect subtrees, the largest first."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry."""
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return sha256(b"\1" + left + right).digest()


def grown(peaks: Peaks, leaves: Iterable[bytes]) -> Peaks:
    """The peaks after further leaf hashes."""
    size, hashes = peaks.size, list(peaks.hashes)
    for leaf in leaves:
        hashes.append(leaf)
        size += 1
        for _ in range((size & -size).bit_length() - 1):  # as many pairs close as `size` has zeros at its end
            right, left = hashes.pop(), hashes.pop()
            hashes.append(node_hash(left, right))
    return Peaks(size, tuple(hashes))


def root(peaks: Peaks) -> bytes:
    """The root hash."""
    if not peaks.hashes:
        return EMPTY
    found = peaks.hashes[-1]
    for left in reversed(peaks.hashes[:-1]):
        found = node_hash(left, found)
    return found


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes."""
    return root(grown(Peaks(), leaves))


def inclusion(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes beside the way from leaf `index` to the root, the lowest first (RFC 9162, 2.1.3.1).

    Raises IndexError when there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(f"leaf {index} of {len(leaves)}")
    if len(leaves) == 1:
        return []
    cut = _cut(len(leaves))
    if index < cut:
        return [*inclusion(leaves[:cut], index), root_of(leaves[cut:])]
    return [*inclusion(leaves[cut:], index - cut), root_of(leaves[:cut])]


def inclusions(leaves: Sequence[bytes], indexes: Sequence[int]) -> dict[int, list[bytes]]:
    """The same for several leaves, each subtree hashed once."""
    return _Proving(leaves).of(sorted(set(indexes)), 0, len(leaves))[1]


def consistency(leaves: Sequence[bytes], before: int) -> list[bytes]:
    """Hashes that show the tree of the first `before` leaves is the beginning of this one (RFC 9162, 2.1.4.1)."""
    if not 0 < before <= len(leaves):
        raise IndexError(f"{before} of {len(leaves)} leaves")
    return [] if before == len(leaves) else _consistency(leaves, before, whole=True)


def includes(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> bool:
    """Whether `proof` shows that leaf hash `leaf` is number `index` of the `size` under root `expected`."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for beside in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(beside, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, beside)
        at, last = at >> 1, last >> 1
    return last == 0 and found == expected


def extends(before: int, first: bytes, size: int, second: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the tree `second` of `size` leaves begins with the tree `first` of `before` leaves."""
    if before == size:
        return not proof and first == second
    if not 0 < before < size or not proof:
        return False
    path = [first, *proof] if before & (before - 1) == 0 else list(proof)
    at, last = before - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for beside in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(beside, old), node_hash(beside, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, beside)
        at, last = at >> 1, last >> 1
    return last == 0 and old == first and new == second


def _cut(size: int) -> int:
    """The largest power of two below `size`: where RFC 9162 parts a tree."""
    return 1 << ((size - 1).bit_length() - 1)


def _consistency(leaves: Sequence[bytes], before: int, *, whole: bool) -> list[bytes]:
    if before == len(leaves):
        return [] if whole else [root_of(leaves)]
    cut = _cut(len(leaves))
    if before <= cut:
        return [*_consistency(leaves[:cut], before, whole=whole), root_of(leaves[cut:])]
    return [*_consistency(leaves[cut:], before - cut, whole=False), root_of(leaves[:cut])]


class _Proving:
    """Proofs of many leaves in one walk down the tree."""

    def __init__(self, leaves: Sequence[bytes]):
        self.leaves = leaves

    def of(self, wanted: Sequence[int], start: int, end: int) -> tuple[bytes, dict[int, list[bytes]]]:
        """Root of leaves[start:end], and the way of each wanted leaf within it."""
        if not wanted:
            return root_of(self.leaves[start:end]), {}
        if end - start == 1:
            return self.leaves[start], {start: []}
        middle = start + _cut(end - start)
        left, lefts = self.of([index for index in wanted if index < middle], start, middle)
        right, rights = self.of([index for index in wanted if index >= middle], middle, end)
        ways = {index: [*way, right] for index, way in lefts.items()}
        return node_hash(left, right), ways | {index: [*way, left] for index, way in rights.items()}

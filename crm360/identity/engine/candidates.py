"""Which pairs of a table are compared at all: those that share a key of one of many cheap rules. Pure.

Every rule makes blocks of rows; a block beyond its limit is parted by a second key, and what is still too large is left
out: rare values first, for what many share tells nobody apart (Christen 2012, Data Matching, ch. 4).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm360.identity.engine.table import Column, combined

Pairs = NDArray[np.uint64]

IDENTIFIER_LIMIT = 60
LIMIT = 50
#: Rows up to which the limits hold as they are.
FEW = 20_000
#: Columns that part a block grown too large, tried one by one.
_SECOND = ("given_skeleton", "family_skeleton", "birth_year", "city", "birth_place", "postcode", "email", "phone_end")


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows that agree on any of `keys` (each a set of columns) fall in one block of at most `limit` rows."""

    name: str
    keys: tuple[tuple[str, ...], ...]
    limit: int = LIMIT
    parted: bool = True


def rules(present: Mapping[str, Column]) -> list[Rule]:
    """The rules whose columns the table has; a key with a column it lacks is dropped."""
    found: list[Rule] = []
    for rule in _all_rules():
        keys = tuple(dict.fromkeys(key for key in rule.keys if all(column in present for column in key)))
        if keys:
            found.append(Rule(rule.name, keys, rule.limit, rule.parted))
    return found


def _all_rules() -> Iterator[Rule]:
    for column in ("email", "phone_end", "national_id", "customer_id", "card_no", "tax_id", "email_local"):
        yield Rule(column, ((column,),), IDENTIFIER_LIMIT)
    yield Rule("names", (("name_low", "name_high"),))
    yield Rule("name beginnings", (("given_first", "family_3"),))
    yield Rule("name and year", (("family_skeleton", "given_1", "birth_year"),))
    yield Rule("name beginnings and day", (("given_3", "family_3", "birth_day"),))
    yield Rule("given name and year", (("given_skeleton", "birth_year"),), 20, parted=False)
    for place in ("birth_date", "postcode", "city", "birth_place", "street_8", "job_title", "company", "state"):
        skeletons = tuple((word, place) for word in ("given_skeleton", "family_skeleton"))
        yield Rule(f"a name and {place}", skeletons)
    for place in ("postcode", "city", "birth_place", "house", "street_8", "job_title"):
        yield Rule(f"birth date and {place}", (("birth_date", place),))
        yield Rule(f"birth day and {place}", (("birth_day", place),), 20, parted=False)
    for place in ("postcode", "city"):
        yield Rule(f"door in {place}", (("street_8", "house", place),))
    yield Rule("door", (("street_8", "house"),))
    yield Rule("postcode and work", (("postcode", "job_title"),), 20, parted=False)
    yield Rule("postcode and house", (("postcode", "house"),))
    for column in ("birth_date", "family", "postcode", "address_2"):
        yield Rule(f"{column} alone", ((column,),), 30)
    yield Rule("a name alone", (("given_skeleton",), ("family_skeleton",)), 20, parted=False)
    yield Rule("mailbox beginning", (("email_start",),), 20)
    for place in ("birth_year", "city_3", "postcode", "birth_day"):
        letters = tuple((word, place) for word in ("given_letters", "family_letters"))
        yield Rule(f"a name's letters and {place}", letters, 20, parted=False)
    yield Rule("letters", (("given_letters", "family_letters"),), 20, parted=False)


def _limit(rule: Rule, rows: int) -> int:
    """The larger the table, the less a block of one size says: limits shrink with the root of the rows beyond FEW.

    Identifiers keep theirs.
    """
    if rule.limit == IDENTIFIER_LIMIT or rows <= FEW:
        return rule.limit
    return max(int(rule.limit * (FEW / rows) ** 0.5), 8)


def find(columns: Mapping[str, Column], rows: int) -> Pairs:
    """Every candidate pair once, as `left * rows + right` with left < right, ascending."""
    found = np.empty(0, dtype=np.uint64)
    waiting: list[Pairs] = []
    for rule in rules(columns):
        waiting.extend(_pairs_of(rule, columns, rows))
        if sum(map(len, waiting)) > max(len(found), 2_000_000):
            found, waiting = _union([found, *waiting]), []
    return _union([found, *waiting])


def ends(pairs: Pairs, rows: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Left and right row of every pair."""
    left, right = np.divmod(pairs, np.uint64(max(rows, 1)))
    return left.astype(np.int32), right.astype(np.int32)


def _union(parts: Sequence[Pairs]) -> Pairs:
    merged = np.concatenate(parts)
    merged.sort()
    if not len(merged):
        return merged
    first = np.empty(len(merged), dtype=np.bool_)
    first[0] = True
    np.not_equal(merged[1:], merged[:-1], out=first[1:])
    return merged[first]


def _pairs_of(rule: Rule, columns: Mapping[str, Column], rows: int) -> Iterator[Pairs]:
    keys = [combined([columns[name] for name in key]) for key in rule.keys]
    everybody = [np.flatnonzero(key).astype(np.int64) for key in keys]
    key = np.concatenate([one[rows_] for one, rows_ in zip(keys, everybody, strict=True)])
    row = np.concatenate(everybody)
    limit = _limit(rule, rows)
    pairs, large = _blocks(key, row, limit, rows)
    yield pairs
    if not (rule.parted and len(large)):
        return
    used = {name.split("_")[0] for one in rule.keys for name in one}
    for second in _SECOND:
        if second in columns and second.split("_")[0] not in used:
            codes = columns[second].codes[row[large]].astype(np.int64)
            known = codes >= 0
            parted = key[large][known] ^ ((codes[known] + 1).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))
            yield _blocks(parted, row[large][known], limit, rows)[0]


def _blocks(key: NDArray[np.uint64], row: NDArray[np.int64], limit: int, rows: int) -> tuple[Pairs, NDArray[np.int64]]:
    """Pairs of the blocks within the limit, and the positions that stand in larger ones."""
    order = np.argsort(key)
    key, row = key[order], row[order]
    starts = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1]))) if len(key) else np.empty(0, np.int64)
    sizes = np.diff(np.append(starts, len(key)))
    large = np.repeat(sizes > limit, sizes)
    inside = np.repeat((sizes > 1) & (sizes <= limit), sizes)
    after = np.repeat(starts + sizes, sizes) - np.arange(len(key)) - 1  # how many of the block follow
    positions = np.flatnonzero(inside)
    made: list[Pairs] = [np.empty(0, dtype=np.uint64)]
    step = 1
    while len(positions := positions[after[positions] >= step]):
        one, other = row[positions], row[positions + step]
        different = one != other
        low, high = np.minimum(one, other)[different], np.maximum(one, other)[different]
        made.append(low.astype(np.uint64) * np.uint64(rows) + high.astype(np.uint64))
        step += 1
    return np.concatenate(made), order[np.flatnonzero(large)]

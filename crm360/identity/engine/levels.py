"""The levels of `identity.levels` for millions of pairs: each pair of distinct values is compared once. Pure.

RapidFuzz sorts out the pairs of values that cannot reach any level; the few that can are given to the one definition.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from crm360.identity import comparing, levels
from crm360.identity.engine import few, workers
from crm360.identity.engine.mailboxes import named_after
from crm360.identity.engine.measuring import distance, pairs, similarity, texts
from crm360.identity.engine.table import SET_MARK, Column
from crm360.normalise.nicknames import KNOWN, NICKNAMES

Rows = NDArray[np.int32]
Levels = NDArray[np.int8]
Judge = Callable[[Column, NDArray[np.int64], NDArray[np.int64]], Levels]
#: The level of a field that a side does not have.
MISSING = np.int8(-1)

#: Names where they belong: not worth a finding, but the other levels are rare beside it.
STRAIGHT = "straight"
#: Up to so many pairs are compared one by one.
_FEW = 40
#: From so many pairs on, fields are compared by several processes.
_SHARED_OUT = 20_000
_LISTED = frozenset((*KNOWN, *NICKNAMES))


@dataclass(frozen=True, slots=True)
class Distinct:
    """Pairs of distinct values and where they came from."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    back: NDArray[np.int64]
    at: NDArray[np.int64]


def level_names(field: str) -> tuple[str, ...]:
    """The levels of a field, strongest first."""
    if field == "name":
        return (*levels.LEVELS["name"], STRAIGHT)
    return levels.LEVELS["email" if field == "named_email" else field]


def by_value(column: Column, left: Rows, right: Rows, judge: Judge) -> Levels:
    """Level 0 where codes agree, `judge`'s level for each pair of distinct values, MISSING where a side has none."""
    one, other = column.codes[left], column.codes[right]
    found = np.where((one < 0) | (other < 0), MISSING, np.int8(0)).astype(np.int8)
    distinct = _distinct(one, other, len(column.values))
    if len(distinct.at):
        found[distinct.at] = judge(*_used(column, distinct))[distinct.back]
    return found


def _used(column: Column, distinct: Distinct) -> tuple[Column, NDArray[np.int64], NDArray[np.int64]]:
    """The column with only the values that are compared, still in order, and the pairs of them."""
    used, place = np.unique(np.concatenate([distinct.left, distinct.right]), return_inverse=True)
    place = place.reshape(-1).astype(np.int64)
    half = len(distinct.left)
    return Column(column.codes[:0], tuple(texts(column.values, used))), place[:half], place[half:]


def by_identifier(
    kind: str, column: Column, left: Rows, right: Rows, judge: Judge, shared: Mapping[str, Collection[str]]
) -> Levels:
    """As `by_value`, for columns whose cells may be sets, and with values that belong to many (`shared`, see `compare`).

    Of two sets the best level any two values reach counts; a value both have counts before all.
    """
    found = by_value(column, left, right, judge)
    several = column.several
    same = np.flatnonzero(found == 0)
    codes, back = np.unique(column.codes[left[same]], return_inverse=True)
    values = texts(column.values, codes)
    many = np.fromiter((comparing.of_many(kind, value, shared) for value in values), np.bool_, len(codes))
    found[same[many[back]]] = level_names(kind).index("shared by many")
    if several.any():
        one, other = column.codes[left], column.codes[right]
        at = np.flatnonzero((one >= 0) & (other >= 0) & (several[one] | several[other]))
        found[at] = _of_sets(kind, column.values, one[at], other[at], shared)
    return found


def _of_sets(
    kind: str, values: Sequence[str], left: Rows, right: Rows, shared: Mapping[str, Collection[str]]
) -> Levels:
    names = level_names(kind)
    pairs, back = np.unique(np.stack([left, right], axis=1), axis=0, return_inverse=True)
    answers = [
        comparing.identifier_level(kind, values[one].split(SET_MARK), values[other].split(SET_MARK), shared)
        for one, other in pairs.tolist()
    ]
    place = {name: at for at, name in enumerate(names)}
    return np.array([place.get(answer, MISSING) for answer in answers], dtype=np.int8)[back.reshape(-1)]


def _distinct(one: Rows, other: Rows, values: int) -> Distinct:
    at = np.flatnonzero((one >= 0) & (other >= 0) & (one != other))
    low, high = np.minimum(one[at], other[at]).astype(np.int64), np.maximum(one[at], other[at])
    keys, back = np.unique(low * max(values, 1) + high, return_inverse=True)
    left, right = np.divmod(keys, max(values, 1))
    return Distinct(left, right, back.reshape(-1), at)


def _asked(
    names: Sequence[str], values: Sequence[str], left: NDArray[np.int64], right: NDArray[np.int64],
    worth: NDArray[np.bool_], level: Callable[[str, str], str],
) -> Levels:  # fmt: skip
    """The one definition's level where it is worth asking, the last level ("different") elsewhere."""
    place = {name: at for at, name in enumerate(names)} | {"unknown": -1}
    found = np.full(len(left), len(names) - 1, dtype=np.int8)
    asked = np.flatnonzero(worth)
    answers = map(level, texts(values, left[asked]), texts(values, right[asked]))
    found[asked] = np.fromiter((place[answer] for answer in answers), dtype=np.int8, count=len(asked))
    return found


def given(column: Column, left: NDArray[np.int64], right: NDArray[np.int64]) -> Levels:
    values = column.values
    firsts = [text.split(" ")[0] for text in values]
    words = np.array([" " in text for text in values])
    size = np.array([len(first) for first in firsts])
    short, brief = size == 1, size <= levels.BRIEF
    initial = np.array([ord(text[0]) for text in values])
    listed = np.array([first in KNOWN or first in NICKNAMES for first in firsts])
    worth = similarity(pairs(values, left, right)) >= levels.HOPELESS
    worth |= (initial[left] == initial[right]) & (short[left] | short[right] | (brief[left] & brief[right]))
    worth |= words[left] | words[right] | (listed[left] & listed[right] & _nicknames(firsts, left, right))
    return _asked(level_names("given_name"), values, left, right, worth, levels.given_level)


def _nicknames(firsts: Sequence[str], left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether two first names can be one by the list."""
    known = {name: at for at, name in enumerate(sorted(_LISTED.intersection(firsts)))}
    forms = [NICKNAMES.get(name, frozenset()) | {name} for name in known]
    related = np.diag([True] * len(known) + [False])  # the last stands for names not listed
    holders: dict[str, list[int]] = {}
    for at, formal in enumerate(forms):
        for form in formal:
            holders.setdefault(form, []).append(at)
    for one, others in ((one, group) for group in holders.values() if len(group) > 1 for one in group):
        related[one, others] = True
    codes = np.array([known.get(first, len(known)) for first in firsts])
    return related[codes[left], codes[right]]


def family(column: Column, left: NDArray[np.int64], right: NDArray[np.int64]) -> Levels:
    words = np.array([" " in text for text in column.values])
    brief = np.array([len(text) <= levels.BRIEF for text in column.values])
    worth = (similarity(pairs(column.values, left, right)) >= levels.HOPELESS) | words[left] | words[right]
    worth |= brief[left] & brief[right]
    return _asked(level_names("family_name"), column.values, left, right, worth, levels.family_level)


def birth_date(column: Column, left: NDArray[np.int64], right: NDArray[np.int64]) -> Levels:
    parts = np.array([[int(part) for part in text.split("-")] for text in column.values])
    one, other = parts[left], parts[right]
    apart = distance(pairs(column.values, left, right), 2)
    exchanged = (one[:, 0] == other[:, 0]) & (one[:, 1] == other[:, 2]) & (one[:, 2] == other[:, 1])
    part = ((one == other).sum(axis=1) >= 2) | (apart == 2)
    day = (parts[:, 0] * 12 + parts[:, 1]) * 31 + parts[:, 2]
    near = np.abs(day[left] - day[right]) <= levels.NEAR_DAYS
    return np.select([(apart == 1) | exchanged, part, near], [1, 2, 3], 4).astype(np.int8)


def email(column: Column, left: NDArray[np.int64], right: NDArray[np.int64]) -> Levels:
    locals_ = [text.partition("@")[0] for text in column.values]
    long = np.array([len(local) >= levels.LOCAL_LENGTH for local in locals_])
    place = {local: at for at, local in enumerate(dict.fromkeys(locals_))}
    local = np.array([place[text] for text in locals_])
    names = level_names("email")
    found = np.full(len(left), len(names) - 1, dtype=np.int8)
    said = pairs(column.values, left, right)
    apart, one = distance(said, 2), local[left] == local[right]
    short = ~(long[left] & long[right])
    found[apart == 2] = names.index("alike")
    far = np.flatnonzero((apart > 2) & ~short & ~one)
    found[far[similarity(said.some(far)) >= levels.EMAIL_ALIKE]] = names.index("alike")
    found[apart == 1] = names.index("similar")
    found[short] = len(names) - 1
    found[one] = np.where(short[one], len(names) - 1, names.index("same name"))
    domain = np.array([len(text) - len(local_) - 1 for text, local_ in zip(column.values, locals_, strict=True)])
    near = one & (apart <= 2) & (np.minimum(domain[left], domain[right]) >= levels.DOMAIN_LENGTH)
    found[near] = names.index("similar")
    return found


def phone(column: Column, left: NDArray[np.int64], right: NDArray[np.int64]) -> Levels:
    ends = [text[-levels.PHONE_END :] for text in column.values]
    place = {end: at for at, end in enumerate(dict.fromkeys(ends))}
    end = np.array([place[text] for text in ends])
    alike = (distance(pairs(column.values, left, right), 1) <= 1) | (end[left] == end[right])
    return np.where(alike, 1, len(level_names("phone")) - 1).astype(np.int8)


def national_id(column: Column, left: NDArray[np.int64], right: NDArray[np.int64]) -> Levels:
    apart = distance(pairs(column.values, left, right), 2)
    return np.select([apart == 1, apart == 2], [1, 2], 4).astype(np.int8)


def opaque(column: Column, left: NDArray[np.int64], right: NDArray[np.int64]) -> Levels:
    """Ids that agree or do not."""
    return np.full(len(left), 2, dtype=np.int8)


def customer_id(column: Column, left: NDArray[np.int64], right: NDArray[np.int64]) -> Levels:
    """Ids of one shop (`shop:id`) can agree or not; ids of two shops say nothing."""
    shops = [text.rpartition(":")[0] for text in column.values]
    place = {shop: at for at, shop in enumerate(dict.fromkeys(shops))}
    shop = np.array([place[each] for each in shops])
    return np.where(shop[left] == shop[right], np.int8(2), MISSING).astype(np.int8)


def text(column: Column, left: NDArray[np.int64], right: NDArray[np.int64]) -> Levels:
    return np.where(similarity(pairs(column.values, left, right)) >= levels.TEXT_ALIKE, 1, 2).astype(np.int8)


def alike(threshold: float) -> Callable[[Column, NDArray[np.int64], NDArray[np.int64]], Levels]:
    """Judges 0 for values at least this similar, 1 for others."""

    def judge(column: Column, left: NDArray[np.int64], right: NDArray[np.int64]) -> Levels:
        return (similarity(pairs(column.values, left, right)) < threshold).astype(np.int8)

    return judge


def address(columns: Mapping[str, Column], left: Rows, right: Rows) -> Levels:
    """One level for the whole address, as comparing does: its parts are not independent evidence."""
    street = _part(columns, "street", left, right, alike(levels.STREET_ALIKE))
    city = _part(columns, "city", left, right, alike(levels.CITY_ALIKE))
    house = _part(columns, "house", left, right, _never)
    postcode = _part(columns, "postcode", left, right, _one_slip)
    names = level_names("address")
    door, road, number, code, near, town, different = range(len(names))
    area = np.select(
        [postcode == 0, postcode == 1, city == 0, (postcode == 2) | (city == 1)], [code, near, town, different], MISSING
    )
    known = (area >= 0) & (area != different)
    found = np.select(
        [(street == 0) & (house == 0) & (area != different), (street == 0) & known, (house == 0) & known, area >= 0,
         street >= 0],
        [door, road, number, area, different],
        MISSING,
    )  # fmt: skip
    return found.astype(np.int8)


def _part(columns: Mapping[str, Column], field: str, left: Rows, right: Rows, judge: Judge) -> Levels:
    if field not in columns:
        return np.full(len(left), MISSING, dtype=np.int8)
    return by_value(columns[field], left, right, judge)


def _one_slip(column: Column, left: NDArray[np.int64], right: NDArray[np.int64]) -> Levels:
    return np.where(distance(pairs(column.values, left, right), 1) <= 1, 1, 2).astype(np.int8)


def _never(column: Column, left: NDArray[np.int64], right: NDArray[np.int64]) -> Levels:
    return np.ones(len(left), dtype=np.int8)


def crossed(given_: Column, family_: Column, left: Rows, right: Rows) -> Levels:
    """Level of the finding "name": given and family name exchanged, or a lone name in the wrong place."""
    g1, f1, g2, f2 = given_.codes[left], family_.codes[left], given_.codes[right], family_.codes[right]
    found = np.full(len(left), MISSING, dtype=np.int8)
    full = (g1 >= 0) & (f1 >= 0) & (g2 >= 0) & (f2 >= 0)
    # a name missing on both sides is equal there: the pair then has nothing straight to go by either
    straight = (g1 == g2) | (f1 == f2)
    one, other = (g1 >= 0) & (g1 == f2) & ~straight, (f1 >= 0) & (f1 == g2) & ~straight
    beside = np.where(one, (f1 >= 0) & (g2 >= 0), (g1 >= 0) & (f2 >= 0))
    found[((g1 >= 0) | (f1 >= 0)) & ((g2 >= 0) | (f2 >= 0))] = 3
    found[~full & (one | other) & ~beside] = 1
    found[full & (one | other)] = 2
    initial = np.array([ord(text[0]) for text in given_.values] or [0])
    worth = full & ~((g1 == g2) & (f1 == f2)) & ((initial[g1] == initial[f2]) | (initial[f1] == initial[g2]))
    at = np.flatnonzero(worth)
    if len(at):
        values = given_.values
        mine, theirs = ([codes[at].astype(np.int64) for codes in side] for side in ((g1, f1), (g2, f2)))
        cross = similarity(pairs(values, mine[0], theirs[1])) + similarity(pairs(values, mine[1], theirs[0]))
        likely = np.flatnonzero(cross >= levels.SWAPPED)
        straight_ = similarity(pairs(values, mine[0][likely], theirs[0][likely]))
        straight_ += similarity(pairs(values, mine[1][likely], theirs[1][likely]))
        swapped = (cross[likely] > straight_) & (mine[0][likely] != mine[1][likely])
        found[at[likely[swapped]]] = 0
    return found


def _named(columns: Mapping[str, Column], found: dict[str, Levels], left: Rows, right: Rows) -> Levels:
    """Takes over what addresses made of names say where the names agree: it is no evidence of its own.

    An address that is the same, or the same but for a slip, stays evidence where a name is missing; alike ones do not.
    Alike ones and those at another provider say nothing beside the names: every namesake has one.
    """
    ends = level_names("given_name").index("different"), level_names("family_name").index("different")
    crossed_ = found["name"] == 0
    possible = crossed_ | ((found["given_name"] < ends[0]) & (found["family_name"] < ends[1]))
    agree = crossed_ | (possible & (found["given_name"] >= 0) & (found["family_name"] >= 0))
    names = level_names("email")
    near = (found["email"] == names.index("same name")) | (found["email"] == names.index("alike"))
    moved = (found["email"] >= 0) & (agree | (possible & near))
    at = np.flatnonzero(moved)
    spoken_of = np.zeros(len(columns["email"].codes), dtype=np.bool_)
    spoken_of[left[at]] = spoken_of[right[at]] = True
    rows = np.flatnonzero(spoken_of).astype(np.int32)
    spoken_of[rows] = named_after(columns, rows)
    moved[at] = spoken_of[left[at]] | spoken_of[right[at]]
    taken = np.where(moved & ~near, found["email"], MISSING)
    found["email"][moved] = MISSING
    return taken


_IDENTIFIERS = {
    "national_id": national_id,
    "customer_id": customer_id,
    "chat_id": opaque,
    "card": opaque,
    "email": email,
    "phone": phone,
}


def compare(
    columns: Mapping[str, Column], left: Rows, right: Rows, shared: Mapping[str, Collection[str]] | None = None
) -> dict[str, Levels]:
    """Levels of every field the columns allow, for the pairs of rows `left[i]`, `right[i]`.

    `shared`: by kind the identifier values that belong to many; under `comparing.OWN` the mailboxes that do not.
    """
    found = (few.compare if len(left) <= _FEW else _many)(columns, left, right, shared or {})
    if "given" in columns and "family" in columns:
        for field in ("given_name", "family_name"):
            found[field][(found["name"] >= 0) & (found["name"] < len(levels.LEVELS["name"]))] = MISSING
        if "email" in found:
            found["named_email"] = _named(columns, found, left, right)
    return found


def _many(
    columns: Mapping[str, Column], left: Rows, right: Rows, shared: Mapping[str, Collection[str]]
) -> dict[str, Levels]:
    asked = dict(_fields(columns, left, right, shared))
    return dict(zip(asked, workers.done([*asked.values()], worth=len(left) > _SHARED_OUT), strict=True))


def _fields(
    columns: Mapping[str, Column], left: Rows, right: Rows, shared: Mapping[str, Collection[str]]
) -> Iterator[tuple[str, Callable[[], Levels]]]:
    """Every field the columns allow, and how to find its levels; the fields are found independently."""
    for kind, judge in _IDENTIFIERS.items():
        if kind in columns:
            yield kind, partial(by_identifier, kind, columns[kind], left, right, judge, shared)
    plain = {field: (field, text) for field in levels.TEXTS}
    named = {"given_name": ("given", given), "family_name": ("family", family)}
    for field, (source, judge) in ({"birth_date": ("birth_date", birth_date)} | plain | named).items():
        if source in columns:
            yield field, partial(by_value, columns[source], left, right, judge)
    if {"street", "city", "postcode"} & columns.keys():
        yield "address", partial(address, columns, left, right)
    if "given" in columns and "family" in columns:
        yield "name", partial(crossed, columns["given"], columns["family"], left, right)

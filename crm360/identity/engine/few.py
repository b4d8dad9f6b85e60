"""The levels of a handful of pairs, each asked of the one definition in turn. Pure.

Of an arriving contact's ten pairs an array's set-up costs more than the comparing; for many pairs `engine.levels` does
the same on arrays, and a test holds one against the other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from crm360.identity import comparing, levels
from crm360.identity.engine.table import SET_MARK, Column

Cells = Sequence[str]
Levels = NDArray[np.int8]
Rows = NDArray[np.int32]

#: Fields of one column, by how two of its values agree.
_BY_VALUE: Mapping[str, tuple[str, Callable[[str, str], str]]] = {
    "given_name": ("given", levels.given_level),
    "family_name": ("family", levels.family_level),
    "birth_date": ("birth_date", levels.birth_date_level),
    **{field: (field, levels.text_level) for field in levels.TEXTS},
}
_PLACE: Mapping[str, Mapping[str, int]] = {
    field: {name: at for at, name in enumerate(names)} | {"": -1, "unknown": -1}
    for field, names in levels.LEVELS.items()
}
_ADDRESS = ("street", "house", "postcode", "city")


def compare(
    columns: Mapping[str, Column], left: Rows, right: Rows, shared: Mapping[str, Collection[str]]
) -> dict[str, Levels]:
    """Levels of every field the columns allow, for the pairs of rows `left[i]`, `right[i]`; -1 where a side lacks it."""
    cells = {name: (_cells(column, left), _cells(column, right)) for name, column in columns.items()}
    found = {
        kind: _levels(kind, [_identifier(kind, *pair, shared) for pair in zip(*cells[kind], strict=True)])
        for kind in comparing.IDENTIFIERS
        if kind in columns
    }
    for field, (column, level) in _BY_VALUE.items():
        if column in columns:
            said = [level(one, other) if one and other else "" for one, other in zip(*cells[column], strict=True)]
            found[field] = _levels(field, said)
    if {"street", "city", "postcode"} & columns.keys():
        found["address"] = _levels("address", _addresses(cells, len(left)))
    if "given" in columns and "family" in columns:
        sides = (zip(*names, strict=True) for names in zip(cells["given"], cells["family"], strict=True))
        found["name"] = np.array([_name(*pair) for pair in zip(*sides, strict=True)], dtype=np.int8)
    return found


def _name(mine: tuple[str, str], theirs: tuple[str, str]) -> int:
    """Level of the finding "name" of two (given, family); the one after all others where names stand where they belong."""
    if found := levels.name_level(mine, theirs):
        return _PLACE["name"][found]
    return len(levels.LEVELS["name"]) if any(mine) and any(theirs) else -1


def _cells(column: Column, rows: Rows) -> Cells:
    """What each row says, "" for nothing."""
    values = (*column.values, "")
    return [values[code] for code in column.codes[rows].tolist()]


def _levels(field: str, said: Sequence[str]) -> Levels:
    place = _PLACE[field]
    return np.array([place[level] for level in said], dtype=np.int8)


def _identifier(kind: str, one: str, other: str, shared: Mapping[str, Collection[str]]) -> str:
    if not one or not other:
        return ""
    return comparing.identifier_level(kind, one.split(SET_MARK), other.split(SET_MARK), shared)


def _addresses(cells: Mapping[str, tuple[Cells, Cells]], count: int) -> list[str]:
    nothing = ([""] * count, [""] * count)
    parts = [list(zip(*cells.get(part, nothing), strict=True)) for part in _ADDRESS]
    return [levels.address_level(*pair) for pair in zip(*parts, strict=True)]

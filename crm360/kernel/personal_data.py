"""What every room says of its tables: how the rows about a person go, or why they stay.

Each room has a module `personal_data` with two tables by table name: `ERASERS`, functions run in the order written, and
`KEEPS`, the reason why a table's rows stay. A house rule fails when a table is in neither, and runs every eraser.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple


class Whom(NamedTuple):
    """A person to be forgotten: their contacts, and the raw payloads these came from."""

    contact_ids: tuple[int, ...]
    payload_ids: tuple[int, ...] = ()


Erasers = Mapping[str, Callable[[Whom], None]]
Keeps = Mapping[str, str]

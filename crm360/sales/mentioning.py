"""Who is named in a note: "@Anna", "@Anna Kowalska", "@anna.kowalska", without minding case or diacritics. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from crm360.normalise import text

_NAMED = re.compile(r"(?<![\w@.])@([\w.\-]+(?: [\w\-]+)?)")


def mentioned(body: str, colleagues: Mapping[int, tuple[str, str]]) -> set[int]:
    """Ids of the colleagues a text names. `colleagues`: id → (name, e-mail address).

    A whole name or the address's part before the @ names one person. A first name alone does when one person only
    bears it: a guess would ask the wrong one.
    """
    known = _callings(colleagues)
    found: set[int] = set()
    for said in _NAMED.findall(body):
        whole = _folded(said)
        for calling in (whole, whole.partition(" ")[0]):
            if len(known.get(calling, ())) == 1:
                found |= known[calling]
                break
    return found


def _callings(colleagues: Mapping[int, tuple[str, str]]) -> dict[str, set[int]]:
    """Everything somebody may be called by → who is."""
    known: dict[str, set[int]] = {}
    for number, (name, address) in colleagues.items():
        words = name.split()
        for calling in {name, address.partition("@")[0], *words[:1]}:
            if calling:
                known.setdefault(_folded(calling), set()).add(number)
    return known


def _folded(calling: str) -> str:
    return text.fold(calling.rstrip(".-"))

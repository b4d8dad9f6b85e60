"""Rows whose e-mail addresses are made of the row's own name: agreeing on such a one is no evidence of its own. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from crm360.identity.engine.table import SET_MARK, Column, distinct_rows
from crm360.identity.engine.workers import applied
from crm360.normalise import name


def named_after(columns: Mapping[str, Column], rows: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Of each of `rows` whether all its addresses are made of its own name; each combination is looked at once."""
    mail, given, family = (columns[field].codes[rows] for field in ("email", "given", "family"))
    found = np.zeros(len(rows), dtype=np.bool_)
    some = np.flatnonzero((mail >= 0) & ((given >= 0) | (family >= 0)))
    if not len(some):
        return found
    distinct, back = distinct_rows([codes[some] for codes in (family, given, mail)])  # by name: forms are kept
    firsts = _forms(columns["given"].values, distinct[1], name.given_forms)
    lasts = _forms(columns["family"].values, distinct[0], name.family_forms)
    mails = columns["email"].values

    def own(codes: tuple[int, int, int]) -> bool:
        last, first, address = lasts[codes[0]], firsts[codes[1]], mails[codes[2]]
        if SET_MARK not in address:
            return name.made_of_forms(address.partition("@")[0], first, last)
        return all(name.made_of_forms(one.partition("@")[0], first, last) for one in address.split(SET_MARK))

    answers = applied(own, list(zip(*(each.tolist() for each in distinct), strict=True)))
    found[some] = np.array(answers, dtype=np.bool_)[back]
    return found


def _forms(
    values: Sequence[str], codes: NDArray[np.int32], forms: Callable[[str], frozenset[str]]
) -> dict[int, frozenset[str]]:
    """How each of the names used may be written; none where there is no name."""
    return {code: forms(values[code]) if code >= 0 else frozenset() for code in np.unique(codes).tolist()}

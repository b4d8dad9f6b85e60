"""Rows whose e-mail addresses are made of the row's own name: agreeing on such a one is no evidence of its own. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from crm360.identity.engine.halves import applied
from crm360.identity.engine.table import SET_MARK, Column, distinct_rows
from crm360.normalise import name


def named_after(columns: Mapping[str, Column], rows: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Of each of `rows` whether all its addresses are made of its own name; each combination is looked at once."""
    mail, given, family = (columns[field].codes[rows] for field in ("email", "given", "family"))
    found = np.zeros(len(rows), dtype=np.bool_)
    some = np.flatnonzero((mail >= 0) & ((given >= 0) | (family >= 0)))
    if not len(some):
        return found
    distinct, back = distinct_rows([codes[some] for codes in (family, given, mail)])  # by name: forms are kept
    names, others, mails = (*columns["given"].values, ""), (*columns["family"].values, ""), columns["email"].values

    def own(codes: tuple[int, int, int]) -> bool:
        last, first, addresses = others[codes[0]], names[codes[1]], mails[codes[2]].split(SET_MARK)
        return all(name.made_of_name(one.partition("@")[0], first, last) for one in addresses)

    answers = applied(own, list(zip(*(each.tolist() for each in distinct), strict=True)))
    found[some] = np.array(answers, dtype=np.bool_)[back]
    return found

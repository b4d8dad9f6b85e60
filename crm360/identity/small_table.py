"""Some contacts as a small table, so that the batch engine judges their pairs; and what people are shown of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from crm360.identity import comparing
from crm360.identity.engine import forms, levels
from crm360.identity.engine.judging import Judge, Judged, Shared
from crm360.identity.engine.levels import Rows
from crm360.identity.engine.linking import Opinions
from crm360.identity.engine.model import Model

Form = Mapping[str, Any]
Pair = tuple[int, int]

#: The part of an evidence row's field that stands for "these two may only live together".
HOUSEHOLD = "household"
#: Where the values of a field stand in a form.
_SHOWN: Mapping[str, tuple[str, ...]] = {
    "given_name": ("given",), "family_name": ("family",), "name": ("given", "family"), "birth_date": ("birth_date",),
    "address": ("street", "house", "postcode", "city"),
}  # fmt: skip


class SmallTable:
    """`contacts` by id, each a compared form, with the identifier values that belong to many."""

    def __init__(self, contacts: Iterable[int], known: Mapping[int, Form], shared: Shared, judge: Judge):
        self.contacts = sorted(set(contacts))
        self.place = {contact: at for at, contact in enumerate(self.contacts)}
        self._forms = known
        self._shared = shared
        self._judge = judge
        self.columns = forms.columns([known[contact] for contact in self.contacts])

    @property
    def judge_model(self) -> Model:
        """The model the table is judged by."""
        return self._judge.model

    def rows(self, pairs: Sequence[Pair]) -> tuple[Rows, Rows]:
        """The rows of pairs of contacts. Raises KeyError for a contact that is not in the table."""
        places = map(self.place.__getitem__, chain.from_iterable(pairs))
        ends = np.fromiter(places, dtype=np.int32, count=2 * len(pairs)).reshape(-1, 2)
        return ends[:, 0], ends[:, 1]

    def judge(self, pairs: Sequence[Pair]) -> Judged:
        """What the model says of each pair."""
        return self._judge.judge(self.columns, *self.rows(pairs), self._shared)

    def ask(self, left: Rows, right: Rows) -> Opinions:
        """What pairs of rows say when their clusters are about to join."""
        return self._judge.opinions(self.columns, left, right, self._shared)

    def evidence(self, pairs: Sequence[Pair], judged: Judged) -> list[list[dict[str, Any]]]:
        """Of each pair the rows people are shown: field, level, bits, left, right. With the prior they add up."""
        weigher, (left, right) = self._judge.weigher, self.rows(pairs)
        extra: dict[str, np.ndarray] = {}
        for table, at, bits in weigher.rare(judged.levels, self.columns, left, right):
            extra.setdefault(table.field, np.zeros(len(pairs)))[at] += bits
        return [list(self._rows_of(pair, at, judged, extra)) for at, pair in enumerate(pairs)]

    def _rows_of(
        self, pair: Pair, at: int, judged: Judged, extra: Mapping[str, np.ndarray]
    ) -> Iterator[dict[str, Any]]:
        one, other = (self._forms[contact] for contact in pair)
        for field, found in judged.levels.items():
            known = self._judge.weigher.bits.get(field)
            level = int(found[at])
            name = levels.level_names(field)[level]
            if level < 0 or known is None or name == levels.STRAIGHT:
                continue
            shown = "email" if field == "named_email" else field  # made of the name or not, it is an address
            bits = float(known[level] + (extra[field][at] if field in extra else 0.0))
            yield {"field": shown, "level": name, "bits": bits, **self._values(field, one, other)}
        if household := float(judged.weighed.household[at]):
            yield {"field": HOUSEHOLD, "level": "possible", "bits": household, "left": "", "right": ""}

    def _values(self, field: str, one: Form, other: Form) -> dict[str, str]:
        kind = "email" if field == "named_email" else field
        identified = (
            comparing.identifier(kind, one[kind], other[kind], self._shared) if kind in comparing.IDENTIFIERS else None
        )
        if identified:
            return {"left": identified.left, "right": identified.right}
        parts = _SHOWN.get(field, (field,))
        return {side: _text(form, parts) for side, form in (("left", one), ("right", other))}


def _text(form: Form, parts: Iterable[str]) -> str:
    return " ".join(str(form[part]) for part in parts if form.get(part))

"""Why two profiles with a pair strong enough to join are two: what a person is told when evidence alone was not let through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from sqlalchemy import select

from crm360.identity import guards, limits, ruling
from crm360.identity.models import Contact
from crm360.kernel.batches import chunked
from crm360.kernel.db import db

Forms = Mapping[int, Mapping[str, Any]]


class Held(NamedTuple):
    """`reason`: conflict, limit, or whole (all records taken together speak against one person).

    `detail` of a conflict are the words of the guard, of a limit the kind; `number` and `most` of a limit.
    """

    reason: str
    detail: str = ""
    number: int = 0
    most: int = 0


#: Why a pair between the two thresholds waits.
DOUBT = Held("doubt")


def held(pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Held]:
    """(profile, profile) → what holds them apart although a pair of their records would join."""
    listed = list(pairs)
    forms = _forms({profile for pair in listed for profile in pair})
    most = ruling.limits_in_force() if listed else {}
    return {pair: because(forms.get(pair[0], {}), forms.get(pair[1], {}), most) for pair in listed}


def because(left: Forms, right: Forms, most: Mapping[str, int]) -> Held:
    """The reason, for the compared forms of two profiles."""
    for one, other in product(sorted(left), sorted(right)):
        if conflict := guards.conflict(left[one], right[other]):
            return Held("conflict", conflict)
    excess = limits.excess(left, right, {**left, **right}, most)
    return Held("limit", excess.kind, excess.number, excess.most) if excess else Held("whole")


def _forms(profiles: set[int]) -> dict[int, dict[int, Mapping[str, Any]]]:
    found: dict[int, dict[int, Mapping[str, Any]]] = {}
    columns = select(Contact.profile_id, Contact.id, Contact.compared).where(Contact.anonymous.is_(False))
    for chunk in chunked(sorted(profiles)):
        rows: Sequence[Any] = db.session.execute(columns.where(Contact.profile_id.in_(chunk))).all()
        for profile, contact, form in rows:
            found.setdefault(profile, {})[contact] = form
    return found

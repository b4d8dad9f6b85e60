"""What sources say of their own records: one customer under two ids. Kept until both records are known, whatever the order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, union, update
from sqlalchemy.orm import aliased

from crm360.facts import Received, SamePerson
from crm360.identity.models import Contact, SourceLink
from crm360.kernel import dialects
from crm360.kernel.db import db, table_of
from crm360.kernel.dialects import Among


class Due(NamedTuple):
    """A link whose two records are both known and which became no decision yet."""

    id: int
    contact_id: int
    former_id: int
    source: str


_sayer, _former = aliased(Contact), aliased(Contact)
_OPEN = (
    select(SourceLink.id, SourceLink.contact_id, _former.id, SourceLink.source)
    .join(_sayer, _sayer.id == SourceLink.contact_id)
    .join(_former, (_former.source == SourceLink.source) & (_former.external_id == SourceLink.former))
    .where(SourceLink.decision_id.is_(None), _sayer.anonymous.is_(False), _former.anonymous.is_(False))
)
_SAID = _OPEN.where(Among(SourceLink.contact_id))
_SPOKEN_OF = _OPEN.where(Among(_former.id))
_DUE = union(_SAID, _SPOKEN_OF)


def record(*, received: Sequence[Received[SamePerson]], now: datetime) -> None:
    """Keep what was said, each pair once. `now` is unused by rule."""
    rows = [
        {"contact_id": item.contact_id, "source": item.fact.ref.source, "former": item.fact.former.external_id,
         "said_at": item.fact.occurred_at}
        for item in received
        if item.contact_id is not None
    ]  # fmt: skip
    dialects.insert_new(db.session, table_of(SourceLink), rows, ["source", "former", "contact_id"])


def due(contact_ids: Collection[int]) -> list[Due]:
    """Links of or about the contacts that can be obeyed now."""
    if not contact_ids:
        return []
    return sorted(Due(*row) for row in db.session.execute(_DUE, {"values": contact_ids}))


def obeyed(*, link_id: int, decision_id: int) -> None:
    """The link has become this decision."""
    db.session.execute(update(SourceLink).where(SourceLink.id == link_id).values(decision_id=decision_id))

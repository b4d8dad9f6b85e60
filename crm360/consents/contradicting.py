"""Consents that contradict each other: what a person has to decide before an address may be used. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import String, cast, func, select

from crm360.consents import asking, queries
from crm360.consents.judging import Question
from crm360.consents.models import Statement
from crm360.consents.policy import REFUSALS, Verdict
from crm360.identity.models import Lineage
from crm360.identity.queries import profile_ids
from crm360.kernel.batches import chunked
from crm360.kernel.db import db

#: Reason of a verdict that only somebody can end → who that is; a code the pages have words for.
WHO_DECIDES = {"conflict": "officer", "unconfirmed_link": "duplicates", "not_reaffirmed": "person"}
#: Joined customers looked at, the last joined first.
JOINED = 500


@dataclass(frozen=True)
class Contradiction:
    """One address, purpose and channel nobody may use until somebody decides.

    What was said there is read when it is asked for: who only counts contradictions reads none of it.
    """

    question: Question
    verdict: Verdict
    profile_id: int | None

    @property
    def decides(self) -> str:
        """Who ends it (see WHO_DECIDES)."""
        return WHO_DECIDES[self.verdict.reason]

    @property
    def address(self) -> str:
        """As it was first written."""
        return next((each.identifier_value for each in self._said), self.question.normal)

    @cached_property
    def statements(self) -> list[Statement]:
        """Those that stand against each other, the oldest first: what the verdict names, else the last no and yes."""
        named = [each for each in self._said if each.id in self.verdict.evidence]
        if missing := set(self.verdict.evidence) - {each.id for each in named}:
            named += db.session.scalars(select(Statement).where(Statement.id.in_(missing)))
        if len(named) < 2:
            named += [each for each in self._said if each.state in REFUSALS][-1:]
            named += [each for each in self._said if each.state == "given"][-1:]
        shown = {each.id: each for each in named}
        return sorted(shown.values(), key=lambda each: (each.occurred_at, each.id))

    @cached_property
    def _said(self) -> list[Statement]:
        """Everything said of this address for this, the oldest first."""
        asked = self.question
        here = select(Statement).where(
            Statement.identifier_kind == asked.kind, Statement.identifier_normal == asked.normal,
            Statement.purpose == asked.purpose, Statement.channel == asked.channel,
        )  # fmt: skip
        return list(db.session.scalars(here.order_by(Statement.occurred_at, Statement.id)))


def waiting(*, now: datetime) -> list[Contradiction]:
    """Every contradiction of lists without dates, wherever it is, and those of the customers joined last."""
    found = {each.question[1:]: each for each in [*_of_joined(now), *_of_undated(now)]}
    return sorted(found.values(), key=lambda each: (each.verdict.since or now, each.question[1:]), reverse=True)


def find(*, kind: str, normal: str, purpose: str, channel: str, now: datetime) -> Contradiction | None:
    """The contradiction of one address, if it still stands."""
    same = Statement.identifier_kind == kind, Statement.identifier_normal == normal
    contact_id = db.session.scalar(select(func.max(Statement.contact_id)).where(*same))
    return next(_judged([Question(contact_id, kind, normal, purpose, channel)], now), None)


def _of_undated(now: datetime) -> Iterator[Contradiction]:
    key = (Statement.identifier_kind, Statement.identifier_normal, Statement.purpose, Statement.channel)
    undated = cast(Statement.evidence, String).like('%"undated"%true%')
    candidates = select(func.max(Statement.contact_id), *key).where(undated).group_by(*key)
    return _judged([Question(*row) for row in db.session.execute(candidates)], now)


def _of_joined(now: datetime) -> Iterator[Contradiction]:
    joined = select(Lineage.to_profile_id).where(
        Lineage.from_profile_id.is_not(None), Lineage.to_profile_id.is_not(None)
    )
    latest = joined.group_by(Lineage.to_profile_id).order_by(func.max(Lineage.at).desc()).limit(JOINED)
    for some in chunked(db.session.scalars(latest)):
        for profile_id, cells in queries.matrix_of_many(some, now=now).items():
            for cell in cells:
                if cell.verdict.reason in WHO_DECIDES:
                    asked = Question(None, cell.identifier_kind, cell.normal, cell.purpose, cell.channel)
                    yield Contradiction(asked, cell.verdict, profile_id)


def _judged(questions: Iterable[Question], now: datetime) -> Iterator[Contradiction]:
    asked = list(questions)
    where = profile_ids(each.contact_id for each in asked if each.contact_id is not None)
    for question, verdict in zip(asked, asking.ask(asked, now=now), strict=True):
        if verdict.reason in WHO_DECIDES:
            yield Contradiction(question, verdict, where.get(question.contact_id or 0))

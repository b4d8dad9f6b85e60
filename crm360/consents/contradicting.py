"""Consents that contradict each other: what a person has to decide before an address may be used. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

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
#: Joined customers looked at for one page, the last joined first.
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


class Page(NamedTuple):
    """Some contradictions, the newest first, and where customers joined earlier begin; None: all were looked at."""

    rows: list[Contradiction]
    earlier: int | None


def waiting(*, before: int | None = None, now: datetime) -> Page:
    """Every contradiction of lists without dates, wherever it is, and those of the customers joined last.

    `before`: those of the next customers, joined before that one.
    """
    joined = _joined(before)
    undated = [] if before else _of_undated(now)
    found = {each.question[1:]: each for each in [*_of_joined([number for number, _ in joined], now), *undated]}
    rows = sorted(found.values(), key=lambda each: (each.verdict.since or now, each.question[1:]), reverse=True)
    return Page(rows, joined[-1][1] if len(joined) == JOINED else None)


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


def _joined(before: int | None) -> list[tuple[int, int]]:
    """Customers and the number of the move that joined them last, the latest first."""
    last = func.max(Lineage.id)
    joined = select(Lineage.to_profile_id, last).where(
        Lineage.from_profile_id.is_not(None), Lineage.to_profile_id.is_not(None)
    )
    latest = joined.group_by(Lineage.to_profile_id).order_by(last.desc()).limit(JOINED)
    if before is not None:
        latest = latest.having(last < before)
    return [(number, move) for number, move in db.session.execute(latest)]


def _of_joined(profile_ids: Sequence[int], now: datetime) -> Iterator[Contradiction]:
    for some in chunked(profile_ids):
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

"""How long each kind of data is kept. The rules are here; what they do is done where the data is."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from crm360.kernel.db import db
from crm360.kernel.errors import Invalid
from crm360.safeguards.models import RetentionRule, RetentionRun

LONGEST_MONTHS = 360


class UnusableRule(Invalid):
    """A rule that cannot be set."""


class Kind(NamedTuple):
    """A kind of data a rule may be set for: since when its time runs, what is done with it, and a usual time."""

    code: str
    #: last_act, occurred, settled, received, case_closed
    trigger: str
    #: erase, delete, empty
    action: str
    usual_months: int


KINDS: tuple[Kind, ...] = (
    Kind("quiet_customers", "last_act", "erase", 36),
    Kind("behaviour", "occurred", "delete", 25),
    Kind("letters", "settled", "empty", 36),
    Kind("raw_payloads", "received", "empty", 13),
)
BY_CODE = {kind.code: kind for kind in KINDS}


def set_rule(*, kind: str, months: int | None, legal_ref: str, by: str, now: datetime) -> RetentionRule:
    """From now on `kind` is kept so long; None: no rule. Raises UnusableRule."""
    if kind not in BY_CODE:
        raise UnusableRule("There is no such kind of data.", errors={"kind": ["There is no such kind of data."]})
    if months is not None and not 1 <= months <= LONGEST_MONTHS:
        told = "A time has 1 to 360 months."
        raise UnusableRule(told, errors={"months": [told]})
    made = RetentionRule(kind=kind, months=months, legal_ref=legal_ref.strip(), set_at=now, set_by=by)
    db.session.add(made)
    db.session.flush()
    return made


def rules() -> dict[str, RetentionRule]:
    """The rule that counts of each kind that ever had one."""
    newest = select(func.max(RetentionRule.id)).group_by(RetentionRule.kind)
    return {rule.kind: rule for rule in db.session.scalars(select(RetentionRule).where(RetentionRule.id.in_(newest)))}


def in_force() -> list[RetentionRule]:
    """The rules that set a time, in the order of KINDS."""
    found = rules()
    return [found[kind.code] for kind in KINDS if kind.code in found and found[kind.code].months is not None]


def keep_run(*, run: RetentionRun) -> None:
    """Remember what a rule did, or would have done."""
    db.session.add(run)
    db.session.flush()


def runs(*, limit: int = 50) -> list[tuple[RetentionRun, RetentionRule]]:
    """What the rules did, the latest first."""
    query = select(RetentionRun, RetentionRule).join(RetentionRule, RetentionRule.id == RetentionRun.rule_id)
    return [(run, rule) for run, rule in db.session.execute(query.order_by(RetentionRun.id.desc()).limit(limit))]

"""How often somebody tried: counted in the database, so that every worker process counts along."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import delete, update

from crm360.accounts.models import Attempt
from crm360.kernel import dialects
from crm360.kernel.db import db, table_of


class Limit(NamedTuple):
    """At most `amount` attempts in each span of `seconds`."""

    amount: int
    seconds: int


def within(*, key: str, limits: Iterable[Limit], now: datetime) -> bool:
    """Count one more attempt under `key`; whether it is within every limit. Spans gone by are forgotten.

    The caller commits at once: an attempt counts whatever becomes of it.
    """
    db.session.execute(delete(Attempt).where(Attempt.expires_at <= now))
    counted = [(_counted(key, limit, now), limit.amount) for limit in sorted(limits)]
    return all(attempts <= amount for attempts, amount in counted)


def _counted(key: str, limit: Limit, now: datetime) -> int:
    span = int(now.timestamp()) // limit.seconds
    expires_at = datetime.fromtimestamp((span + 1) * limit.seconds, UTC)
    row = {"key": f"{key}/{limit.seconds}/{span}", "attempts": 0, "expires_at": expires_at}
    dialects.insert_new(db.session, table_of(Attempt), [row], ["key"])
    one_more = update(Attempt).where(Attempt.key == row["key"]).values(attempts=Attempt.attempts + 1)
    return int(db.session.scalar(one_more.returning(Attempt.attempts).execution_options(synchronize_session=False)))

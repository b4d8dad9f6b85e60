"""The consent ledger is signed as it stands, so that nobody can shorten or rewrite it unseen."""

from __future__ import annotations

from datetime import datetime

from crm360.consents import ledger
from crm360.jobs.job import Limits


def run(*, limits: Limits, now: datetime) -> int:
    """Returns 1 when there was something new to sign."""
    return 0 if ledger.checkpoint(signer=ledger.signer_of(limits.public_url, limits.ledger_key), now=now) is None else 1

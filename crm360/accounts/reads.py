"""Reads of personal data, noted while a visit only reads, and handed over to be recorded once it is settled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm360.accounts.audit import Act, Actor
from crm360.kernel.db import db

#: The notes lie with the session: it is one visit's, and goes with it.
_NOTED = "reads of personal data"


def note(
    *,
    actor: Actor,
    action: str,
    subject_kind: str = "",
    subject_id: int | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """This visit shows personal data. Nothing is written yet: the visit's transaction may be a read-only one."""
    act = Act(actor=actor, action=action, subject_kind=subject_kind, subject_id=subject_id, details=details or {})
    db.session().info.setdefault(_NOTED, []).append(act)


def taken() -> list[Act]:
    """What was noted since the last time, to be recorded by the door that answers."""
    noted: list[Act] = db.session().info.pop(_NOTED, [])
    return noted

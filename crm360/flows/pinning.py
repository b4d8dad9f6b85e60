"""Staff say which value of a field is right; other systems hear of the change."""

from __future__ import annotations

from datetime import datetime

from crm360.flows import announcing
from crm360.profiles import operations as profiles


def pin(*, profile_id: int, field: str, value: str, by: str, now: datetime) -> str:
    """Let `value` stand for a field, whatever sources say; returns it as kept. Raises BadPin, ProfileNotFound."""
    with announcing.changes_of([profile_id], now=now):
        return profiles.pin(profile_id=profile_id, field=field, value=value, by=by, now=now)


def unpin(*, profile_id: int, field: str, by: str, now: datetime) -> bool:
    """Let sources be heard again on a field; whether it was pinned. Raises BadPin, ProfileNotFound."""
    with announcing.changes_of([profile_id], now=now):
        return profiles.unpin(profile_id=profile_id, field=field, by=by, now=now)

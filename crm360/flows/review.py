"""A person decides who is who: the partition changes, and what is derived from it follows in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from crm360.flows import refresh, restricted
from crm360.identity import operations as identity
from crm360.identity.operations import Outcome


def merge(*, profile_ids: Sequence[int], by: str, reason: str = "", now: datetime) -> Outcome:
    """These profiles are one customer. Raises Locked when one of them is restricted."""
    for profile_id in profile_ids:
        restricted.check(profile_id, desk=True, changing=True, now=now)
    return _shown(identity.merge(profile_ids=profile_ids, by=by, reason=reason, now=now), now)


def merge_together(*, pairs: Sequence[tuple[int, int]], by: str, reason: str = "", now: datetime) -> Outcome:
    """Each of these pairs is one customer; one decision, undone as one. Raises Locked."""
    restricted.check_contacts({contact for pair in pairs for contact in pair}, now=now)
    return _shown(identity.merge_together(pairs=pairs, by=by, reason=reason, now=now), now)


def split(*, profile_id: int, contact_ids: Iterable[int], by: str, reason: str = "", now: datetime) -> Outcome:
    """These records are another customer than the rest of the profile. Raises Locked."""
    restricted.check(profile_id, desk=True, changing=True, now=now)
    return _shown(identity.split(profile_id=profile_id, contact_ids=contact_ids, by=by, reason=reason, now=now), now)


def decide(*, left_id: int, right_id: int, same: bool, by: str, reason: str = "", now: datetime) -> Outcome:
    """The answer to a review of two contacts. Raises Locked."""
    restricted.check_contacts((left_id, right_id), now=now)
    return _shown(identity.decide(left_id=left_id, right_id=right_id, same=same, by=by, reason=reason, now=now), now)


def distinguish(*, profile_ids: Sequence[int], by: str, reason: str = "", now: datetime) -> Outcome:
    """These two profiles are two customers."""
    return _shown(identity.distinguish(profile_ids=profile_ids, by=by, reason=reason, now=now), now)


def undo(*, decision_id: int, by: str, reason: str = "", now: datetime) -> Outcome:
    """Everything returns to where evidence and the other decisions put it."""
    return _shown(identity.undo(decision_id=decision_id, by=by, reason=reason, now=now), now)


def _shown(outcome: Outcome, now: datetime) -> Outcome:
    refresh.profiles(outcome.profile_ids, now=now)
    return outcome

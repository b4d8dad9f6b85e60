"""Restricted data (Article 18) are kept and nothing else: who may see them, and that nobody changes them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from crm360.consents import stopping
from crm360.identity import queries as identity
from crm360.kernel.errors import Conflict, Forbidden

#: Whoever holds this permission sees restricted customers.
PERMISSION = "privacy.manage"
_HIDDEN = "The data of this person are restricted: only the privacy desk sees them."
_LOCKED = "The data of this person are restricted: nobody changes them until the restriction ends."


class Restricted(Forbidden):
    """Not for this reader."""

    def __init__(self) -> None:
        super().__init__(_HIDDEN)


class Locked(Conflict):
    """Not to be changed now."""

    def __init__(self) -> None:
        super().__init__(_LOCKED)


def check(profile_id: int, *, desk: bool, changing: bool, now: datetime) -> None:
    """Raises Restricted when somebody who is not of the privacy `desk` reads, Locked when anybody changes."""
    if not stopping.restricted([profile_id], now=now):
        return
    if not desk:
        raise Restricted
    if changing:
        raise Locked


def check_contacts(contact_ids: Iterable[int], *, now: datetime) -> None:
    """Nothing is decided about who these are. Raises Locked."""
    if stopping.restricted(set(identity.profile_ids(contact_ids).values()), now=now):
        raise Locked


def hidden(profile_ids: Collection[int], *, desk: bool, now: datetime) -> set[int]:
    """Of these customers, those a list must leave out."""
    return set() if desk or not profile_ids else stopping.restricted(profile_ids, now=now)

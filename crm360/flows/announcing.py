"""What a change means to other systems: before and after compared, and the difference put into the outbox.

Nothing is looked up while no endpoint listens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from crm360.consents import changes as consents
from crm360.consents.models import Statement
from crm360.identity import history
from crm360.identity import queries as identity
from crm360.profiles import queries as profiles
from crm360.webhooks import kinds, outbox
from crm360.webhooks.kinds import Happened

#: profile → field → value, of profiles that have a golden record
Records = Mapping[int, Mapping[str, str]]

_OF_PROFILES = frozenset({kinds.CREATED, kinds.UPDATED, kinds.MERGED, kinds.SPLIT, kinds.ERASED})


@contextmanager
def changes_of(profile_ids: Iterable[int], *, now: datetime) -> Iterator[None]:
    """Tell how these profiles differ after the block, in which their golden records are brought up to date."""
    if not _OF_PROFILES & outbox.wanted().keys():
        yield
        return
    ids = sorted(set(profile_ids))
    before = profiles.values(ids)
    yield
    after = profiles.values(ids)
    moves = history.moved(ids, at=now)
    survivors = {gone: identity.current(gone) for gone in before.keys() - after.keys() if gone in dict(moves)}
    outbox.record(events=differences(before, after, moves, survivors), now=now)


def consents_of(*, payload_ids: Sequence[int], contact_ids: Iterable[int], now: datetime) -> None:
    """Tell which addresses may from now on be used otherwise than before these payloads."""
    if not consents_wanted():
        return
    _tell_consents(consents.changed(contact_ids=contact_ids, payload_ids=payload_ids, at=now), now)


def consents_wanted() -> bool:
    """Whether anybody listens for consents."""
    return kinds.CONSENT in outbox.wanted()


def consents_stated(*, statement_ids: Sequence[int], now: datetime) -> None:
    """The same of statements a list brought, by their ids. Of an address several rows speak of its last word is told, at
    least once.
    """
    if consents_wanted():
        _tell_consents(consents.changed_by(statement_ids), now)


def consents_taken_back(*, statement_ids: Sequence[int], now: datetime) -> None:
    """The same of statements that were just invalidated: what counts without them, from now on."""
    if statement_ids and consents_wanted():
        _tell(((each, state, now) for each, state in consents.taken_back(statement_ids)), now)


def _tell_consents(changed: Sequence[Statement], now: datetime) -> None:
    _tell(((each, each.state, each.occurred_at) for each in changed), now)


def _tell(words: Iterable[tuple[Statement, str, datetime]], now: datetime) -> None:
    """Statements with the state to tell, and since when."""
    told = list(words)
    whose = identity.profile_ids({each.contact_id for each, _, _ in told})
    events = [
        Happened(
            kinds.CONSENT,
            whose[each.contact_id],
            {
                "purpose": each.purpose,
                "channel": each.channel,
                "state": state,
                "identifier_kind": each.identifier_kind,
                "occurred_at": at,
            },
        )
        for each, state, at in told
        if each.contact_id in whose
    ]
    outbox.record(events=events, now=now)


def erased(*, profile_ids: Iterable[int], now: datetime) -> int:
    """Tell that these customers are gone for good; returns how many events that makes."""
    return outbox.record(events=[Happened(kinds.ERASED, each) for each in sorted(set(profile_ids))], now=now)


def differences(
    before: Records, after: Records, moves: Sequence[tuple[int, int]], survivors: Mapping[int, int]
) -> list[Happened]:
    """Events that lead from one state to the other: who came to be, who was parted, who is gone (where), who changed.

    `moves`: from which profile to which records went; `survivors`: where a profile that is gone is now.
    """
    born = sorted(after.keys() - before.keys())
    events = [Happened(kinds.CREATED, profile) for profile in born]
    for origin, target in sorted(set(moves)):
        if target in born and origin in before:
            events.append(Happened(kinds.SPLIT, origin, {"new_profile_id": target}))
    for gone, survivor in sorted(survivors.items()):
        events.append(Happened(kinds.MERGED, survivor, {"merged_profile_id": gone}))
    lost = before.keys() - after.keys() - survivors.keys()  # a list that brought them was taken back
    events += [Happened(kinds.ERASED, profile) for profile in sorted(lost)]
    changed = {profile: _changed(before[profile], after[profile]) for profile in before.keys() & after.keys()}
    return events + [
        Happened(kinds.UPDATED, each, {"changed": names}) for each, names in sorted(changed.items()) if names
    ]


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))

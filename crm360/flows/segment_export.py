"""A segment handed out as rows: only whom consents let us reach for the purpose and channel it is handed out for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from crm360.consents import reaching
from crm360.kernel.iso8601 import zulu
from crm360.profiles import queries as profiles
from crm360.segments import counting

HEADER = (
    "profile_id",
    "name",
    "given_name",
    "family_name",
    "city",
    "country",
    "language",
    "kind",
    "address",
    "consent",
    "since",
)


class Export(NamedTuple):
    """Rows in the order of HEADER, and how many members were left out because we may not reach them so."""

    rows: list[tuple[str, ...]]
    left_out: int


def rows(*, segment_id: int, purpose: str, channel: str, now: datetime) -> Export:
    """Raises NoSuchSegment."""
    ids = counting.members(segment_id=segment_id, now=now)
    reached = [each for each in reaching.reach(ids, purpose=purpose, channel=channel, now=now) if each.reachable]
    return Export(list(_rows(reached)), len(ids) - len(reached))


def _rows(reached: Iterable[reaching.Reached]) -> Iterable[tuple[str, ...]]:
    found = list(reached)
    records = profiles.golden([each.profile_id for each in found])
    fields = profiles.values([each.profile_id for each in found])
    for each in found:
        said = fields.get(each.profile_id, {})
        name = records[each.profile_id].display_name if each.profile_id in records else ""
        since = each.verdict.since if each.verdict else None
        yield (
            str(each.profile_id), name, *(said.get(key, "") for key in ("given_name", "family_name", "city", "country", "locale")),
            each.kind, each.value, each.reason, zulu(since) if since else "",
        )  # fmt: skip

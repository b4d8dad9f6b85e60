"""What people answered about pairs of records, as labels a model is learned with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from sqlalchemy import select

from crm360.identity import partition
from crm360.identity.models import Decision
from crm360.kernel import asking
from crm360.kernel.db import db
from crm360.kernel.dialects import Among

#: What a source says of its own numbers teaches nothing about how people's data agree.
_BY_SOURCE = "same"
#: Pairs of one decision that are used: a split of a large customer says hundreds of times the same.
_MOST_OF_ONE = 10
_MADE = select(Decision.id, Decision.made_by).where(Decision.kind != _BY_SOURCE, Among(Decision.id))


class Labels(NamedTuple):
    """`pairs`: (left contact, right contact, whether one person); `by`: who decided how many of them."""

    pairs: list[tuple[int, int, bool]]
    by: dict[str, int]

    @property
    def about(self) -> dict[str, Any]:
        """What a model document says of them."""
        same = sum(said for *_, said in self.pairs)
        return {"same": same, "different": len(self.pairs) - same, "by": dict(sorted(self.by.items()))}


def labels(links: Iterable[partition.Link], *, among: Collection[int]) -> Labels:
    """Of decisions in force those of people about two of these contacts; of a pair the latest word."""
    latest: dict[tuple[int, int], partition.Link] = {}
    for link in sorted(links):
        if link.left in among and link.right in among:
            latest[link.left, link.right] = link
    made = dict(asking.rows(db.session, _MADE, values={link.decision for link in latest.values()}))
    used: Counter[int] = Counter()
    pairs, by = [], Counter[str]()
    for (left, right), link in sorted(latest.items()):
        if link.decision in made and used[link.decision] < _MOST_OF_ONE:
            used[link.decision] += 1
            pairs.append((left, right, link.same))
            by[made[link.decision]] += 1
    return Labels(pairs, dict(by))

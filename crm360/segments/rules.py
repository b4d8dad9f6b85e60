"""A rule as a tree of plain values: groups of conditions, as `parsing` reads and `document` writes them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

#: Grows when the meaning of a document changes.
VERSION = 1

Unit = Literal["minutes", "hours", "days"]
Compare = Literal["at_least", "at_most", "exactly", "more_than", "less_than"]
_FAR = timedelta(days=366 * 200)


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time: days are 24 hours."""

    n: int
    unit: Unit = "days"

    @property
    def length(self) -> timedelta:
        return min(timedelta(**{self.unit: self.n}), _FAR)


@dataclass(frozen=True, slots=True)
class Window:
    """When an event counts.

    ever; `last` a span: until exactly that long after it; `ago`: from then on; `between` two moments, the second exclusive.
    What has not happened yet never counts.
    """

    kind: Literal["ever", "last", "ago", "between"] = "ever"
    span: Span | None = None
    since: datetime | None = None
    until: datetime | None = None

    def counts(self, at: datetime) -> tuple[datetime | None, datetime | None]:
        """From when and until when an event of `at` counts: (None, …) never, (…, None) for ever."""
        if self.kind == "last" and self.span:
            return at, at + self.span.length
        if self.kind == "ago" and self.span:
            return at + self.span.length, None
        if (self.since and at < self.since) or (self.until and at >= self.until):
            return None, None
        return at, None


EVER = Window()


@dataclass(frozen=True, slots=True)
class Filter:
    """A property of an event: `op` of catalog.TEXT_OPS or a comparison; `value` text, number, or texts of `one_of`."""

    name: str
    op: str
    value: str | float | tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class What:
    """An event and what its properties must be."""

    event: str
    where: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class Counted:
    """Did it so many times in a window."""

    what: What
    op: Compare
    n: int
    when: Window = EVER


@dataclass(frozen=True, slots=True)
class Totalled:
    """Sum, average, highest or lowest of a property over the events of a window; without any event there is none.

    Money in units of `currency` (other currencies do not count).
    """

    what: What
    of: str
    by: Literal["sum", "avg", "max", "min"]
    op: Compare
    value: float
    when: Window = EVER
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Extreme:
    """The first, or the latest, such event falls into a window."""

    which: Literal["first", "latest"]
    what: What
    when: Window


@dataclass(frozen=True, slots=True)
class Without:
    """Did one thing in a window and did not do another after it: not until now, or not within a span that has passed."""

    what: What
    other: What
    when: Window = EVER
    within: Span | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A field of the golden record."""

    field: str
    op: str
    value: str | tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Aged:
    """Full years since the birth date."""

    op: Compare
    years: int


@dataclass(frozen=True, slots=True)
class Birthday:
    """A birthday today or within the next `days`, by the shop's calendar; the 29th of February is kept on the 28th."""

    days: int = 0


@dataclass(frozen=True, slots=True)
class Identified:
    """Has, or lacks, an identifier of a kind; `ends` with a text."""

    kind: str
    op: Literal["has", "lacks", "ends"]
    value: str = ""


@dataclass(frozen=True, slots=True)
class Tagged:
    """Bears, or lacks, a tag of ours."""

    tag: str
    op: Literal["has", "lacks"]


@dataclass(frozen=True, slots=True)
class Labelled:
    """Bears, or lacks, a label some source gave: a tag of the shop, a group of a mailing list."""

    label: str
    op: Literal["has", "lacks"]


@dataclass(frozen=True, slots=True)
class Valued:
    """A number, or a text, of the customer's value."""

    field: str
    op: str
    value: str | float | tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Permitted:
    """Whether we may use one of their addresses for a purpose on a channel, by the one decision of consents."""

    purpose: str
    channel: str
    op: Literal["may", "may_not"]


@dataclass(frozen=True, slots=True)
class Belongs:
    """Is in another segment."""

    segment: int
    op: Literal["in", "not_in"]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Is among so many per cent drawn by chance: the same customers for the same salt, others for another."""

    percent: float
    salt: str


Leaf = (
    Counted | Totalled | Extreme | Without | Held | Aged | Birthday | Identified | Tagged | Labelled | Valued | Permitted | Belongs | Drawn
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Group:
    """all, any, none of its conditions; an empty group is met by everybody (of `any`: by nobody)."""

    match: Literal["all", "any", "none"]
    of: tuple[Group | Leaf, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """Who meets `match` and not `but_not`."""

    match: Group
    but_not: Group | None = None

    def leaves(self) -> Iterator[tuple[str, Leaf]]:
        """(place, condition) of every condition, in the order of reading."""
        yield from _leaves(self.match, "match")
        if self.but_not:
            yield from _leaves(self.but_not, "except")


def _leaves(group: Group, place: str) -> Iterator[tuple[str, Leaf]]:
    for number, each in enumerate(group.of):
        here = f"{place}.of[{number}]"
        if isinstance(each, Group):
            yield from _leaves(each, here)
        else:
            yield here, each


def compared(left: float, op: str, right: float) -> bool:
    """Whether a number stands so to another."""
    match op:
        case "at_least":
            return left >= right
        case "at_most":
            return left <= right
        case "more_than":
            return left > right
        case "less_than":
            return left < right
        case _:
            return left == right

"""The order in which possible duplicates are answered: how sure × how much is at stake; and filters over them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from crm360.kernel import money


class Asked(Protocol):
    """A pair that waits, as `identity.queries.open_reviews` gives it."""

    @property
    def left_profile_id(self) -> int: ...
    @property
    def right_profile_id(self) -> int: ...
    @property
    def weight(self) -> float: ...
    @property
    def evidence(self) -> list[dict[str, Any]]: ...
    @property
    def left_contact_id(self) -> int: ...
    @property
    def right_contact_id(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Two customers who may be one. `stake_minor` is what both spent together in the currency they spent most in."""

    ids: tuple[int, int]
    weight: float
    evidence: Sequence[Mapping[str, Any]]
    sources: tuple[str, str]
    stake_minor: int
    currency: str
    urgency: float
    #: Why it waits: doubt (not sure enough), or what holds a sure pair apart (see `identity.holding`).
    held_by: str = "doubt"
    held: Any = None
    #: Whether somebody said no to offers on one side where the other side allows them; None: nobody looked yet.
    consent: bool | None = None

    @property
    def key(self) -> str:
        """The pair as one word: part of an address, and of what a session remembers."""
        return f"{self.ids[0]}-{self.ids[1]}"

    @property
    def agreeing(self) -> frozenset[str]:
        """Fields that speak for one person."""
        return frozenset(each["field"] for each in self.evidence if each["bits"] > 0)

    @property
    def source_pair(self) -> str:
        return " + ".join(self.sources)


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter's value and how many pairs it would leave."""

    value: str
    count: int


def questions(
    pairs: Iterable[Asked], spent: Mapping[int, Mapping[str, int]], sources: Mapping[int, str]
) -> list[Question]:
    """Most urgent first. `spent`: profile id → currency → minor units; `sources`: contact id → source."""
    return sorted((_question(pair, spent, sources) for pair in pairs), key=lambda each: (-each.urgency, each.ids))


def chosen(
    asked: Iterable[Question], *, reason: str = "", sources: str = "", held_by: str = "", consent: bool = False
) -> list[Question]:
    """Those on which the field `reason` agrees, of the two sources named, that wait because of `held_by`; "" asks for nothing.

    `consent`: only those that would change a consent.
    """
    return [
        each
        for each in asked
        if (not reason or reason in each.agreeing)
        and (not sources or sources == each.source_pair)
        and (not held_by or held_by == each.held_by)
        and (not consent or each.consent)
    ]


def with_held(asked: Iterable[Question], held: Mapping[tuple[int, int], Any]) -> list[Question]:
    """The same questions, those in `held` (by ids) with what holds them apart."""
    return [replace(q, held_by=held[q.ids].reason, held=held[q.ids]) if q.ids in held else q for q in asked]


def with_consents(asked: Iterable[Question], changing: Mapping[tuple[int, int], bool]) -> list[Question]:
    """The same questions, with whether they would change a consent (by ids)."""
    return [replace(q, consent=changing.get(q.ids, False)) for q in asked]


#: Fields that are one person's for life, or that no two people share: where one differs, a person looks at the pair alone.
HARD = frozenset(("national_id", "customer_id", "card", "birth_date", "given_name", "family_name"))


def safe(asked: Iterable[Question], *, from_bits: float) -> list[Question]:
    """Those that may be merged several at once: sure enough, only doubt between them, no hard field at odds, no consent
    that changes; and of several pairs with one customer only the first.
    """
    taken: set[int] = set()
    found = []
    for each in asked:
        at_odds = any(row["field"] in HARD and row["level"] == "different" for row in each.evidence)
        fit = each.weight >= from_bits and each.held_by == "doubt" and not at_odds and each.consent is False
        if fit and not taken & set(each.ids):
            taken |= set(each.ids)
            found.append(each)
    return found


def held_choices(asked: Iterable[Question]) -> list[Choice]:
    """Why pairs wait, the most frequent first."""
    return _choices(each.held_by for each in asked)


def reasons(asked: Iterable[Question]) -> list[Choice]:
    """The fields that agree, the most frequent first."""
    return _choices(field for each in asked for field in each.agreeing)


def source_pairs(asked: Iterable[Question]) -> list[Choice]:
    """The pairs of sources, the most frequent first."""
    return _choices(each.source_pair for each in asked)


def _question(pair: Asked, spent: Mapping[int, Mapping[str, int]], sources: Mapping[int, str]) -> Question:
    ids = (pair.left_profile_id, pair.right_profile_id)
    together = Counter(spent.get(ids[0], {})) + Counter(spent.get(ids[1], {}))
    currency, stake = max(together.items(), key=lambda each: (each[1], each[0]), default=("", 0))
    ends = sorted((sources.get(pair.left_contact_id, ""), sources.get(pair.right_contact_id, "")))
    return Question(
        ids=ids,
        weight=pair.weight,
        evidence=pair.evidence,
        sources=(ends[0], ends[1]),
        stake_minor=stake,
        currency=currency,
        urgency=_urgency(pair.weight, float(money.to_major(stake, currency)) if stake else 0.0),
    )


def _urgency(weight: float, stake: float) -> float:
    """Bits × money; a pair that spent nothing, or is barely alike, still has a place of its own."""
    return max(weight, 0.1) * (1.0 + stake)


def _choices(values: Iterable[str]) -> list[Choice]:
    return [Choice(*each) for each in sorted(Counter(values).items(), key=lambda each: (-each[1], each[0]))]

"""Chooses the golden record: of everything sources say of one customer, the value people should see, and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from crm360.normalise import address as addresses
from crm360.normalise import name, text
from crm360.normalise.language import language


class Statement(NamedTuple):
    """One contact's word on one field. `at` is when its source said so; `verified` when the source proved it."""

    value: str
    source: str
    contact_id: int
    at: datetime
    verified: bool = False


class Pinned(NamedTuple):
    """A value that staff chose for a field; it hangs on `contact_id`."""

    value: str
    contact_id: int
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The statement that won a field, the rule by which, and the other values (one statement each, best first).

    `by`: who pinned the value, when the rule is "pinned".
    """

    chosen: Statement
    rule: str
    others: tuple[Statement, ...]
    by: str = ""


#: Who says what is pinned.
STAFF = "staff"


#: How the statements of a field are compared, first criterion first.
RULES: Mapping[str, tuple[str, ...]] = {
    "verified_first": ("verified", "recent", "trusted"),
    "most_recent": ("recent", "trusted"),
    "most_frequent": ("frequent", "recent", "trusted"),
    "longest": ("longest", "recent", "trusted"),
    "trusted_source": ("trusted", "recent"),
    "fullest_name": ("spelt_out", "frequent", "recent", "trusted"),
}
FIELD_RULES: Mapping[str, str] = {
    "given_name": "fullest_name",
    "family_name": "fullest_name",
    "full_name": "fullest_name",
    "company": "most_recent",
    "gender": "most_frequent",
    "birth_date": "most_frequent",
    "email": "verified_first",
    "phone": "verified_first",
    "joined_on": "trusted_source",
}
DEFAULT_RULE = "most_recent"
#: An address is taken whole from one contact: a street of one and a town of another is a place nobody lives at.
ADDRESS = ("street", "house_number", "address_2", "city", "postcode", "state", "country")
_WHERE = ("street", "postcode", "city")

#: What may be chosen for an address, which is always taken whole.
ADDRESS_RULES = ("best_address", "trusted_address")

_Group = tuple[Statement, ...]
_NOBODY = frozenset({"", "none", "null", "nan", "undefined", "unknown", "brak", "nie podano", "n a", "not provided"})
#: What forms and spreadsheets write where they know no date.
_NO_DATE = frozenset({"0001-01-01", "1900-01-01", "1970-01-01"})


def default_rule(field: str) -> str:
    """The usual rule of a field; "address" stands for all parts of one."""
    return ADDRESS_RULES[0] if field == "address" else FIELD_RULES.get(field, DEFAULT_RULE)


def rules_for(field: str) -> tuple[str, ...]:
    """What a field may be chosen by."""
    if field == "address":
        return ADDRESS_RULES
    names, proved = ("given_name", "family_name", "full_name"), ("email", "phone", "card")
    return tuple(
        rule
        for rule in RULES
        if (rule != "fullest_name" or field in names) and (rule != "verified_first" or field in proved)
    )


def golden(
    fields: Mapping[str, Sequence[Statement]],
    *,
    trust: Sequence[str] = (),
    pins: Mapping[str, Pinned] = MappingProxyType({}),
    rules: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Choice]:
    """The choice for every field that somebody said something of; independent of the order of statements.

    `rules`: field → rule, where it is not the usual one. `trust` names sources, the most trusted first; a source not named is trusted least. What only fills a field
    (`brak`, `n/a`) is no statement: a field of which nothing else is said is left out. What staff pinned comes first,
    and of the addresses one that agrees with what is pinned of it.
    """
    fields = {field: [said for said in statements if is_real(said.value)] for field, statements in fields.items()}
    ranks = {source: -place for place, source in enumerate(trust)}
    chosen = {
        field: choose(said, rule=rules.get(field, default_rule(field)), ranks=ranks, sense=_sense(field))
        for field, said in fields.items()
        if field not in ADDRESS and said
    }
    addresses = {field: said for field, said in fields.items() if field in ADDRESS and said}
    chosen |= _address(addresses, ranks, pins, rules.get("address", "best_address"))
    return chosen | {field: _pinned(pin, chosen.get(field)) for field, pin in pins.items()}


def _pinned(pin: Pinned, otherwise: Choice | None) -> Choice:
    """The pinned value; what would stand there without it comes first among the others."""
    said = (otherwise.chosen, *otherwise.others) if otherwise else ()
    others = tuple(statement for statement in said if statement.value != pin.value)
    return Choice(Statement(pin.value, STAFF, pin.contact_id, pin.at), "pinned", others, pin.by)


def _spelling(value: str) -> str:
    """What a value says, however it is spelt."""
    return text.fold(value) or value


def _sense(field: str) -> Callable[[str], str]:
    """What a value of a field says, in a form that is equal for those that say the same."""
    return language if field in ("language", "locale") else _spelling


def same(field: str, one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two records (field → value) that both have the field say the same in it, however it is written.

    Streets do, too, that lead to one house: `ul. Długa 7`, and `Długa` with or without a 7 beside it.
    """
    sense = _sense(field)
    return sense(one[field]) == sense(other[field]) or (field == "street" and _one_door(one, other))


def choose(
    statements: Sequence[Statement], *, rule: str, ranks: Mapping[str, int], sense: Callable[[str], str] = _spelling
) -> Choice:
    """One field by one rule. Values of one `sense` count as one value, shown in its best spelling."""
    if len(statements) == 1:
        return Choice(statements[0], rule, ())
    groups = _groups(statements, sense)
    ordered = sorted(groups, key=lambda group: _key(group, rule, ranks), reverse=True)
    best = [_best_spelling(group, ranks) for group in ordered]
    return Choice(best[0], rule, tuple(best[1:]))


def _groups(statements: Iterable[Statement], sense: Callable[[str], str] = _spelling) -> list[_Group]:
    by_value: dict[str, list[Statement]] = defaultdict(list)
    for statement in statements:
        by_value[sense(statement.value)].append(statement)
    return [tuple(group) for group in by_value.values()]


def _key(group: _Group, rule: str, ranks: Mapping[str, int]) -> tuple[Any, ...]:
    """Sorts values by the rule's criteria, and finally by the value itself, so that there is never a tie."""
    criteria = (_CRITERIA[criterion](group, ranks) for criterion in RULES[rule])
    return (*criteria, min(statement.value for statement in group))


def _best_spelling(group: _Group, ranks: Mapping[str, int]) -> Statement:
    """Of one value's spellings: cased as people write, with its diacritics, most used, latest."""
    if len(group) == 1:
        return group[0]
    used = Counter(statement.value for statement in group)
    return max(
        group, key=lambda s: (*_looks(s.value), used[s.value], s.at, _rank(s, ranks), s.source, s.contact_id, s.value)
    )


def _looks(value: str) -> tuple[bool, int]:
    well_cased = not (value.isupper() or value.islower())
    return well_cased, sum(not char.isascii() for char in value if char.isalpha())


def _address(
    fields: Mapping[str, Sequence[Statement]], ranks: Mapping[str, int], pins: Mapping[str, Pinned], rule: str
) -> dict[str, Choice]:
    by_contact: dict[int, dict[str, Statement]] = defaultdict(dict)
    for field, said in fields.items():
        for statement in said:
            by_contact[statement.contact_id][field] = statement
    if not by_contact:
        return {}
    ordered = sorted(
        by_contact.values(),
        key=lambda address: (_agreeing(address, pins), *_address_key(address, ranks, rule)),
        reverse=True,
    )
    whole = _completed(ordered)
    values = {field: said.value for field, said in whole.items()}
    theirs = {contact: {field: said.value for field, said in parts.items()} for contact, parts in by_contact.items()}

    def others(field: str) -> list[Statement]:
        return [
            said for said in fields[field] if not same(field, values, {**theirs[said.contact_id], field: said.value})
        ]

    return {field: _address_choice(whole[field], others(field), ranks, rule) for field in fields if field in whole}


def _agreeing(address: Mapping[str, Statement], pins: Mapping[str, Pinned]) -> int:
    return sum(
        text.fold(said.value) == text.fold(pins[field].value) for field, said in address.items() if field in pins
    )


def _address_key(address: Mapping[str, Statement], ranks: Mapping[str, int], rule: str) -> tuple[Any, ...]:
    """Addresses one could send a parcel to first, then the latest; or first those of the most trusted source."""
    known = sum(field in address for field in _WHERE)
    latest = max(address.values(), key=lambda s: (s.at, _rank(s, ranks), s.source, s.contact_id))
    key = (known, latest.at, _rank(latest, ranks), len(address), latest.source, latest.contact_id)
    return (_rank(latest, ranks), *key) if rule == "trusted_address" else key


def _completed(addresses: Sequence[Mapping[str, Statement]]) -> dict[str, Statement]:
    """The best address, filled up from those that nowhere contradict it."""
    whole = dict(addresses[0])
    for other in addresses[1:]:
        shared = whole.keys() & other.keys()
        if shared and all(text.fold(whole[field].value) == text.fold(other[field].value) for field in shared):
            whole |= {field: other[field] for field in other.keys() - whole.keys()}
    return whole


def _one_door(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    (street, number), (also, another) = _door(one), _door(other)
    return street == also and (number == another or not number or not another)


def _door(of: Mapping[str, str]) -> tuple[str, str]:
    bare, number = addresses.split_street(of["street"])
    return addresses.street(bare), addresses.house_number(number or of.get("house_number", ""))


def _address_choice(chosen: Statement, others: Sequence[Statement], ranks: Mapping[str, int], rule: str) -> Choice:
    ordered = sorted(_groups(others), key=lambda group: _key(group, DEFAULT_RULE, ranks), reverse=True)
    return Choice(chosen, rule, tuple(_best_spelling(group, ranks) for group in ordered))


@lru_cache(maxsize=2**16)
def is_real(value: str) -> bool:
    """Whether the value says something, instead of filling a field (`brak`, `n/a`, `xxx`)."""
    if any(map(str.isdigit, value)):
        return value not in _NO_DATE
    return text.fold(value) not in _NOBODY and not name.is_placeholder(value)


def is_initial(value: str) -> bool:
    """Whether a name is given by initials only (`A.`, `J. K.`)."""
    parts = text.words(value)
    return bool(parts) and all(len(part) == 1 for part in parts)


def _rank(statement: Statement, ranks: Mapping[str, int]) -> int:
    return ranks.get(statement.source, -len(ranks))


_Criterion = Callable[[_Group, Mapping[str, int]], Any]
_CRITERIA: Mapping[str, _Criterion] = {
    "verified": lambda group, _ranks: any(statement.verified for statement in group),
    "recent": lambda group, _ranks: max(statement.at for statement in group),
    "frequent": lambda group, _ranks: len({statement.contact_id for statement in group}),
    "longest": lambda group, _ranks: len(text.fold(group[0].value)),
    "trusted": lambda group, ranks: max(_rank(statement, ranks) for statement in group),
    "spelt_out": lambda group, _ranks: not is_initial(group[0].value),
}

"""JSON to a rule, refusing what is not understood with its place and a hint; and back. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from math import isfinite
from typing import Any, NamedTuple, cast

from crm360.kernel.errors import Invalid
from crm360.segments import catalog, rules
from crm360.segments.rules import Filter, Group, Leaf, Rule, Span, What, Window

MOST_CONDITIONS = 100
DEEPEST = 8
LONGEST_TEXT = 200
LONGEST_DAYS = 36_500


class BadRule(Invalid):
    """A rule that is not understood. `place` is where ("match.of[2].when"), `message` what, with a hint."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(f"{place}: {message}", errors={"rule": [f"{place}: {message}"]})
        self.place, self.said = place, message


class At(NamedTuple):
    """A value and where it stands."""

    value: Any
    place: str

    def sub(self, key: str) -> At:
        return At(self.value.get(key), f"{self.place}.{key}" if self.place else key)

    def refuse(self, message: str) -> BadRule:
        return BadRule(self.place or "rule", message)


def parse(document: Any) -> Rule:
    """The rule a document says. Raises BadRule."""
    top = _mapping(At(document, ""), {"version", "match", "except"})
    version = document.get("version", rules.VERSION)
    if version != rules.VERSION:
        raise top.sub("version").refuse(f"There is no version {version!r}; this is version {rules.VERSION}.")
    but_not = None if document.get("except") is None else _group(top.sub("except"), 1)
    rule = Rule(_group(top.sub("match"), 1), but_not)
    if sum(1 for _ in rule.leaves()) > MOST_CONDITIONS:
        raise top.refuse(f"A rule has at most {MOST_CONDITIONS} conditions.")
    return rule


def document(rule: Rule) -> dict[str, Any]:
    """The document that `parse` reads as this rule, without what is usual."""
    said = {"version": rules.VERSION, "match": _written(rule.match)}
    return said | ({"except": _written(rule.but_not)} if rule.but_not else {})


def _written(part: Any) -> Any:
    if isinstance(part, Group):
        return {"group": part.match, "of": [_written(each) for each in part.of]}
    if isinstance(part, datetime):
        return part.isoformat()
    if isinstance(part, tuple):
        return [_written(each) for each in part]
    if not is_dataclass(part):
        return part
    said = {each.name: _written(getattr(part, each.name)) for each in fields(part)}
    name = next((name for name, (kind, _) in _LEAVES.items() if kind is type(part)), None)
    kept = {key: value for key, value in said.items() if value not in (None, "", [])}
    if isinstance(part, Window):
        return kept
    return ({"if": name} if name else {}) | kept


def _group(at: At, depth: int) -> Group:
    said = _mapping(at, {"group", "of"})
    if depth > DEEPEST:
        raise at.refuse(f"Groups are nested at most {DEEPEST} deep.")
    match = _choice(said.sub("group"), ("all", "any", "none"))
    of = said.sub("of")
    if not isinstance(of.value, list):
        raise of.refuse("Expected a list of conditions.")
    parts = [At(each, f"{of.place}[{number}]") for number, each in enumerate(of.value)]
    return Group(cast(Any, match), tuple(_part(each, depth) for each in parts))


def _part(at: At, depth: int) -> Group | Leaf:
    if isinstance(at.value, Mapping) and "group" in at.value:
        return _group(at, depth + 1)
    return _leaf(at)


def _leaf(at: At) -> Leaf:
    said = _mapping(at, None)
    name = _choice(said.sub("if"), tuple(_LEAVES))
    kind, read = _LEAVES[name]
    _mapping(at, {"if", *(each.name for each in fields(kind))})
    return read(said)


def _what(at: At) -> What:
    said = _mapping(at, {"event", "where"})
    name = said.sub("event")
    if not isinstance(name.value, str) or catalog.event(name.value) is None:
        raise _unknown(name, "event", [*catalog.EVENTS, f"{catalog.OWN}…"])
    where = said.sub("where")
    if not isinstance(where.value, list | None):
        raise where.refuse("Expected a list of properties.")
    listed = enumerate(where.value or [])
    return What(name.value, tuple(_filter(At(each, f"{where.place}[{i}]"), name.value) for i, each in listed))


def _filter(at: At, event: str) -> Filter:
    said = _mapping(at, {"name", "op", "value"})
    name = said.sub("name")
    found = catalog.property_of(event, name.value) if isinstance(name.value, str) else None
    if found is None:
        known = catalog.EVENTS[event].properties if event in catalog.EVENTS else ()
        raise _unknown(name, f"property of {event!r}", known)
    value_type = found.type
    if event.startswith(catalog.OWN) and said.value.get("op") in catalog.COMPARES:
        value_type = "number"
    op, value = _asked(said, value_type)
    return Filter(name.value, op, value)


def _asked(said: At, kind: catalog.Type) -> tuple[str, str | float | tuple[str, ...] | None]:
    """An operator of a type and the value it takes."""
    op = _choice(said.sub("op"), catalog.ops_of(kind))
    value = said.sub("value")
    if op in catalog.BARE:
        return op, None
    if op == "one_of":
        if not isinstance(value.value, list) or not value.value:
            raise value.refuse("Expected a list of texts.")
        return op, tuple(_text(At(each, f"{value.place}[{i}]")) for i, each in enumerate(value.value))
    return op, _text(value) if kind == "text" else _real(value)


def _window(at: At) -> Window:
    if at.value is None:
        return rules.EVER
    said = _mapping(at, {"kind", "span", "since", "until"})
    kind = _choice(said.sub("kind"), ("ever", "last", "ago", "between"))
    if kind in ("last", "ago"):
        return Window(cast(Any, kind), span=_span(said.sub("span")))
    if kind == "between":
        since, until = (_moment(said.sub(name)) for name in ("since", "until"))
        if since is None and until is None:
            raise at.refuse("Say since when, until when, or both.")
        if since and until and until <= since:
            raise said.sub("until").refuse("The end is not after the beginning.")
        return Window("between", since=since, until=until)
    return rules.EVER


def _span(at: At) -> Span:
    said = _mapping(at, {"n", "unit"})
    unit = said.sub("unit")
    name = "days" if unit.value is None else _choice(unit, catalog.UNITS)
    most = LONGEST_DAYS * {"days": 1, "hours": 24, "minutes": 1440}[name]
    return Span(_whole(said.sub("n"), 1, most), cast(Any, name))


def _counted(said: At) -> Leaf:
    op = _choice(said.sub("op"), catalog.COMPARES)
    return rules.Counted(
        _what(said.sub("what")), cast(Any, op), _whole(said.sub("n"), 0, 100_000), _window(said.sub("when"))
    )


def _totalled(said: At) -> Leaf:
    what, of = _what(said.sub("what")), said.sub("of")
    found = catalog.property_of(what.event, of.value) if isinstance(of.value, str) else None
    known = catalog.EVENTS[what.event].properties if what.event in catalog.EVENTS else {}
    numbers = [name for name, each in known.items() if each.type != "text"]
    if found is None or (known and found.type == "text"):
        raise _unknown(of, f"number of {what.event!r}", numbers)
    by, op = _choice(said.sub("by"), catalog.TOTALS), _choice(said.sub("op"), catalog.COMPARES)
    currency = said.sub("currency")
    code = _text(currency) if currency.value not in (None, "") else "PLN" if found.type == "money" else ""
    value = _real(said.sub("value"))
    return rules.Totalled(what, of.value, cast(Any, by), cast(Any, op), value, _window(said.sub("when")), code.upper())


def _extreme(said: At) -> Leaf:
    which, when = _choice(said.sub("which"), ("first", "latest")), _window(said.sub("when"))
    return rules.Extreme(cast(Any, which), _what(said.sub("what")), when)


def _without(said: At) -> Leaf:
    within = said.sub("within")
    span = None if within.value is None else _span(within)
    return rules.Without(_what(said.sub("what")), _what(said.sub("other")), _window(said.sub("when")), span)


def _held(said: At) -> Leaf:
    name = _choice(said.sub("field"), tuple(catalog.FIELDS), "field")
    op, value = _asked(said, "text")
    return rules.Held(name, op, cast(Any, value))


def _aged(said: At) -> Leaf:
    return rules.Aged(cast(Any, _choice(said.sub("op"), catalog.COMPARES)), _whole(said.sub("years"), 0, 150))


def _birthday(said: At) -> Leaf:
    days = said.sub("days")
    return rules.Birthday(0 if days.value is None else _whole(days, 0, 180))


def _identified(said: At) -> Leaf:
    kind = _choice(said.sub("kind"), tuple(catalog.IDENTIFIERS), "identifier")
    op = _choice(said.sub("op"), ("has", "lacks", "ends"))
    return rules.Identified(kind, cast(Any, op), _text(said.sub("value")).lower() if op == "ends" else "")


def _tagged(said: At) -> Leaf:
    return rules.Tagged(_text(said.sub("tag")), cast(Any, _choice(said.sub("op"), ("has", "lacks"))))


def _labelled(said: At) -> Leaf:
    return rules.Labelled(_text(said.sub("label")), cast(Any, _choice(said.sub("op"), ("has", "lacks"))))


def _valued(said: At) -> Leaf:
    name = _choice(said.sub("field"), tuple(catalog.VALUES), "number of value")
    op, value = _asked(said, catalog.VALUES[name].type)
    return rules.Valued(name, op, value)


def _permitted(said: At) -> Leaf:
    channel = _choice(said.sub("channel"), catalog.CHANNELS)
    op = _choice(said.sub("op"), ("may", "may_not"))
    return rules.Permitted(_text(said.sub("purpose")), channel, cast(Any, op))


def _belongs(said: At) -> Leaf:
    op = _choice(said.sub("op"), ("in", "not_in"))
    return rules.Belongs(_whole(said.sub("segment"), 1, 2**53), cast(Any, op))


def _drawn(said: At) -> Leaf:
    percent = _real(said.sub("percent"))
    if not 0 < percent <= 100:
        raise said.sub("percent").refuse("Expected more than 0 and at most 100 per cent.")
    return rules.Drawn(percent, _text(said.sub("salt")))


#: The word a condition starts with → what it becomes, and how it is read.
_LEAVES: Mapping[str, tuple[type[Any], Callable[[At], Leaf]]] = {
    "did": (rules.Counted, _counted),
    "total": (rules.Totalled, _totalled),
    "extreme": (rules.Extreme, _extreme),
    "without": (rules.Without, _without),
    "field": (rules.Held, _held),
    "age": (rules.Aged, _aged),
    "birthday": (rules.Birthday, _birthday),
    "identifier": (rules.Identified, _identified),
    "tag": (rules.Tagged, _tagged),
    "label": (rules.Labelled, _labelled),
    "value": (rules.Valued, _valued),
    "consent": (rules.Permitted, _permitted),
    "segment": (rules.Belongs, _belongs),
    "random": (rules.Drawn, _drawn),
}
WORDS = tuple(_LEAVES)


def _mapping(at: At, allowed: Collection[str] | None) -> At:
    if not isinstance(at.value, Mapping):
        raise at.refuse("Expected an object.")
    extra = [key for key in at.value if allowed is not None and key not in allowed]
    if extra and allowed is not None:
        raise _unknown(At(extra[0], f"{at.place}.{extra[0]}" if at.place else str(extra[0])), "key", sorted(allowed))
    return at


def _choice(at: At, options: Collection[str], what: str = "choice") -> str:
    if not isinstance(at.value, str) or at.value not in options:
        raise _unknown(at, what, options)
    return at.value


def _unknown(at: At, what: str, options: Collection[str]) -> BadRule:
    """Nothing of that name, and what may have been meant."""
    if at.value is None:
        return at.refuse(f"Say which; there are: {', '.join(options)}." if options else "Say which.")
    near = get_close_matches(str(at.value), list(options), n=1)
    hint = f" Did you mean {near[0]!r}?" if near else f" There are: {', '.join(options)}." if options else ""
    return at.refuse(f"There is no {what} {at.value!r}.{hint}")


def _text(at: At) -> str:
    if not isinstance(at.value, str) or not at.value.strip():
        raise at.refuse("Expected a text.")
    if len(at.value) > LONGEST_TEXT or "\0" in at.value:
        raise at.refuse(f"A text has at most {LONGEST_TEXT} characters.")
    return at.value.strip()


def _real(at: At) -> float:
    if (
        isinstance(at.value, bool)
        or not isinstance(at.value, int | float)
        or not isfinite(at.value)
        or abs(at.value) > 1e15
    ):
        raise at.refuse("Expected a number.")
    return float(at.value)


def _whole(at: At, least: int, most: int) -> int:
    if isinstance(at.value, bool) or not isinstance(at.value, int) or not least <= at.value <= most:
        raise at.refuse(f"Expected a whole number from {least} to {most}.")
    return at.value


def _moment(at: At) -> datetime | None:
    if at.value is None:
        return None
    try:
        found = datetime.fromisoformat(at.value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise at.refuse("Expected a moment such as 2026-03-01T00:00:00+01:00.") from None

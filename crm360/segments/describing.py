"""A rule in sentences, in English and in Polish. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from crm360.segments import catalog, rules
from crm360.segments.catalog import Named
from crm360.segments.rules import Group, Leaf, Rule, Span, What, Window

#: segment → its name
Names = Mapping[int, str]

_COMPARES = {
    "at_least": Named("at least", "co najmniej"), "at_most": Named("at most", "co najwyżej"),
    "exactly": Named("exactly", "dokładnie"), "more_than": Named("more than", "więcej niż"),
    "less_than": Named("less than", "mniej niż"),
}  # fmt: skip
_TEXTS = {
    "is": Named("is", "to"), "is_not": Named("is not", "to nie"), "one_of": Named("is one of", "to jedno z"),
    "contains": Named("contains", "zawiera"), "starts": Named("starts with", "zaczyna się od"),
    "ends": Named("ends with", "kończy się na"), "known": Named("is known", "jest znane"),
    "unknown": Named("is not known", "nie jest znane"),
}  # fmt: skip
_TOTALS = {
    "sum": Named("sum", "suma"), "avg": Named("average", "średnia"), "max": Named("highest", "najwyższa wartość"),
    "min": Named("lowest", "najniższa wartość"),
}  # fmt: skip
#: 1, 2, 5 of them, and of one ("przez 1 dzień", "sprzed 1 dnia").
_UNITS = {
    "minutes": (("minute", "minutes"), ("minutę", "minuty", "minut"), ("minuty", "minut")),
    "hours": (("hour", "hours"), ("godzinę", "godziny", "godzin"), ("godziny", "godzin")),
    "days": (("day", "days"), ("dzień", "dni", "dni"), ("dnia", "dni")),
}
_CHANNELS = {
    "email": Named("e-mail", "e-mailem"), "sms": Named("SMS", "SMS-em"), "phone": Named("phone", "telefonicznie"),
    "push": Named("push", "przez push"),
}  # fmt: skip


def polish(number: int, one: str, few: str, many: str) -> str:
    """The form a Polish noun takes after a number: 1 dzień, 2 dni, 5 dni, 22 dni, 12 dni."""
    if number == 1:
        return one
    return few if number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14) else many


def sentence(rule: Rule, language: str, *, names: Names | None = None, zone: ZoneInfo | None = None) -> str:
    """The whole rule as one sentence."""
    say = Sayer(language, names or {}, zone or ZoneInfo("UTC"))
    said = say.group(rule.match)
    if rule.but_not and rule.but_not.of:
        said += say.of("; but not anyone who: ", "; ale nikt, kto: ") + say.group(rule.but_not)
    return said[:1].upper() + said[1:] + "."


def phrase(leaf: Leaf, language: str, *, names: Names | None = None, zone: ZoneInfo | None = None) -> str:
    """One condition in words."""
    said = Sayer(language, names or {}, zone or ZoneInfo("UTC")).leaf(leaf)
    return said[:1].upper() + said[1:]


class Sayer:
    """Says parts of rules in one language."""

    def __init__(self, language: str, names: Names, zone: ZoneInfo) -> None:
        self.pl, self.names, self.zone = language.startswith("pl"), names, zone

    def of(self, en: str, pl: str) -> str:
        return pl if self.pl else en

    def name(self, named: Named) -> str:
        return named.pl if self.pl else named.en

    def group(self, group: Group, depth: int = 0) -> str:
        if not group.of:
            return self.of("everybody", "wszyscy") if group.match != "any" else self.of("nobody", "nikt")
        parts = [self.group(each, depth + 1) if isinstance(each, Group) else self.leaf(each) for each in group.of]
        if group.match == "none":
            said = self.of("none of: ", "nic z: ") + self.of("; ", "; ").join(parts)
        elif len(parts) == 1:
            return parts[0]
        else:
            said = {"all": self.of(" and ", " i "), "any": self.of(" or ", " lub ")}[group.match].join(parts)
        return f"({said})" if depth else said

    def leaf(self, leaf: Leaf) -> str:
        return _SAID[type(leaf)](self, leaf)

    def what(self, what: What) -> str:
        """The properties in brackets."""
        said = [self.property(what.event, each) for each in what.where]
        return f" ({self.of(' and ', ' i ').join(said)})" if said else ""

    def property(self, event: str, asked: rules.Filter) -> str:
        known = catalog.property_of(event, asked.name)
        return f"{self.name(known.name) if known else asked.name} {self.asked(asked.op, asked.value)}"

    def asked(self, op: str, value: Any) -> str:
        said = self.name(_COMPARES.get(op) or _TEXTS[op])
        if op in catalog.BARE:
            return said
        if isinstance(value, tuple):
            return f"{said} {', '.join(map(self.text, value))}"
        return f"{said} {self.text(value) if isinstance(value, str) else self.number(value)}"

    def text(self, value: str) -> str:
        return f"„{value}”" if self.pl else f"“{value}”"

    def number(self, value: Any) -> str:
        plain = f"{value:,.10g}" if isinstance(value, float) and not value.is_integer() else f"{int(value or 0):,}"
        return plain.replace(",", "\u00a0").replace(".", ",") if self.pl else plain

    def span(self, span: Span, case: int = 0) -> str:
        """ "30 days"; case 1: the genitive ("sprzed 30 dni")."""
        en, accusative, genitive = _UNITS[span.unit]
        if not self.pl:
            return f"{self.number(span.n)} {en[span.n != 1]}"
        if case:
            return f"{self.number(span.n)} {genitive[span.n != 1]}"
        return f"{self.number(span.n)} {polish(span.n, *accusative)}"

    def when(self, window: Window) -> str:
        """The window, with a space before it."""
        if window.kind == "last" and window.span:
            return self.of(" in the last ", " w ciągu ostatnich ") + self.span(window.span, 1)
        if window.kind == "ago" and window.span:
            return self.of(f" more than {self.span(window.span)} ago", f" dawniej niż {self.span(window.span)} temu")
        said = ""
        if window.since:
            said += self.of(" from ", " od ") + self.moment(window.since)
        if window.until:
            said += self.of(" until ", " do ") + self.moment(window.until)
        return said

    def moment(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        day = f"{local.day}.{local:%m.%Y}" if self.pl else f"{local.day} {local:%b %Y}"
        return day if (local.hour, local.minute) == (0, 0) else f"{day} {local:%H:%M}"


def _event(name: str) -> catalog.Event:
    found = catalog.event(name)
    assert found is not None  # noqa: S101 - parsing refused what is not there
    return found


def _counted(say: Sayer, leaf: rules.Counted) -> str:
    event, what, when = _event(leaf.what.event), say.what(leaf.what), say.when(leaf.when)
    never = (leaf.op, leaf.n) in (("exactly", 0), ("at_most", 0), ("less_than", 1))
    if not say.pl:
        if never:
            return f"never {event.en}{what}{when}"
        times = (
            "once" if leaf.n == 1 and leaf.op in ("exactly", "at_least", "at_most") else f"{say.number(leaf.n)} times"
        )
        once = leaf.n == 1 and leaf.op == "at_least"
        return f"{event.en}{what}{'' if once else f' {_COMPARES[leaf.op].en} {times}'}{when}"
    one, few, many, of_one = event.pl
    if never:
        return f"żadnego: {of_one}{what}{when}"
    return f"{_COMPARES[leaf.op].pl} {say.number(leaf.n)} {polish(leaf.n, one, few, many)}{what}{when}"


def _totalled(say: Sayer, leaf: rules.Totalled) -> str:
    event, known = _event(leaf.what.event), catalog.property_of(leaf.what.event, leaf.of)
    of = say.name(known.name) if known else leaf.of
    amount = f"{say.number(leaf.value)}{f' {leaf.currency}' if leaf.currency else ''}"
    asked = f"{say.name(_COMPARES[leaf.op])} {amount}"
    if say.pl:
        return f"{_TOTALS[leaf.by].pl} ({of}) z: {event.pl[2]}{say.what(leaf.what)}{say.when(leaf.when)} to {asked}"
    return f"{event.en}{say.what(leaf.what)}{say.when(leaf.when)} with a {_TOTALS[leaf.by].en} of {of} {asked}"


def _extreme(say: Sayer, leaf: rules.Extreme) -> str:
    event = _event(leaf.what.event)
    if say.pl:
        which = "pierwszy raz" if leaf.which == "first" else "ostatni raz"
        return f"{which}: {event.pl[0]}{say.what(leaf.what)}{say.when(leaf.when)}"
    which = "for the first time" if leaf.which == "first" else "last"
    said = f"{which} {event.en}" if leaf.which == "latest" else f"{event.en}"
    return f"{said}{say.what(leaf.what)}{f' {which}' if leaf.which == 'first' else ''}{say.when(leaf.when)}"


def _without(say: Sayer, leaf: rules.Without) -> str:
    did, other = _event(leaf.what.event), _event(leaf.other.event)
    if say.pl:
        after = f"w ciągu {say.span(leaf.within, 1)} po tym" if leaf.within else "odtąd"
        return f"{did.pl[0]}{say.what(leaf.what)}{say.when(leaf.when)}, a {after} żadnego: {other.pl[3]}{say.what(leaf.other)}"
    after = f"within {say.span(leaf.within)} after it" if leaf.within else "since"
    return f"{did.en}{say.what(leaf.what)}{say.when(leaf.when)} and {after} never {other.en}{say.what(leaf.other)}"


def _held(say: Sayer, leaf: rules.Held) -> str:
    return f"{say.name(catalog.FIELDS[leaf.field])} {say.asked(leaf.op, leaf.value)}"


def _aged(say: Sayer, leaf: rules.Aged) -> str:
    if say.pl:
        return f"ma {_COMPARES[leaf.op].pl} {leaf.years} {polish(leaf.years, 'rok', 'lata', 'lat')}"
    return f"is {_COMPARES[leaf.op].en} {leaf.years} {'year' if leaf.years == 1 else 'years'} old"


def _birthday(say: Sayer, leaf: rules.Birthday) -> str:
    if not leaf.days:
        return say.of("has a birthday today", "ma dziś urodziny")
    return say.of("has a birthday within ", "ma urodziny w ciągu ") + say.span(Span(leaf.days), 1)


def _identified(say: Sayer, leaf: rules.Identified) -> str:
    kind = say.name(catalog.IDENTIFIERS[leaf.kind])
    if leaf.op == "ends":
        return f"{kind} {say.asked('ends', leaf.value)}"
    return f"{say.of('has', 'ma')} {kind}" if leaf.op == "has" else f"{say.of('has no', 'nie ma:')} {kind}"


def _tagged(say: Sayer, leaf: rules.Tagged) -> str:
    bears = (
        say.of("bears the tag ", "ma etykietę ") if leaf.op == "has" else say.of("lacks the tag ", "nie ma etykiety ")
    )
    return bears + say.text(leaf.tag)


def _labelled(say: Sayer, leaf: rules.Labelled) -> str:
    bears = say.of("bears a source’s label ", "ma ze źródła etykietę ")
    lacks = say.of("lacks a source’s label ", "nie ma ze źródła etykiety ")
    return (bears if leaf.op == "has" else lacks) + say.text(leaf.label)


def _valued(say: Sayer, leaf: rules.Valued) -> str:
    return f"{say.name(catalog.VALUES[leaf.field].name)} {say.asked(leaf.op, leaf.value)}"


def _permitted(say: Sayer, leaf: rules.Permitted) -> str:
    how = say.name(_CHANNELS[leaf.channel])
    if say.pl:
        return f"{'wolno' if leaf.op == 'may' else 'nie wolno'} pisać {how} w celu „{leaf.purpose}”"
    return f"{'may' if leaf.op == 'may' else 'may not'} be reached by {how} for “{leaf.purpose}”"


def _belongs(say: Sayer, leaf: rules.Belongs) -> str:
    name = say.text(say.names.get(leaf.segment, f"#{leaf.segment}"))
    return (
        say.of("is in ", "jest w segmencie ") if leaf.op == "in" else say.of("is not in ", "nie jest w segmencie ")
    ) + name


def _drawn(say: Sayer, leaf: rules.Drawn) -> str:
    share = f"{say.number(leaf.percent)}%"
    return say.of(f"is among {share} drawn by chance ({leaf.salt})", f"jest wśród {share} wylosowanych ({leaf.salt})")


_SAID: Mapping[type[Any], Callable[[Sayer, Any], str]] = {
    rules.Counted: _counted,
    rules.Totalled: _totalled,
    rules.Extreme: _extreme,
    rules.Without: _without,
    rules.Held: _held,
    rules.Aged: _aged,
    rules.Birthday: _birthday,
    rules.Identified: _identified,
    rules.Tagged: _tagged,
    rules.Labelled: _labelled,
    rules.Valued: _valued,
    rules.Permitted: _permitted,
    rules.Belongs: _belongs,
    rules.Drawn: _drawn,
}

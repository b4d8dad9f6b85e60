"""What the search box offers beside customers: pages to go to, things to begin, segments and campaigns by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from flask import url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from crm360.normalise import text
from crm360.outreach import queries as outreach
from crm360.segments import queries as segments
from crm360.web import navigation
from crm360.web.visitors import Visitor

#: Typed first, it leaves customers out.
SIGN = ">"
MOST_SHOWN = 6
#: Said before the name of a place, in either language.
VERBS = (("go", "to"), ("open",), ("show",), ("idz", "do"), ("otworz",), ("pokaz",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Something to begin. `also`: other words for it, folded; what is typed after them fills in `takes`, if anything."""

    endpoint: str
    icon: str
    words: Any
    permission: str
    also: tuple[str, ...] = ()
    takes: str = ""
    values: dict[str, Any] = field(default_factory=dict)


class Action(NamedTuple):
    """A line of the list. `about`: what it would be filled in with; `sure`: more was typed than could be chance."""

    words: str
    icon: str
    href: str
    hint: str
    about: str = ""
    sure: bool = False


COMMANDS = (
    Command(endpoint="web.tasks", icon="checkbox", words=_("New task"), permission="sales.work", also=("new task", "task", "nowe zadanie", "zadanie", "todo"), takes="new", values={"new": ""}),
    Command(endpoint="web.new_customer", icon="plus", words=_("New customer"), permission="customers.write", also=("new customer", "create customer", "nowy klient", "dodaj klienta"), takes="q"),
    Command(endpoint="web.call", icon="phone", words=_("Who is calling?"), permission="customers.read", also=("call", "phone", "dzwoni", "telefon"), takes="phone"),
    Command(endpoint="web.new_segment", icon="target", words=_("New segment"), permission="segments.manage", also=("new segment", "nowy segment")),
    Command(endpoint="web.new_campaign", icon="mail", words=_("New campaign"), permission="campaigns.manage", also=("new campaign", "nowa kampania")),
    Command(endpoint="web.new_template", icon="file-text", words=_("New template"), permission="campaigns.manage", also=("new template", "nowy szablon")),
    Command(endpoint="web.new_survey", icon="mood-smile", words=_("New survey"), permission="surveys.manage", also=("new survey", "nowa ankieta")),
    Command(endpoint="web.imports", icon="download", words=_("Import a list"), permission="imports.run", also=("import a list", "importuj liste")),
    Command(endpoint="web.new_case_form", icon="shield-check", words=_("New privacy request"), permission="privacy.manage", also=("new privacy request", "nowy wniosek")),
    Command(endpoint="web.new_breach", icon="alert-triangle", words=_("Report a breach"), permission="privacy.manage", also=("report a breach", "zglos naruszenie")),
    Command(endpoint="web.new_source", icon="inbox", words=_("Add a source"), permission="inbox.manage", also=("add a source", "new source", "dodaj zrodlo")),
    Command(endpoint="web.security", icon="lock", words=_("Password and second step"), permission="customers.read", also=("password", "haslo")),
)  # fmt: skip


def offered(visitor: Visitor, query: str) -> list[Action]:
    """What a visitor may do that `query` names, the surest first."""
    words = query.removeprefix(SIGN).split()
    if not words:
        return [_begun(each, "") for each in COMMANDS if visitor.may(each.permission)][:MOST_SHOWN]
    found = [*_commands(visitor, words), *_places(visitor, words)]
    return sorted(found, key=lambda each: not each.sure)[:MOST_SHOWN]


def named(words: Sequence[str], name: Sequence[str]) -> int:
    """How many of the `words` from the first on begin words of a `name`, each another: ("cust", "li") of ("customer", "list")."""
    left, count = list(name), 0
    for word in words:
        met = next((each for each in left if each.startswith(word)), None)
        if met is None:
            break
        left.remove(met)
        count += 1
    return count


def _commands(visitor: Visitor, words: Sequence[str]) -> Iterator[Action]:
    said = [text.fold(word) for word in words]
    for each in COMMANDS:
        if not visitor.may(each.permission):
            continue
        best, whole = max(_fits(said, name) for name in (text.fold(str(each.words)), *each.also))
        if best == len(said):
            yield _begun(each, "", sure=best > 1 or whole)
        elif each.takes and whole:
            yield _begun(each, " ".join(words[best:]), sure=best > 1)


def _fits(said: Sequence[str], name: str) -> tuple[int, bool]:
    """How many words fit a name, and whether those are the whole name, spelled out."""
    parts = name.split()
    return named(said, parts), sorted(said[: len(parts)]) == sorted(parts)


def _begun(command: Command, about: str, *, sure: bool = False) -> Action:
    values = command.values | ({command.takes: about} if about else {})
    href = url_for(command.endpoint, **values)
    return Action(str(command.words), command.icon, href, gettext("Action"), about, sure)


class _Place(NamedTuple):
    """Somewhere to go; its address is made once it is chosen."""

    name: str
    icon: str
    hint: str
    endpoint: str
    values: Mapping[str, Any] = MappingProxyType({})


def _places(visitor: Visitor, words: Sequence[str]) -> Iterator[Action]:
    said = [text.fold(word) for word in words]
    verb = next((each for each in VERBS if tuple(said[: len(each)]) == each), ())
    said = said[len(verb) :]
    page = gettext("Page")
    for each in [*_pages(visitor, page), *_made(visitor)] if said else []:
        parts = text.fold(each.name if each.hint == page else f"{each.hint} {each.name}").split()
        if named(said, parts) == len(said):
            sure = bool(verb) or len(said) > 1 or said == text.fold(each.name).split()
            yield Action(each.name, each.icon, url_for(each.endpoint, **each.values), each.hint, sure=sure)


def _pages(visitor: Visitor, hint: str) -> Iterator[_Place]:
    for group in navigation.rail(visitor):
        for entry in group.entries:
            yield _Place(str(entry.words), entry.icon, hint, entry.endpoint)


def _made(visitor: Visitor) -> Iterator[_Place]:
    """Segments and campaigns, which have names of their own."""
    if visitor.may("segments.read"):
        for number, name in segments.names():
            yield _Place(name, "target", gettext("Segment"), "web.segment", {"segment_id": number})
    if visitor.may("campaigns.read"):
        for each in outreach.campaigns():
            yield _Place(each.name, "mail", gettext("Campaign"), "web.campaign", {"campaign_id": each.id})

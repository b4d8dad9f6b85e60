"""The household and the companies of a customer: who belongs to them, why, and what they are worth together."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import render_template
from flask_babel import gettext

from crm360.commerce import joint
from crm360.commerce import queries as commerce
from crm360.commerce.value import Value
from crm360.identity import groups
from crm360.identity import queries as identity
from crm360.profiles import queries as profiles
from crm360.profiles.models import GoldenRecord
from crm360.web import reads
from crm360.web.blueprint import door
from crm360.web.policy import is_fragment, requires

MOST_SHOWN = 25


class Shown(NamedTuple):
    """A member: `because` in words; `record` None for somebody of whom nothing is known."""

    profile_id: int
    record: GoldenRecord | None
    value: Value
    because: tuple[str, ...]


class Whole(NamedTuple):
    """A group with its members, who spent most first, and their joint value."""

    group: groups.Group
    members: list[Shown]
    worth: joint.Joint


@door.get("/customers/<int:profile_id>/groups")
@requires("customers.read")
def customer_groups(profile_id: int) -> str:
    live = identity.current(profile_id)
    reads.note_opened(live)
    template = "customers/groups.html" if is_fragment() else "customers/groups_page.html"
    return render_template(template, profile_id=live, wholes=wholes(live), most=MOST_SHOWN)


def wholes(profile_id: int) -> list[Whole]:
    """The household first, then the companies, the largest first."""
    household, accounts = groups.groups_of(profile_id)
    found = [*([household] if household else ()), *accounts]
    ids = sorted({member.profile_id for group in found for member in group.members})
    records, values = profiles.golden(ids), commerce.value_of_many(ids)
    return [_whole(group, records, values) for group in found]


def _whole(group: groups.Group, records: dict[int, GoldenRecord], values: dict[int, Value]) -> Whole:
    members = [
        Shown(each.profile_id, records.get(each.profile_id), values[each.profile_id], because(each))
        for each in group.members
    ]
    members.sort(key=lambda each: (-max(each.value.spend.values(), default=0), each.profile_id))
    return Whole(group, members, joint.together([each.value for each in members]))


def because(member: groups.Member) -> tuple[str, ...]:
    """Why somebody is in the group."""
    return tuple(_words(each) for each in member.evidence)


def _words(evidence: str) -> Any:
    kind, _, value = evidence.partition(":")
    words = {
        "family": gettext("the same family name"),
        "email": gettext("a shared e-mail"),
        "phone": gettext("a shared phone"),
        "tax": gettext("tax id %(number)s", number=value),
        "domain": gettext("e-mail at %(domain)s", domain=value),
    }
    return words[kind]

"""The customer somebody means in a form: a number, or whatever finds exactly one."""

from __future__ import annotations

import re

from crm360.identity import queries as identity
from crm360.kernel import clock
from crm360.kernel.errors import Invalid
from crm360.profiles import queries as profiles
from crm360.web import formats, found

#: "17", "#17", and what a choice of the list leaves in the field: "#17 Anna Kowalska".
_NUMBER = re.compile(r"#(\d{1,18})(?:\s.*)?|(\d{1,18})")
LONGEST, MOST_NAMED = 200, 8


class Unclear(Invalid):
    """Nobody is meant, or one of several."""


def number(text: str) -> int | None:
    """The number a text tells, whether or not a customer has it."""
    told = _NUMBER.fullmatch(text.strip())
    return int(told[1] or told[2]) if told else None


def chosen(text: str, *, field: str = "customer") -> int:
    """The customer meant, under the number they have now. Raises Unclear with those it may be."""
    text = text.strip()[:LONGEST]
    if (told := number(text)) is not None and (now_known := _known(told)) is not None:
        return now_known
    searched = len(text) > 1 and not text.startswith("#")
    hits = found.by_query(text, limit=MOST_NAMED, now=clock.now()) if searched else []
    if len(hits) == 1:
        return hits[0].profile_id
    if hits:
        lines = [", ".join(filter(None, (said(hit.profile_id, hit.display_name), hit.city))) for hit in hits]
        raise Unclear("Several customers match. Choose one from the list, or type their number.", errors={field: lines})
    raise Unclear("No customer matches. Type a name, an e-mail address, a phone or a number.", errors={field: []})


def shown(profile_id: int | None) -> str:
    """A customer as a field holds them: "#17 Anna Kowalska"; "" for nobody."""
    if profile_id is None:
        return ""
    record = profiles.golden([profile_id]).get(profile_id)
    return said(profile_id, formats.shown_name(record.display_name) if record else "")


def said(profile_id: int, name: str) -> str:
    """Number and name."""
    return f"#{profile_id} {name}".rstrip()


def _known(profile_id: int) -> int | None:
    try:
        return identity.current(profile_id)
    except identity.ProfileNotFound:
        return None

"""Trying a source out: a payload becomes what it would become, and nothing of it stays."""

from __future__ import annotations

from collections.abc import Iterator

from flask import request
from flask_babel import gettext

from crm360.accounts.veiling import veiled
from crm360.flows import trying
from crm360.inbox import queries, traffic
from crm360.inbox.models import Source
from crm360.kernel import clock, dialects
from crm360.kernel.errors import Invalid
from crm360.sources import registry
from crm360.sources.base import Unreadable
from crm360.sources.channel import Delivery, Item
from crm360.web import sources
from crm360.web.blueprint import door
from crm360.web.policy import requires


class NothingToTry(Invalid):
    """The source sent nothing yet, its channel has no sample, and none was pasted."""


@door.post(f"{sources.SOURCE}/tests")
@requires("inbox.manage")
def try_source(source_id: int) -> str | tuple[str, int]:
    found, now = sources.found_source(source_id), clock.now()
    try:
        items = chosen(found)
    except (NothingToTry, Unreadable) as error:
        problem = error if isinstance(error, Invalid) else NothingToTry(str(error))
        return sources.overview(found, error=problem), 422
    tried = [trying.try_out(source=found, body=item.body, headers=item.headers, now=now) for item in items]
    return sources.overview(found, tried=[(each, facts_of(each)) for each in tried])


def chosen(found: Source) -> list[Item]:
    """What was pasted, else the channel's sample, else what came last. Raises NothingToTry, Unreadable."""
    about = registry.channels().get(found.channel)
    pasted = request.form.get("body", "").strip().encode()
    if pasted:
        headers = dict(lines_of(request.form.get("headers", "")))
        if about and about.hook:
            delivery = Delivery(method="POST", url="", body=pasted, received_at=clock.now(), headers=headers)
            return list(about.hook.split(delivery))
        return [Item(pasted, "", headers)]
    if about and about.sample and not request.form.get("latest"):
        return [about.sample]
    latest = traffic.tail(source_id=found.id, limit=1)
    if not latest:
        raise NothingToTry(gettext("Nothing came from this source yet. Paste a payload to try."))
    kept = queries.get_payload(latest[0].id)
    return [Item(kept.body, "", kept.headers)]


def lines_of(text: str) -> Iterator[tuple[str, str]]:
    """Headers as they are written: a name, a colon, a value, a line each."""
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            yield name.strip().lower(), value.strip()


def facts_of(tried: trying.Tried) -> list[tuple[str, str]]:
    """Kind of each fact and what it says, masked."""
    return [(type(fact).__name__, veiled(dialects.to_json(fact).encode()) or "") for fact in tried.facts]

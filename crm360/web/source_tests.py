"""Trying a source out: a payload becomes what it would become, and nothing of it stays.

A delivery of a webhook is signed with the source's secret as its vendor signs, and must pass the channel's own check.
"""

from __future__ import annotations

from collections.abc import Iterator

from flask import current_app, request
from flask_babel import gettext

from crm360.accounts.veiling import veiled
from crm360.flows import trying
from crm360.inbox import queries, traffic
from crm360.inbox.models import Source
from crm360.kernel import clock, dialects, sealing
from crm360.kernel.errors import Invalid
from crm360.sources import registry
from crm360.sources.base import Unreadable
from crm360.sources.channel import Delivery, Hook, Item, Sign
from crm360.web import source_view, sources
from crm360.web.blueprint import door
from crm360.web.policy import requires


class NothingToTry(Invalid):
    """The source sent nothing yet, its channel has no sample, and none was pasted."""


@door.post(f"{sources.SOURCE}/tests")
@requires("inbox.manage")
def try_source(source_id: int) -> str | tuple[str, int]:
    found, now = sources.found_source(source_id), clock.now()
    try:
        proof, items = through_the_door(found, chosen(found))
    except (NothingToTry, Unreadable) as error:
        problem = error if isinstance(error, Invalid) else NothingToTry(str(error))
        return sources.overview(found, error=problem), 422
    tried = [trying.try_out(source=found, body=item.body, headers=item.headers, now=now) for item in items]
    return sources.overview(found, proof=proof, tried=[(each, facts_of(each)) for each in tried])


def chosen(found: Source) -> Item:
    """What was pasted, else the channel's sample, else what came last. Raises NothingToTry."""
    about = registry.channels().get(found.channel)
    if pasted := request.form.get("body", "").strip().encode():
        return Item(pasted, "", dict(lines_of(request.form.get("headers", ""))))
    if about and about.sample:
        return about.sample
    latest = traffic.tail(source_id=found.id, limit=1)
    if not latest:
        raise NothingToTry(gettext("Nothing came from this source yet. Paste a payload to try."))
    kept = queries.get_payload(latest[0].id)
    return Item(kept.body, "", kept.headers)


def through_the_door(found: Source, item: Item) -> tuple[str, list[Item]]:
    """How the delivery proved itself, and what the channel takes out of it. Raises NothingToTry, Unreadable.

    "signed": as the vendor signs; "address": the address alone proves it; "unsigned": only the vendor can sign; "": this
    source has no webhook.
    """
    about = registry.channels().get(found.channel)
    if about is None or about.hook is None:
        return "", [item]
    settings, hook = current_app.config["SETTINGS"], about.hook
    address = source_view.address(found, about, settings.public_url, secret=found.secret)
    delivery = Delivery(
        method="POST", url=address, body=item.body, received_at=clock.now(), headers=dict(item.headers)
    )  # fmt: skip
    if hook.signed and not hook.sign:
        return "unsigned", list(hook.split(delivery))
    if hook.sign:
        delivery = signed(found, hook.sign, hook, delivery)
    return "signed" if hook.sign else "address", list(hook.split(delivery))


def signed(found: Source, sign: Sign, hook: Hook, delivery: Delivery) -> Delivery:
    """The delivery with a proof the channel's check takes. Raises NothingToTry when the secret cannot make one."""
    key = current_app.config["SETTINGS"].secret_key
    opened = {name: sealing.unseal(text, key=key) for name, text in found.credentials.items()}
    told = {**found.settings, **opened}
    try:
        proved = sign(delivery, found.secret, told)
    except ValueError:
        raise NothingToTry(gettext("The secret kept for this source cannot sign. Paste the vendor's again.")) from None
    if not hook.proved(proved, [found.secret], told):
        raise NothingToTry(gettext("The channel's own check refuses what this source's secret signs."))
    return proved


def lines_of(text: str) -> Iterator[tuple[str, str]]:
    """Headers as they are written: a name, a colon, a value, a line each."""
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            yield name.strip().lower(), value.strip()


def facts_of(tried: trying.Tried) -> list[tuple[str, str]]:
    """Kind of each fact and what it says, masked."""
    return [(type(fact).__name__, veiled(dialects.to_json(fact).encode()) or "") for fact in tried.facts]

"""A new source: what staff told is checked against its channel, secrets are sealed, polling starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from crm360.inbox import operations as inbox
from crm360.inbox import polls
from crm360.inbox.models import Source
from crm360.kernel import signing
from crm360.kernel.db import db
from crm360.kernel.errors import Invalid
from crm360.sources import configuring, registry

Sealer = Callable[[str], str]


class CannotConnect(Invalid):
    """What was told about a source cannot be used; `errors` says which settings and why."""


def connect(
    *, channel: str, name: str, told: Mapping[str, str], secret: str = "", defaults: Mapping[str, str], seal: Sealer,
    now: datetime,
) -> Source:  # fmt: skip
    """Create a source of `channel`. `secret` is the vendor's, where it makes one; without it one is made here.

    Raises CannotConnect, UnusableSource, SourceExists.
    """
    about = registry.channels().get(channel)
    if about is None:
        raise CannotConnect("There is no such channel.", errors={"channel": [f"There is no channel {channel!r}."]})
    found = _checked(channel, told)
    source = inbox.create_source(
        name=name,
        channel=channel,
        secret=(secret or signing.new_secret()) if about.hook else "",
        settings={**defaults, **found.settings},
        now=now,
    )
    source.credentials = {key: seal(value) for key, value in found.secrets.items()}
    if about.is_asked:
        polls.plan(source_id=source.id, now=now)
    db.session.flush()
    return source


def change(*, name: str, told: Mapping[str, str], seal: Sealer, now: datetime) -> None:
    """Other settings for a source; secrets not told stay. It is polled again at once. Raises CannotConnect, SourceNotFound."""
    source = inbox.get_source(name)
    found = _checked(source.channel, told, kept=tuple(source.credentials))
    source.settings = {**source.settings, **found.settings}
    source.credentials = {**source.credentials, **{key: seal(value) for key, value in found.secrets.items()}}
    db.session.flush()
    about = registry.channels()[source.channel]
    if about.is_asked:
        polls.plan(source_id=source.id, now=now)
        polls.due_now(source_id=source.id, now=now)


def _checked(channel: str, told: Mapping[str, str], kept: tuple[str, ...] = ()) -> configuring.Told:
    try:
        return configuring.checked(registry.channels()[channel].settings, told, kept=kept)
    except configuring.Refused as error:
        raise CannotConnect("Some settings cannot be used.", errors=error.errors) from None

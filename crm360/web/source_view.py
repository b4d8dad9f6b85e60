"""A source as pages show it: its address, how it does, what came lately; personal data masked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote

from flask import Flask, render_template
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from crm360.accounts.veiling import veiled
from crm360.inbox import operations as inbox
from crm360.inbox.models import Source
from crm360.inbox.traffic import Arrival, Traffic
from crm360.sources import registry
from crm360.sources.channel import Channel

HIDDEN = "••••"
#: Drawn hours: bars in a box of so many units.
WIDTH, HEIGHT = 96, 24
EXCERPT = 220
#: What comes as a file or by our own hand has no channel to be set up, and a name all the same.
FILES: dict[str, Any] = {
    "contacts_csv": _("Lists of customers"), "pos_csv": _("Receipts of a till"), "manual": _("Staff"), "api": _("Our API"),
}  # fmt: skip
#: Sources the house opens by itself; nothing can be set up there.
OURS = {"staff", "api"}


class Row(NamedTuple):
    """A line of the list."""

    source: Source
    label: str
    traffic: Traffic
    bars: list[tuple[float, float, float]]
    paused: bool
    trouble: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A payload of the tail: its body masked, or None when it cannot be."""

    arrival: Arrival
    source: str
    text: str | None


def prepare(app: Flask) -> None:
    """Templates say `{{ source.channel | source_channel }}`."""
    app.jinja_env.filters["source_channel"] = lambda channel: gettext(label_of(channel))


def label_of(channel: str) -> str:
    """What staff call a channel."""
    about = registry.channels().get(channel)
    return about.label if about else str(FILES.get(channel, channel))


def silent(channel: str) -> Channel:
    """A channel that declares nothing: files, staff, our own API."""
    return Channel(label=channel, group="file")


def row(source: Source, traffic: Traffic) -> Row:
    """A line of the list."""
    trouble = traffic.poll.last_error if traffic.poll else ""
    return Row(source, label_of(source.channel), traffic, bars(traffic.hours), is_paused(source), trouble)


def is_paused(source: Source) -> bool:
    return bool(source.settings.get(inbox.PAUSED))


def bars(hours: Sequence[int]) -> list[tuple[float, float, float]]:
    """x, y and height of each hour's bar, the busiest as high as the box."""
    top = max(1, *hours)
    step = WIDTH / len(hours)
    heights = [max(round(HEIGHT * count / top, 1), 1.0) if count else 0.5 for count in hours]
    return [(round(at * step, 1), round(HEIGHT - height, 1), height) for at, height in enumerate(heights)]


def by_group(channels: Mapping[str, Channel]) -> dict[str, list[tuple[str, Channel]]]:
    """Channels by what kind of system they are, each group and channel in reading order."""
    groups: dict[str, list[tuple[str, Channel]]] = {
        name: [] for name in ("site", "shop", "store", "chat", "email", "file")
    }
    for name, about in sorted(channels.items(), key=lambda each: each[1].label.casefold()):
        groups.setdefault(about.group, []).append((name, about))
    return {group: listed for group, listed in groups.items() if listed}


def page(source: Source, traffic: Traffic, public_url: str, *, secret: str = "", key: str = "") -> dict[str, Any]:
    """Names for the template of one source."""
    about = registry.channels().get(source.channel) or silent(source.channel)
    return {
        "source": source,
        "about": about,
        "row": row(source, traffic),
        "address": address(source, about, public_url, secret=secret) if about.hook else "",
        "secret": secret if about.hook and not about.hook.in_address else "",
        "key": key,
        "public_url": public_url,
        "paused": source.settings.get(inbox.PAUSED),
        "old_secret_until": source.settings.get("previous_secret_until", ""),
        "known": {each.name: source.settings.get(each.name, "") for each in about.settings if each.kind != "secret"},
        "ours": source.channel in OURS,
        "snippet": snippet,
    }


def snippet(key: str, public_url: str) -> str:
    """What a site puts into its pages; without a key a place for one."""
    return render_template("sources/snippet.txt", key=key, public_url=public_url)


def address(source: Source, about: Channel, public_url: str, *, secret: str = "") -> str:
    """Where the source's webhooks go. A secret in it is shown only when it was just made."""
    hook = f"{public_url}/hooks/{source.channel}/{quote(source.name, safe='')}"
    in_address = about.hook is not None and about.hook.in_address
    return f"{hook}/{quote(secret, safe='') if secret else HIDDEN}" if in_address else hook


def arrivals(found: Sequence[Arrival], names: Mapping[int, str]) -> list[Shown]:
    """Payloads of the tail with their bodies masked and cut."""
    return [Shown(each, names.get(each.source_id, "–"), excerpt(each.body)) for each in found]


def excerpt(body: bytes) -> str | None:
    """The beginning of a masked body in one line."""
    text = veiled(body)
    return None if text is None else " ".join(text.split())[:EXCERPT]

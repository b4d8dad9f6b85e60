"""The timeline as rows to draw: days, page views folded into visits, words and icons for each kind of event."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from crm360.normalise import text
from crm360.profiles import tones
from crm360.profiles.folding import Visit, fold
from crm360.profiles.timeline import Event
from crm360.web import formats, labels

#: So far back each day has a heading of its own.
DAY_BY_DAY = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the timeline. `quote` is what somebody wrote; `amount_minor` goes to the right-hand edge."""

    event: Event
    words: Any
    icon: str
    tone: str
    title: str = ""
    details: tuple[str, ...] = ()
    quote: str = ""
    amount_minor: int | None = None
    currency: str = ""
    order_id: int | None = None
    origin: str = ""
    merged_from: int | None = None
    folded: tuple[Event, ...] = ()
    began_at: datetime | None = None
    #: negative, neutral, positive: what the words sound like; "" where nobody speaks.
    tone_guess: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """The rows of one day in the reader's time zone; of a whole month once that is some time ago."""

    on: date
    whole_month: bool
    rows: list[Row]


def spans(events: Sequence[Event], *, profile_id: int, zone: ZoneInfo, now: datetime) -> list[Span]:
    """Rows by day, then by month, newest first, as the events come."""
    recent = now.astimezone(zone).date() - DAY_BY_DAY

    def key(event: Event) -> tuple[date, bool]:
        on = event.occurred_at.astimezone(zone).date()
        return (on, False) if on >= recent else (on.replace(day=1), True)

    return [Span(*when, [row(line, profile_id) for line in fold(found)]) for when, found in groupby(events, key=key)]


def row(line: Event | Visit, profile_id: int) -> Row:
    """What one event, or one visit of several pages, looks like."""
    pages: tuple[Any, ...] = tuple(line.pages) if isinstance(line, Visit) else ()
    event: Event = pages[0] if isinstance(line, Visit) else line
    said = event.properties
    return Row(
        event=event,
        words=labels.event(event.kind),
        icon=labels.event_icon(event.kind),
        tone=labels.event_tone(event.kind),
        title=_title(event),
        details=_details(event),
        quote=str(said.get("snippet") or "") if event.group in ("message", "note", "call", "survey", "review") else "",
        amount_minor=_amount(event),
        currency=str(said.get("currency") or ""),
        order_id=said.get("order_id"),
        origin=_origin(event),
        merged_from=event.home_profile_id if event.home_profile_id not in (None, profile_id) else None,
        folded=pages,
        tone_guess=str(said.get("tone") or "") if event.kind in tones.KINDS else "",
        began_at=pages[-1].occurred_at if pages else None,
    )


def matcher(words: str, profile_id: int) -> Callable[[Event], bool]:
    """Whether a line, as this reader sees it, holds every word; accents and capitals do not matter. What is masked is not found."""
    wanted = text.fold(words).split()

    def matches(event: Event) -> bool:
        line = row(event, profile_id)
        said: list[Any] = [line.words, formats.shown_name(line.title), *line.details, line.quote, line.origin]
        if event.group == "consent":
            said += [
                labels.purpose(event.properties.get("purpose", "")),
                labels.channel(event.properties.get("channel", "")),
            ]
        if line.amount_minor is not None:
            said.append(formats.amount(line.amount_minor, line.currency))
        shown = text.fold(" ".join(str(each) for each in said if each))
        return all(each in shown for each in wanted)

    return matches


def _origin(event: Event) -> str:
    """Who did it here, or who told us. A rule that puts tags on is no name."""
    by = str(event.properties.get("by") or "")
    if by.startswith("segment:"):
        return str(labels.BY_SEGMENT)
    return by or ", ".join(str(each) for each in (event.properties.get("author"), event.source) if each)


def _title(event: Event) -> str:
    if event.group == "consent":
        return str(event.properties.get("identifier") or "")
    snippet = event.properties.get("snippet")
    if snippet and event.title == snippet:
        return ""
    return f"{event.title} {_quantity(event.properties)}".rstrip()


def _details(event: Event) -> tuple[str, ...]:
    """Short facts under the title, from what the rooms put into their lines."""
    said = event.properties
    names = [] if event.group == "cart" else [str(name) for name in said.get("names") or ()]
    more = int(said.get("items") or 0) - len(names)
    found = [", ".join(names) + (f" +{more}" if names and more > 0 else ""), said.get("store")]
    found += [said.get("reason"), said.get("agent")]
    return tuple(str(each) for each in found if each and each != event.title)


def _quantity(said: Any) -> str:
    quantity = said.get("quantity")
    return f"× {quantity:g}" if isinstance(quantity, int | float) and quantity != 1 else ""


def _amount(event: Event) -> int | None:
    said = event.properties
    found = next((said[name] for name in ("total_minor", "amount_minor", "unit_price_minor") if said.get(name)), None)
    return found if isinstance(found, int) and said.get("currency") else None

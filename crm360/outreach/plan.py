"""How a campaign is to run: its own choices, checked, and what the house lays down for all campaigns. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, NamedTuple, Protocol

from crm360.kernel import mail
from crm360.kernel.errors import Invalid

WINNERS = ("clicked", "opened", "converted")


class House(NamedTuple):
    """What the installation lays down: at most `cap_messages` in `cap_days`, none from `quiet_from` to `quiet_until`."""

    public_url: str
    domain: str
    #: Signs links, draws control groups and variants.
    key: str
    shop_name: str
    locale: str
    zone: str
    cap_messages: int = 3
    cap_days: int = 7
    quiet_from: int = 21
    quiet_until: int = 8


class Settings(Protocol):
    """What of an installation's settings campaigns go by."""

    @property
    def public_url(self) -> str: ...
    @property
    def mail_from(self) -> str: ...
    @property
    def secret_key(self) -> str: ...
    @property
    def shop_name(self) -> str: ...
    @property
    def default_locale(self) -> str: ...
    @property
    def timezone(self) -> str: ...
    @property
    def campaign_cap(self) -> tuple[int, int]: ...
    @property
    def quiet_hours(self) -> tuple[int, int]: ...


def house(settings: Settings) -> House:
    """What an installation lays down for all its campaigns."""
    return House(
        public_url=settings.public_url, domain=mail.domain_of(settings.mail_from),
        key=settings.secret_key, shop_name=settings.shop_name, locale=settings.default_locale, zone=settings.timezone,
        cap_messages=settings.campaign_cap[0], cap_days=settings.campaign_cap[1], quiet_from=settings.quiet_hours[0],
        quiet_until=settings.quiet_hours[1],
    )  # fmt: skip


class BadPlan(Invalid):
    """A choice that cannot be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The choices of one campaign; percents of the people who may be reached, hours and days as whole numbers."""

    #: At most so many messages within the house's days; never more than the house allows. 0: as the house says.
    cap: int = 0
    #: Left out on purpose, to compare with.
    control_percent: int = 0
    #: Several variants: so many take part in the test, the others get the winner. 100: all take part.
    test_percent: int = 100
    winner_by: Literal["clicked", "opened", "converted"] = "clicked"
    decide_after_hours: int = 4
    #: A purchase within so many days of the message counts as its effect.
    conversion_days: int = 7
    #: Whether opens and clicks are counted.
    track: bool = True
    sender_name: str = ""
    reply_to: str = ""


_BOUNDS = {
    "cap": (0, 100), "control_percent": (0, 50), "test_percent": (2, 100), "decide_after_hours": (1, 168),
    "conversion_days": (1, 90),
}  # fmt: skip


def plan(chosen: Mapping[str, Any]) -> Plan:
    """The plan a form or a request asks for; what it leaves out is as usual. Raises BadPlan with the fields at fault."""
    values: dict[str, Any] = {}
    faults: dict[str, list[str]] = {}
    for name, (low, high) in _BOUNDS.items():
        given = chosen.get(name)
        if given in (None, ""):
            continue
        try:
            values[name] = int(given)
        except (TypeError, ValueError):
            values[name] = low - 1
        if not low <= values[name] <= high:
            faults[name] = ["This number is too small or too great."]
    if chosen.get("winner_by") not in (None, "", *WINNERS):
        faults["winner_by"] = ["A winner is found by clicks, opens or purchases."]
    for name in ("winner_by", "sender_name", "reply_to"):
        if chosen.get(name):
            values[name] = str(chosen[name]).strip()[:200]
    if chosen.get("track") is not None:
        values["track"] = chosen["track"] in (True, "1", "on", "yes", "true")
    if faults:
        raise BadPlan("Some choices of the campaign cannot be used.", errors=faults)
    return Plan(**values)


def kept(stored: Mapping[str, Any]) -> Plan:
    """A plan out of the database; fields it does not have yet are as usual."""
    names = {each.name for each in fields(Plan)}
    return Plan(**{name: value for name, value in stored.items() if name in names})


def stored(chosen: Plan) -> dict[str, Any]:
    """A plan as the database keeps it."""
    return asdict(chosen)

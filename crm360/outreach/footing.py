"""What stands below every message of a campaign: why somebody gets it and how to end it. And the headers that say so."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from types import MappingProxyType
from typing import NamedTuple

from crm360.kernel import mail, tickets
from crm360.outreach.plan import House

_WORDS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "en": ("You get this message from {shop} because you agreed to it.", "Unsubscribe", "Choose what we send you"),
        "pl": ("Otrzymujesz tę wiadomość od {shop}, bo się na nią zgadzasz.", "Wypisz mnie", "Wybierz, co Ci wysyłamy"),
    }
)


class Links(NamedTuple):
    """Makes the signed addresses of one message."""

    house: House
    recipient_id: int
    identifier_id: int
    purpose: str
    channel: str
    locale: str

    @property
    def unsubscribe(self) -> str:
        about = f"recipient:{self.recipient_id}"
        token = tickets.make(
            tickets.UNSUBSCRIBE, self.identifier_id, self.purpose, self.channel, about, key=self.house.key
        )
        return f"{self.house.public_url}/unsubscribe/{token}"

    @property
    def preferences(self) -> str:
        token = tickets.make(tickets.PREFERENCES, self.identifier_id, key=self.house.key)
        return f"{self.house.public_url}/preferences/{token}?lang={self.locale}"

    @property
    def pixel(self) -> str:
        return f"{self.house.public_url}/o/{tickets.make(tickets.OPENED, self.recipient_id, key=self.house.key)}.gif"

    def click(self, link_id: int) -> str:
        """Where a counted link leads first."""
        return (
            f"{self.house.public_url}/c/{tickets.make(tickets.CLICK, self.recipient_id, link_id, key=self.house.key)}"
        )

    def headers(self) -> dict[str, str]:
        """One click ends it (RFC 8058)."""
        return {**mail.one_click(self.unsubscribe), "Precedence": "bulk"}

    def foot(self) -> dict[str, str]:
        """The last lines of a message, as text and as HTML."""
        why, stop, choose = _WORDS.get(self.locale, _WORDS["en"])
        why, stop_at = why.format(shop=self.house.shop_name), f"{self.unsubscribe}?lang={self.locale}"
        text = f"\n-- \n{why}\n{stop}: {stop_at}\n{choose}: {self.preferences}\n"
        html = (
            f'<p style="margin-top:32px;padding-top:12px;border-top:1px solid #8884;font-size:13px;color:#777">'
            f'{escape(why)}<br><a href="{escape(stop_at)}" style="color:#777">{escape(stop)}</a> · '
            f'<a href="{escape(self.preferences)}" style="color:#777">{escape(choose)}</a></p>'
        )
        return {"text": text, "html": html}

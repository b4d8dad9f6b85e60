"""One recipient's letter: their values in the words of their variant and language, with the links that are theirs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm360.outbox.operations import NewLetter
from crm360.outreach import plan, rendering
from crm360.outreach.footing import Links
from crm360.outreach.models import Campaign
from crm360.outreach.plan import House
from crm360.outreach.rendering import Compiled, Rendered


class Composer:
    """Compiles a campaign's frozen templates once each and writes letters with them."""

    def __init__(self, campaign: Campaign, *, house: House, links: Mapping[str, int], corrections: Mapping[str, str]):
        self.campaign, self.house, self.links, self.corrections = campaign, house, links, corrections
        self.plan = plan.kept(campaign.settings)
        self._compiled: dict[tuple[str, str], Compiled] = {}

    def letter(
        self, *, recipient_id: int, tries: int, variant: str, locale: str, contact_id: int, identifier_id: int,
        address: str, values: Mapping[str, Any],
    ) -> NewLetter:  # fmt: skip
        """The letter to promise. Raises BadTemplate."""
        compiled = self.compiled(variant, locale)
        ours = Links(
            self.house, recipient_id, identifier_id, self.campaign.purpose, self.campaign.channel, compiled.locale
        )
        said = self.render(compiled, values, ours)
        return NewLetter(
            dedup_key=f"campaign:{self.campaign.id}:{recipient_id}:{tries}", subject_of=subject_of(self.campaign.id),
            to_address=address, purpose=self.campaign.purpose, subject=said.subject, text=said.text, html=said.html,
            contact_id=contact_id, sender_name=self.plan.sender_name, reply_to=self.plan.reply_to, headers=ours.headers(),
        )  # fmt: skip

    def compiled(self, variant: str, locale: str) -> Compiled:
        """A variant in a language; where it does not speak it, in one it does."""
        contents = self.campaign.frozen["contents"][variant]
        spoken = locale if locale in contents else next(iter(sorted(contents)))
        if (variant, spoken) not in self._compiled:
            self._compiled[variant, spoken] = rendering.compiled(
                contents[spoken], locale=spoken, blocks=self.campaign.frozen["blocks"].get(spoken, {}),
                zone=self.house.zone, corrections=self.corrections,
            )  # fmt: skip
        return self._compiled[variant, spoken]

    def render(self, compiled: Compiled, values: Mapping[str, Any], ours: Links) -> Rendered:
        """The words for one person. Raises BadTemplate."""
        named = {**values, "unsubscribe_url": ours.unsubscribe, "preferences_url": ours.preferences}

        def rewrite(url: str) -> str:
            known = self.links.get(url) if self.plan.track else None
            return url if known is None else ours.click(known)

        pixel = ours.pixel if self.plan.track else ""
        return compiled.render(named, rewrite=rewrite, pixel=pixel, foot=ours.foot())


def subject_of(campaign_id: int) -> str:
    """How the outbox calls letters of a campaign."""
    return f"campaign:{campaign_id}"


def campaign_of(subject: str) -> int | None:
    """The campaign a letter belongs to."""
    kind, _, number = subject.partition(":")
    return int(number) if kind == "campaign" and number.isdigit() else None

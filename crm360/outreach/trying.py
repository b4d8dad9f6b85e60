"""A test of a campaign's messages to a colleague: every variant and language, marked as a test, counted nowhere."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import uuid4

from crm360.kernel.errors import Invalid
from crm360.outbox import operations as outbox
from crm360.outreach import previewing, queries
from crm360.outreach.models import Campaign
from crm360.outreach.plan import House


class NotAColleague(Invalid):
    """A test shows a customer's data and asks for no consent: it goes to colleagues only."""


def send_test(
    *, campaign: Campaign, to: str, colleagues: Collection[str], profile_id: int, house: House, now: datetime
) -> int:
    """Promise the test letters, as `profile_id` would get them; returns how many. Raises NotAColleague, BadTemplate."""
    if to.casefold() not in {each.casefold() for each in colleagues}:
        raise NotAColleague(
            "A test goes to a colleague’s address.", errors={"to": ["A test goes to a colleague’s address."]}
        )
    letters = []
    for variant in campaign.variants:
        for language, parts in queries.latest_version(variant["template_id"]).contents.items():
            said = previewing.message(parts, locale=language, profile_id=profile_id, house=house, now=now)
            letters.append(
                outbox.NewLetter(
                    dedup_key=f"campaign-test:{campaign.id}:{uuid4().hex}", subject_of=f"campaign-test:{campaign.id}",
                    to_address=to, purpose="service", subject=f"[TEST {variant['key']} {language}] {said.subject}",
                    text=said.text, html=said.html,
                )
            )  # fmt: skip
    return outbox.promise(letters=letters, domain=house.domain, now=now)

"""A test of a campaign's messages to a colleague: every variant and language, marked as a test, counted nowhere."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from crm360.kernel.errors import Invalid
from crm360.normalise import identifiers
from crm360.outbox import operations as outbox
from crm360.outreach import previewing, queries
from crm360.outreach.models import Campaign
from crm360.outreach.plan import House


class NotAnAddress(Invalid):
    """A test goes to an e-mail address."""


def send_test(*, campaign: Campaign, to: str, profile_id: int, house: House, now: datetime) -> int:
    """Promise the test letters, as `profile_id` would get them; returns how many. Raises NotAnAddress, BadTemplate."""
    if identifiers.normal("email", to) is None:
        raise NotAnAddress("This is not an e-mail address.", errors={"to": ["This is not an e-mail address."]})
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

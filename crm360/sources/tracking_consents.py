"""Consents said in an identify call: `traits.consents` or `…_marketing_consent` booleans. Absence says nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal, get_args

from crm360.facts import ActivityNoted, ConsentStated, Identifier
from crm360.sources import json_fields as read
from crm360.sources import tracking_traits
from crm360.sources.instants import instant
from crm360.sources.tracking_event import Event

Channel = Literal["email", "sms", "phone", "push", "post"]
_BOOLEANS: dict[str, Channel] = {
    "email_marketing_consent": "email",
    "emailMarketingConsent": "email",
    "sms_marketing_consent": "sms",
    "smsMarketingConsent": "sms",
    "phone_marketing_consent": "phone",
    "phoneMarketingConsent": "phone",
    "push_marketing_consent": "push",
    "pushMarketingConsent": "push",
}


def consents(event: Event) -> list[ConsentStated | ActivityNoted]:
    """`{"consents": {"marketing": {"email": true, "sms": {"granted": false, "notice": "v3", "at": "…"}}}}`.

    A bare boolean is a claim (grade D); one that names the notice shown and its time is evidence of a form (B). A
    consent for a channel whose address is not in the call becomes a note on the timeline.
    """
    return [_stated(event, purpose, channel, said) for purpose, channel, said in _said(event.traits)]


def _said(traits: dict[str, Any]) -> Iterator[tuple[str, Channel, dict[str, Any]]]:
    for purpose, channels in read.obj(traits.get("consents")).items():
        for channel in get_args(Channel):
            value = read.obj(channels).get(channel)
            said = {"granted": value} if isinstance(value, bool) else read.obj(value)
            if isinstance(said.get("granted"), bool) and purpose.strip():
                yield purpose.strip()[:60], channel, said
    for trait, channel in _BOOLEANS.items():
        if isinstance(traits.get(trait), bool):
            yield "marketing", channel, {"granted": traits[trait]}


def _stated(event: Event, purpose: str, channel: Channel, said: dict[str, Any]) -> ConsentStated | ActivityNoted:
    identifier = _address(event, channel)
    if identifier is None:
        title = f"{purpose}, {channel}: {'given' if said['granted'] else 'withdrawn'}"
        return ActivityNoted(
            ref=event.ref, kind="consent.stated", occurred_at=event.occurred_at, title=title, properties=said
        )
    notice, stated_at = read.text(said.get("notice")), instant(said.get("at"))
    page = read.first_text(read.obj(event.context.get("page")), "url")
    return ConsentStated(
        ref=event.ref,
        identifier=identifier,
        purpose=purpose,
        channel=channel,
        state="given" if said["granted"] else "withdrawn",
        occurred_at=_not_later(stated_at, event.occurred_at),
        source=event.source,
        method="form" if notice else "trait",
        evidence_grade="B" if notice and stated_at else "D",
        notice=notice,
        statement_id=f"{event.message_id}:{purpose}:{channel}",
        evidence={"url": page} if page else {},
    )


def _not_later(stated_at: datetime | None, occurred_at: datetime) -> datetime:
    return occurred_at if stated_at is None else min(stated_at, occurred_at)


def _address(event: Event, channel: Channel) -> Identifier | None:
    if channel == "email" and (email := tracking_traits.email_of(event.traits)):
        return Identifier("email", email)
    if channel in ("sms", "phone") and (phone := tracking_traits.phone_of(event.traits)):
        return Identifier("phone", phone)
    if channel == "push" and event.anonymous_id:
        return Identifier("device", event.anonymous_id)
    return None

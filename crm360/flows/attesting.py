"""A colleague writes down what a person told them of their consents, or what stops us: with their name, and with proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm360.consents import attachments, stopping
from crm360.flows import preferences, receive
from crm360.identity import queries as identity
from crm360.kernel.errors import Invalid
from crm360.sources import preferences as inlet

SOURCE = "staff consents"
#: How the person told us; a code the pages have words for.
WAYS = ("phone", "in_person", "paper", "email", "chat")
STATES = ("given", "withdrawn", "refused")


class NotAttested(Invalid):
    """What was written down cannot be kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attested:
    """What a colleague heard. `attachment`: (file name, content) of the paper or recording; a yes needs it or a note."""

    identifier_id: int
    purpose: str
    channel: str
    state: str
    way: str
    said_at: datetime
    notice: str = ""
    note: str = ""
    attachment: tuple[str, bytes] | None = None


def state(*, said: Attested, by: str, now: datetime) -> None:
    """Keep it as a statement of grade C. Raises NotAttested, UnusableAttachment, LinkTooOld, NotKept."""
    if found := _faults(said, now):
        raise NotAttested("This cannot be kept like this.", errors=found)
    address = preferences.address_of(said.identifier_id)
    evidence: dict[str, Any] = {"by": by, "note": said.note.strip()[:2000]}
    if said.attachment is not None:
        name, content = said.attachment
        evidence["attachment_sha256"] = attachments.keep(
            contact_id=address.contact_id, name=name, content=content, by=by, now=now
        )
    statement = {
        "purpose": said.purpose, "channel": said.channel, "state": said.state, "grade": "C", "method": f"staff: {said.way}",
        "notice": said.notice, "at": said.said_at.isoformat(), "evidence": {k: v for k, v in evidence.items() if v},
    }  # fmt: skip
    told: Mapping[str, Any] = {
        "contact": (address.source, address.external_id), "identifier": (address.kind, address.value), "verified": False,
        "statements": [statement],
    }  # fmt: skip
    if not receive.take_in(source=SOURCE, channel=inlet.CHANNEL, said=told, now=now):
        raise preferences.NotKept("This could not be kept. Please try again.")


def stop(*, profile_id: int, kind: str, ground: str, by: str, now: datetime) -> list[int]:
    """Stop what `kind` stops for the person, on every record of theirs. Raises UnusableStop."""
    contacts = [contact.id for contact in identity.contacts_of(profile_id)]
    return stopping.place(contact_ids=contacts, kind=kind, since=now, ground=ground, by=by, now=now)


def lift(*, profile_id: int, kind: str, reason: str, by: str, now: datetime) -> int:
    """Lift every stop of a kind that stands on the person. Raises UnusableStop without a reason."""
    contacts = [contact.id for contact in identity.contacts_of(profile_id)]
    standing = [each.id for each in stopping.standing(contact_ids=contacts) if each.kind == kind]
    return stopping.lift(stop_ids=standing, by=by, reason=reason, now=now)


def _faults(said: Attested, now: datetime) -> dict[str, list[str]]:
    found = {
        "state": "Choose what the person said." if said.state not in STATES else "",
        "way": "Choose how the person told us." if said.way not in WAYS else "",
        "purpose": "Choose a purpose." if not said.purpose else "",
        "said_at": "This moment has not come yet." if said.said_at > now else "",
        "note": "A yes needs its proof: attach the paper or recording, or write down the words."
        if said.state == "given" and said.attachment is None and not said.note.strip()
        else "",
    }
    return {name: [text] for name, text in found.items() if text}

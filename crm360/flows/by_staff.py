"""A colleague writes a customer down, or corrects one: a payload through the inbox like every other source's."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from crm360.facts import ContactRef
from crm360.flows import receive, review
from crm360.identity import queries as identity
from crm360.identity.models import Contact
from crm360.kernel.errors import Invalid
from crm360.sources import staff

SOURCE = "staff"
#: What the record of a correction starts with, so that evidence sees whose it is.
NAMES = ("given_name", "family_name", "full_name", "company", "birth_date")


class NotAccepted(Invalid):
    """What was written could not be kept; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a colleague states: field name → text (names of facts.CONTACT_FIELDS), an e-mail address, a phone number."""

    fields: Mapping[str, str] = field(default_factory=dict)
    email: str = ""
    phone: str = ""


def create(*, written: Written, by: str, region: str = "PL", now: datetime, apart: Collection[int] = ()) -> int:
    """A customer nobody knew; the profile's id, which is an older one when an identifier says so. Raises NotAccepted.

    `apart`: profiles a colleague saw and said are somebody else, whatever they share with this one; kept as decisions.
    """
    anchors = [identity.anchor(each) for each in apart]
    contact = _state(uuid4().hex, written, by=by, region=region, now=now)
    for anchor in anchors:
        _part(contact, anchor, by=by, now=now)
    return _profile_of(contact)


def _part(contact: Contact, anchor: int, *, by: str, now: datetime) -> None:
    """The contact is another customer than the one of the contact `anchor`, whether or not it was joined with it."""
    mine, theirs, reason = _profile_of(contact), identity.profile_ids([anchor])[anchor], "Written down as another"
    if mine == theirs:
        review.split(profile_id=mine, contact_ids=[contact.id], by=by, reason=reason, now=now)
    else:
        review.distinguish(profile_ids=[mine, theirs], by=by, reason=reason, now=now)


def correct(
    *, profile_id: int, written: Written, known: Mapping[str, str], by: str, region: str = "PL", now: datetime
) -> int:
    """Add to what is known of a customer; `known` are the fields shown of them. The profile's id. Raises NotAccepted.

    The first correction opens a record of ours that is held together with the customer by a decision; what is stated
    later is evidence like any other, so another customer's address does not pull that customer in.
    """
    held = next((each for each in identity.contacts_of(profile_id) if each.source == SOURCE), None)
    if held is None:
        names = {name: known[name] for name in NAMES if known.get(name)}
        held = _state(uuid4().hex, Written(fields=names), by=by, region=region, now=now)
        if held.profile_id != profile_id:
            anchor = identity.anchor(profile_id)
            review.decide(left_id=anchor, right_id=held.id, same=True, by=by, reason="Corrected by staff", now=now)
    return _profile_of(_state(held.external_id.partition(":")[2], written, by=by, region=region, now=now))


def _state(external_id: str, written: Written, *, by: str, region: str, now: datetime) -> Contact:
    """One payload, kept and taken in at once."""
    said = {"external_id": external_id, "fields": dict(written.fields), "by": by}
    said |= {name: value for name, value in (("email", written.email), ("phone", written.phone)) if value}
    if not receive.take_in(source=SOURCE, channel=staff.CHANNEL, said=said, settings={"region": region}, now=now):
        raise NotAccepted("This could not be kept. Check what you wrote.")
    contact = identity.find(ContactRef(SOURCE, f"customer:{external_id}"))
    if contact is None:
        raise NotAccepted("This could not be kept. Check what you wrote.")
    return contact


def _profile_of(contact: Contact) -> int:
    """Where the record is now; resolving wrote behind the session's back."""
    found = identity.profile_ids([contact.id]).get(contact.id)
    if found is None:
        raise NotAccepted("This could not be kept. Check what you wrote.")
    return found

"""Double opt-in: somebody types an address, the holder of the address says yes, and both moments stay as evidence.

The message between them says nothing but what was asked for: an unasked confirmation mail must not be an advertisement.
Nobody is told whether the address is known here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from crm360.consents import asking, definitions
from crm360.consents.models import Notice
from crm360.facts import ContactRef
from crm360.flows import preferences
from crm360.identity import queries as identity
from crm360.kernel.errors import Invalid, NotFound
from crm360.normalise import identifiers
from crm360.outbox import operations as outbox
from crm360.outbox import queries as outbox_queries

#: One message an hour to an address, however often somebody types it; a link is good for this long.
PAUSE = timedelta(hours=1)
VALID = timedelta(days=7)


class NotAnAddress(Invalid):
    """What was typed is no e-mail address."""


class FormNotFound(NotFound):
    """There is no such form."""


class LinkExpired(NotFound):
    """The link of a confirmation is too old."""


class Asked(NamedTuple):
    """What a confirmation link stands for."""

    identifier_id: int
    code: str
    version: int
    locale: str
    at: datetime


class Words(NamedTuple):
    """The confirmation message in the reader's language, around the link."""

    subject: str
    text: Callable[[str], str]


def form(*, code: str, locale: str, now: datetime) -> Notice:
    """The text a form shows: the newest version in force, in the reader's language where there is one. Raises FormNotFound."""
    shown = [
        notice
        for notice in definitions.notice_versions_or_none(code)
        if notice.effective_from <= now and (notice.effective_to is None or now < notice.effective_to)
    ]
    if not shown:
        raise FormNotFound("There is no such form.")
    return max(shown, key=lambda notice: (notice.version, notice.locale == locale))


def ask(
    *, typed: str, notice: Notice, evidence: Mapping[str, Any], link: Callable[[Asked], str], words: Words, domain: str,
    now: datetime,
) -> None:  # fmt: skip
    """Keep that somebody asked for an address, and ask its holder. Raises NotAnAddress."""
    normal = identifiers.normal("email", typed)
    if normal is None:
        raise NotAnAddress("This is not an e-mail address.", errors={"email": ["This is not an e-mail address."]})
    contact = (preferences.SOURCE, f"email:{normal}")
    shown = _shown(notice) | {"evidence": dict(evidence)}
    said = [
        {"purpose": purpose, "channel": "email", "state": "pending_confirmation", "grade": "D", "method": "form"}
        | shown
        for purpose in notice.purposes
    ]
    preferences.keep_visit(contact=contact, identifier=("email", typed.strip()), statements=said, proved=False, now=now)
    known = identity.find(ContactRef(*contact))
    held = identity.identifier_id(known.id, "email", normal) if known else None
    if known is None or held is None:
        raise preferences.NotKept("This could not be kept. Please try again.")
    url = link(Asked(held, notice.code, notice.version, notice.locale, now))
    letter = outbox.NewLetter(
        dedup_key=_key(held, notice, now), subject_of="confirmation", to_address=typed.strip(), purpose="service",
        subject=words.subject, text=words.text(url), contact_id=known.id,
    )  # fmt: skip
    outbox.promise(letters=[letter], domain=domain, now=now)


def confirm(*, asked: Asked, evidence: Mapping[str, Any], now: datetime) -> list[str]:
    """The holder of the address said yes; returns the purposes. Doing it twice changes nothing. Raises LinkExpired."""
    if now - asked.at > VALID:
        raise LinkExpired("This link has run out. Please ask again.")
    address = preferences.address_of(asked.identifier_id)
    versions = [one for one in definitions.notice_versions_or_none(asked.code) if one.version == asked.version]
    notice = next((one for one in versions if one.locale == asked.locale), None)
    if notice is None:
        raise LinkExpired("This link has run out. Please ask again.")
    questions = [
        asking.Question(address.contact_id, "email", address.normal, code, "email") for code in notice.purposes
    ]
    verdicts = asking.ask(questions, now=now)
    missing = [code for code, verdict in zip(notice.purposes, verdicts, strict=True) if verdict.reason not in _DONE]
    proof = _proof(asked, notice, evidence, now)
    said = [
        {"purpose": code, "channel": "email", "state": "given", "grade": "A", "method": "double opt-in"} | proof
        for code in missing
    ]
    preferences.keep(address=address, statements=said, now=now)
    return list(notice.purposes)


_DONE = ("consent_given", "consent_renewed")


def _proof(asked: Asked, notice: Notice, evidence: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    letter = outbox_queries.find(_key(asked.identifier_id, notice, asked.at))
    mail = {} if letter is None else {
        "message_id": letter.message_id, "body_sha256": sha256(letter.text.encode()).hexdigest(),
    }  # fmt: skip
    moments = {"requested_at": asked.at.isoformat(), "confirmed_at": now.isoformat()}
    return _shown(notice) | {"evidence": {**evidence, **moments, **mail, "notice_sha256": notice.text_sha256}}


def _shown(notice: Notice) -> dict[str, Any]:
    return {"notice": f"{notice.code}@{notice.version}"}


def _key(identifier_id: int, notice: Notice, at: datetime) -> str:
    """The same within an hour: typing an address again and again sends one message."""
    return f"confirm:{identifier_id}:{notice.code}@{notice.version}:{int(at.timestamp() // PAUSE.total_seconds())}"

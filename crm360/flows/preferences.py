"""A person looks at what we may send to one address of theirs, and says what we may not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from crm360.consents import asking, definitions, queries
from crm360.consents.models import Notice
from crm360.consents.policy import Verdict
from crm360.consents.purposes import Purpose
from crm360.flows import receive
from crm360.identity import queries as identity
from crm360.kernel.errors import NotFound, Unavailable
from crm360.sources import preferences

SOURCE = "preferences"
#: Grade of what somebody says on a page only the holder of the address can open.
PROVED = "A"


class LinkTooOld(NotFound):
    """The address the link was for is not kept here any more."""


class NotKept(Unavailable):
    """What was said could not be kept."""


class Choice(NamedTuple):
    """One question: this purpose on this channel. `notice` is the text a yes would rest on; without one only no is taken."""

    purpose: Purpose
    channel: str
    verdict: Verdict
    notice: Notice | None

    @property
    def name(self) -> str:
        return f"{self.purpose.code}.{self.channel}"

    @property
    def standing(self) -> bool:
        """Whether there is a yes that could be taken back, also one that permits nothing yet."""
        return self.verdict.permitted or self.verdict.state in ("pending_confirmation", "imported_unverified")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address somebody proved to hold, and the contact it is known by."""

    contact_id: int
    source: str
    external_id: str
    kind: str
    value: str
    normal: str


def address_of(identifier_id: int) -> Address:
    """The address a link stands for. Raises LinkTooOld."""
    found = identity.address(identifier_id)
    if found is None:
        raise LinkTooOld("This link is no longer valid: we do not keep this address any more.")
    contact, held = found
    return Address(
        contact_id=contact.id, source=contact.source, external_id=contact.external_id, kind=held.kind, value=held.value,
        normal=held.normal,
    )  # fmt: skip


def choices(*, address: Address, locale: str, now: datetime) -> list[Choice]:
    """What can be said of an address: every purpose with a text of ours, and every one somebody spoke of before."""
    catalogue = definitions.catalogue(now=now)
    texts = _texts(locale, now)
    stated = queries.spoken_of(kind=address.kind, normal=address.normal)
    codes = sorted({*texts, *(purpose for purpose, _ in stated)})
    asked = [
        (catalogue.of(code), channel)
        for code in codes
        for channel in queries.CHANNELS.get(address.kind, ())
        if channel in catalogue.of(code).channels and (code in texts or (code, channel) in stated)
    ]
    asked = [(purpose, channel) for purpose, channel in asked if purpose.asks_consent]
    verdicts = asking.ask([_question(address, purpose.code, channel) for purpose, channel in asked], now=now)
    return [
        Choice(purpose, channel, verdict, texts.get(purpose.code))
        for (purpose, channel), verdict in zip(asked, verdicts, strict=True)
    ]


def save(
    *, address: Address, wanted: Collection[str], locale: str, evidence: Mapping[str, Any], now: datetime
) -> list[Choice]:
    """Keep what changed: `wanted` are the names of the choices ticked. Returns how it stands then. Raises NotKept."""
    said = []
    for choice in choices(address=address, locale=locale, now=now):
        if choice.name in wanted and not choice.verdict.permitted and choice.notice is not None:
            said.append(_said(choice, "given", locale, evidence))
        elif choice.name not in wanted and choice.standing:
            said.append(_said(choice, "withdrawn", locale, evidence))
    keep(address=address, statements=said, now=now)
    return choices(address=address, locale=locale, now=now)


def withdraw(
    *, address: Address, purpose: str, channel: str, method: str, evidence: Mapping[str, Any], now: datetime
) -> None:
    """One withdrawal, whatever stood before: an unsubscribe is never argued with. Raises NotKept."""
    said = {"purpose": purpose, "channel": channel, "state": "withdrawn", "grade": PROVED, "method": method}
    keep(address=address, statements=[said | {"evidence": dict(evidence)}], now=now)


def keep(*, address: Address, statements: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """What the holder of an address said of it, kept and taken in at once. Raises NotKept."""
    if statements:
        contact = (address.source, address.external_id)
        keep_visit(
            contact=contact, identifier=(address.kind, address.value), statements=statements, proved=True, now=now
        )


def keep_visit(
    *, contact: tuple[str, str], identifier: tuple[str, str], statements: Sequence[Mapping[str, Any]], proved: bool,
    now: datetime,
) -> None:  # fmt: skip
    """One payload, kept and taken in at once; `proved` when the visitor showed to hold the address. Raises NotKept."""
    said = {"contact": contact, "identifier": identifier, "verified": proved, "statements": list(statements)}
    if not receive.take_in(source=SOURCE, channel=preferences.CHANNEL, said=said, now=now):
        raise NotKept("This could not be kept. Please try again.")


def _question(address: Address, purpose: str, channel: str) -> asking.Question:
    return asking.Question(address.contact_id, address.kind, address.normal, purpose, channel)


def _said(choice: Choice, state: str, locale: str, evidence: Mapping[str, Any]) -> dict[str, Any]:
    notice = choice.notice
    shown = {"notice_sha256": notice.text_sha256, "locale": notice.locale} if notice else {"locale": locale}
    return {
        "purpose": choice.purpose.code, "channel": choice.channel, "state": state, "grade": PROVED,
        "method": "preference centre", "notice": f"{notice.code}@{notice.version}" if notice else "",
        "evidence": {**evidence, **shown},
    }  # fmt: skip


def _texts(locale: str, now: datetime) -> dict[str, Notice]:
    """Purpose → the newest text in force that asks for it alone, in the reader's language where there is one."""
    found: dict[str, Notice] = {}
    for notice in sorted(
        definitions.notices(), key=lambda each: (each.effective_from, each.version, each.locale == locale)
    ):
        begun = notice.effective_from <= now and (notice.effective_to is None or now < notice.effective_to)
        if begun and len(notice.purposes) == 1:
            found[notice.purposes[0]] = notice
    return found

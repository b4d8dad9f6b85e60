"""A crowd of customers with addresses and consents, a template and a mail server that counts: what campaigns are tested with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from crm360.consents import operations as consents
from crm360.consents import suppressing
from crm360.facts import ConsentStated, ContactRef, ContactSeen, Identifier, MailingEvent, Received
from crm360.flows import campaigns
from crm360.identity import operations as identity
from crm360.identity import queries
from crm360.jobs import posting
from crm360.kernel.db import db
from crm360.kernel.smtp import Outcome
from crm360.outreach import launching, leaving, writing
from crm360.outreach.models import Campaign
from crm360.outreach.plan import House

HOUSE = House("https://crm.example", "lipowa.example", "a key only for tests, long enough", "Lipowa", "pl", "Europe/Warsaw",
              cap_messages=3, cap_days=7, quiet_from=0, quiet_until=0)  # fmt: skip
SENDER = posting.Sender("shop@lipowa.example", "Lipowa", lambda message: message)
WORDS = {
    "pl": {
        "subject": "Nowa kawa{% if person.vocative %}, {{ person.vocative }}{% endif %}",
        "html": '<p>Zajrzyj: <a href="https://shop.example/coffee">kawa</a></p>',
    },
    "en": {"subject": "New coffee", "html": '<p>Look: <a href="https://shop.example/coffee">coffee</a></p>'},
}
_numbers = count(1)


def known(now: datetime, *addresses: str, fields: dict[str, str] | None = None) -> tuple[int, int]:
    """A customer of these e-mail addresses: contact and profile."""
    [found] = many(now, [(addresses, fields or {})])
    return found


def many(now: datetime, people: list[tuple[tuple[str, ...], dict[str, str]]]) -> list[tuple[int, int]]:
    """Several customers at once: contact and profile of each."""
    refs = [ContactRef("shop", f"id:{next(_numbers)}") for _ in people]
    seen = [
        ContactSeen(ref=ref, occurred_at=now, fields=fields, identifiers=tuple(Identifier("email", each) for each in addresses))
        for ref, (addresses, fields) in zip(refs, people, strict=True)
    ]  # fmt: skip
    recorded = identity.record_contacts(seen=seen, now=now)
    identity.resolve(contact_ids=recorded.changed, before=recorded.before, now=now)
    contacts = [recorded.ids[ref] for ref in refs]
    profiles = queries.profile_ids(contacts)
    return [(contact, profiles[contact]) for contact in contacts]


def say(contact: int, address: str, state: Any, at: datetime, grade: Any = "A") -> None:
    """A statement about offers by e-mail."""
    fact = ConsentStated(
        ref=ContactRef("shop", "x"), identifier=Identifier("email", address), purpose="marketing", channel="email",
        state=state, occurred_at=at, source="shop", evidence_grade=grade, statement_id=f"s{next(_numbers)}",
    )  # fmt: skip
    consents.record_statements(received=[Received(contact, None, fact)], now=at)


def happened(contact: int, address: str, kind: Any, at: datetime) -> None:
    """Something became of a message."""
    fact = MailingEvent(ref=ContactRef("shop", "x"), source="esp", address=address, kind=kind, occurred_at=at)
    suppressing.record_mailings(received=[Received(contact, None, fact)], now=at)


def template(now: datetime, words: dict[str, dict[str, str]] = WORDS) -> int:
    """A template in two languages."""
    return writing.write_template(template_id=None, name="Coffee", contents=words, by="ola", now=now).id


def draft(now: datetime, profiles: list[int], **chosen: Any) -> Campaign:
    """A campaign to these customers."""
    templates = chosen.pop("templates", None) or [template(now)]
    return launching.draft(
        campaign_id=None, name="Coffee days", purpose=chosen.pop("purpose", "marketing"),
        audience_={"kind": "profiles", "profile_ids": profiles}, templates=templates, chosen=chosen, by="ola", now=now,
    )  # fmt: skip


class Wire:
    """A mail server: takes what it is given, answers as told, and remembers."""

    def __init__(self, answer: Callable[[str], Outcome] = lambda _: Outcome("sent", 250, "queued")):
        self.answer, self.carried, self.messages = answer, list[str](), list[bytes]()

    def __call__(self, *, sender: str, recipient: str, message: bytes) -> Outcome:
        self.carried.append(recipient)
        self.messages.append(message)
        return self.answer(recipient)


def send(wire: Wire, now: datetime, *, limit: int = 50, house: House = HOUSE) -> posting.Tally:
    """One round of the sender."""
    return posting.send_due(
        carry=wire, sender=SENDER, clock=lambda: now, limit=limit,
        hold=lambda letters, at: leaving.holds(letters, at, house=house),
    )  # fmt: skip


def work(wire: Wire, now: datetime, *, house: House = HOUSE, rounds: int = 20) -> None:
    """Let the clock and the sender work until nothing moves."""
    for step in range(rounds):
        at = now + timedelta(seconds=step)
        moved = campaigns.run(house=house, now=at)
        db.session.commit()
        if not send(wire, at, house=house).total and not moved:
            return

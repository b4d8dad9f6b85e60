"""The world of `world`, told to a database too: the same numbers, written by the operations that production uses."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import func, insert, select, update

from crm360.consents import operations, parting, stopping, suppressing, tenancy
from crm360.consents.models import Statement
from crm360.consents.models import Stop as Row
from crm360.facts import ConsentStated, ContactRef, Identifier, MailingEvent, Received
from crm360.identity.models import Contact, ContactIdentifier, Lineage, Profile
from tests.consents.world import SOURCE, Said, Stop, World


class Twin(World):
    """Every operation is done in memory and in the database."""

    def __init__(self, session: Any) -> None:
        super().__init__()
        self.session = session

    def new_profile(self, contact: int | None) -> int:
        return int(self.session.scalars(insert(Profile).returning(Profile.id), [{"created_at": self.now}]).one())

    def new_contact(self, addresses: Collection[str]) -> int:
        profile = self.new_profile(None)
        seen = {"first_seen_at": self.now, "last_seen_at": self.now}
        row = {"source": SOURCE, "external_id": f"{profile}", "profile_id": profile, "home_profile_id": profile}
        statement = insert(Contact).returning(Contact.id)
        contact = int(self.session.scalars(statement, [row | seen | {"created_at": self.now}]).one())
        held = [{"contact_id": contact, "kind": "email", "value": each, "normal": each} | seen for each in addresses]
        self.session.execute(insert(ContactIdentifier), held)
        self.born = profile
        return contact

    def arrive(self, addresses: Collection[str]) -> int:
        contact = self.new_contact(addresses)
        self.created[contact], self.home[contact], self.place[contact] = self.now, self.born, self.born
        self.held += [(contact, ("email", each), self.now) for each in addresses]
        return contact

    def say(
        self, contact: int, address: str, purpose: str, state: str, grade: str, ago: timedelta = timedelta()
    ) -> None:
        at, told = min(self.now - ago, self.now), cast("Any", {"state": state, "evidence_grade": grade})
        fact = ConsentStated(
            ref=ContactRef(SOURCE, str(contact)), identifier=Identifier("email", address), purpose=purpose, channel="email",
            occurred_at=at, source=SOURCE, method="form", statement_id=self.now.isoformat(), **told,
        )  # fmt: skip
        (added,) = operations.add_statements(received=[Received(contact, None, fact)], now=self.now)
        self.said.append(Said(added.statement_id, contact, "email", address, purpose, state, at, self.now, grade))

    def stop(self, profile: int, kind: str) -> None:
        contacts = self.members(profile)
        ids = stopping.place(contact_ids=contacts, kind=kind, since=self.now, ground="told", by="charlie", now=self.now)
        self.stops += [Stop(each, c, kind, self.now, self.now) for each, c in zip(ids, sorted(contacts), strict=True)]

    def lift(self, profile: int) -> None:
        before = set(self.lifted)
        super().lift(profile)
        if new := set(self.lifted) - before:
            stopping.lift(stop_ids=new, by="charlie", reason="taken back", now=self.now)

    def silence(self, address: str, reason: str, ago: timedelta = timedelta()) -> None:
        super().silence(address, reason, ago)
        kind: Any = reason
        fact = MailingEvent(
            ref=ContactRef(SOURCE, "x"), source="esp", address=address, kind=kind, occurred_at=self.now - ago
        )
        suppressing.record_mailings(received=[Received(min(self.place), None, fact)], now=self.now)

    def pass_on(self, address: str, to: int | None, ago: timedelta = timedelta()) -> None:
        before = len(self.passed)
        super().pass_on(address, to, ago)
        if len(self.passed) > before:
            tenancy.pass_on(
                kind="email", normal=address, since=self.now - ago, to=to, reason="returned", by="charlie", now=self.now
            )

    def move(self, contacts: Iterable[int], to: int) -> None:
        moved = list(contacts)
        rows = [
            {"contact_id": c, "from_profile_id": self.place[c], "to_profile_id": to, "at": self.now, "cause": "merge"}
            for c in moved
        ]
        super().move(moved, to)
        self.session.execute(update(Contact).where(Contact.id.in_(moved)).values(profile_id=to))
        self.session.execute(insert(Lineage), rows)

    def put_right(self, sides: list[list[int]], since: datetime) -> None:
        profile = next(old for at, contact, old, _ in self.moves if at == self.now and contact in sides[0])
        parting.after_moves(profile_ids=[profile], now=self.now)
        super().put_right(sides, since)
        kept = [self.session.scalar(select(func.count()).select_from(each)) for each in (Statement, Row)]
        assert kept == [len(self.said), len(self.stops)], "the same was put right"

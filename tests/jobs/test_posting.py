"""Letters are promised once, sent once, stopped by a withdrawal, and never guessed about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from crm360.consents import definitions, stopping
from crm360.consents import operations as consents
from crm360.evidence import sends
from crm360.facts import ConsentStated, ContactRef, ContactSeen, Identifier, Received
from crm360.identity import operations as identity
from crm360.jobs import posting
from crm360.kernel import clock
from crm360.kernel.smtp import Outcome
from crm360.outbox import operations as outbox
from crm360.outbox import queries
from crm360.outbox.models import Letter, Permit
from crm360.outbox.operations import NewLetter

SENDER = posting.Sender("shop@lipowa.example", "Lipowa", lambda message: message)
SENT = Outcome("sent", 250, "2.0.0 queued")


class Wire:
    """Takes letters; `answers` by recipient, and `meanwhile` what happens once the first letter is on it."""

    def __init__(self, answers: dict[str, Outcome] | None = None, meanwhile: Callable[[], None] | None = None):
        self.answers, self.meanwhile, self.carried = answers or {}, meanwhile, list[str]()

    def __call__(self, *, sender: str, recipient: str, message: bytes) -> Outcome:
        self.carried.append(recipient)
        if self.meanwhile is not None:
            happens, self.meanwhile = self.meanwhile, None
            happens()
        return self.answers.get(recipient, SENT)


@pytest.fixture
def people(session: Any) -> dict[str, int]:
    """Three contacts who agreed to offers by e-mail: name → contact id."""
    now = clock.now()
    names = ("anna", "ewa", "piotr")
    seen = [
        ContactSeen(ref=ContactRef("shop", f"id:{name}"), occurred_at=now, identifiers=(Identifier("email", f"{name}@example.com"),))
        for name in names
    ]  # fmt: skip
    recorded = identity.record_contacts(seen=seen, now=now)
    identity.resolve(contact_ids=recorded.changed, before=recorded.before, now=now)
    ids = {name: recorded.ids[ContactRef("shop", f"id:{name}")] for name in names}
    for name in names:
        say(name, ids[name], "given", now - timedelta(days=1))
    session.commit()
    return ids


def say(name: str, contact_id: int, state: Any, at: datetime) -> None:
    fact = ConsentStated(
        ref=ContactRef("shop", f"id:{name}"), identifier=Identifier("email", f"{name}@example.com"), purpose="marketing",
        channel="email", state=state, occurred_at=at, source="shop", evidence_grade="A",
    )  # fmt: skip
    consents.record_statements(received=[Received(contact_id, None, fact)], now=clock.now())


def offer(name: str, people: dict[str, int], purpose: str = "marketing", **said: Any) -> NewLetter:
    return NewLetter(**{
        "dedup_key": f"c1:{name}", "subject_of": "campaign:1", "to_address": f"{name}@example.com", "purpose": purpose,
        "subject": "Nowa kawa", "text": "Dzień dobry", "contact_id": people.get(name), **said,
    })  # fmt: skip


def promise(*letters: NewLetter) -> int:
    return outbox.promise(letters=letters, domain="lipowa.example", now=clock.now())


def send(wire: Wire, **said: Any) -> posting.Tally:
    return posting.send_due(carry=wire, sender=SENDER, clock=clock.now, **said)


def states(session: Any) -> dict[str, str]:
    session.expire_all()
    rows = session.execute(select(Letter.to_address, Letter.state).order_by(Letter.id))
    return {address.partition("@")[0]: state for address, state in rows}


def test_what_is_promised_twice_is_sent_once(session: Any, people: dict[str, int]) -> None:
    assert promise(*(offer(name, people) for name in people)) == 3
    assert promise(offer("anna", people, subject="Other")) == 0
    wire = Wire()
    assert send(wire) == posting.Tally(sent=3)
    assert send(wire).total == 0
    assert wire.carried == ["anna@example.com", "ewa@example.com", "piotr@example.com"]
    assert queries.counts(subject_of="campaign:1") == {"sent": 3}


def test_a_withdrawal_in_the_middle_stops_what_has_not_left(session: Any, people: dict[str, int]) -> None:
    promise(*(offer(name, people) for name in people))
    wire = Wire(meanwhile=lambda: say("ewa", people["ewa"], "withdrawn", clock.now()))
    assert send(wire) == posting.Tally(sent=2, stopped=1)
    assert wire.carried == ["anna@example.com", "piotr@example.com"]
    assert session.scalar(select(Letter.reason).where(Letter.state == "stopped")) == "withdrawn"


@pytest.mark.parametrize(("purpose", "state"), [("marketing", "stopped"), ("service", "sent")])
def test_an_objection_stops_offers_and_no_service(
    session: Any, people: dict[str, int], purpose: str, state: str
) -> None:
    promise(offer("anna", people, purpose))
    stopping.place(
        contact_ids=[people["anna"]],
        kind="objection_marketing",
        since=clock.now(),
        ground="call",
        by="x",
        now=clock.now(),
    )
    send(Wire())
    assert states(session) == {"anna": state}


def test_what_left_names_the_consent_it_left_under(session: Any, people: dict[str, int]) -> None:
    """The officer's figure: letters sent without a basis are none, whatever happened to the consent since."""
    promise(*(offer(name, people) for name in people), offer("ewa", people, "service", dedup_key="s"))
    send(Wire())
    say("anna", people["anna"], "withdrawn", clock.now())
    since, known = clock.now() - timedelta(days=1), definitions.catalogue(now=clock.now())
    assert sends.count_left(since=since) == 4
    assert sends.without_basis(purposes=known, since=since) == []
    session.execute(delete(Permit).where(Permit.letter_id == queries.find("c1:piotr").id))
    found = sends.without_basis(purposes=known, since=since)
    assert [(each.letter.to_address, each.why) for each in found] == [("piotr@example.com", "undecided")]


def test_nobody_asked_gets_no_offer(session: Any, people: dict[str, int]) -> None:
    promise(offer("nobody", people))
    send(Wire())
    assert states(session) == {"nobody": "stopped"}


def test_each_answer_has_its_consequence(session: Any, people: dict[str, int]) -> None:
    promise(*(offer(name, people) for name in people))
    answers = {
        "anna@example.com": Outcome("refused", 550, "no such user"),
        "ewa@example.com": Outcome("later", 452, "full"),
        "piotr@example.com": Outcome("unknown", 0, "TimeoutError"),
    }
    assert send(Wire(answers)) == posting.Tally(refused=1, later=1, unknown=1)
    assert states(session) == {"anna": "refused", "ewa": "queued", "piotr": "unknown"}
    assert send(Wire()).total == 0, "the pause has not passed, the unknown one is nobody's to send"
    session.execute(update(Letter).where(Letter.state == "queued").values(due_at=clock.now()))
    assert send(Wire()) == posting.Tally(sent=1)


def test_a_full_mailbox_is_given_up_after_two_days(session: Any, people: dict[str, int]) -> None:
    promise(offer("ewa", people))
    for _ in range(len(outbox.PAUSES) + 1):
        session.execute(update(Letter).values(due_at=clock.now()))
        send(Wire({"ewa@example.com": Outcome("later", 452, "full")}))
    assert states(session) == {"ewa": "refused"}
    assert "Given up after 8 tries" in session.scalar(select(Letter.reason))


def test_a_sender_that_dies_leaves_one_unknown_and_the_rest_in_the_queue(session: Any, people: dict[str, int]) -> None:
    promise(*(offer(name, people) for name in people))

    def die() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send(Wire(meanwhile=die))
    assert states(session) == {"anna": "speaking", "ewa": "claimed", "piotr": "claimed"}
    assert send(Wire()).total == 0, "they are in somebody's hand"
    session.execute(update(Letter).values(claimed_until=clock.now() - timedelta(seconds=1)))
    wire = Wire()
    assert send(wire) == posting.Tally(sent=2)
    assert states(session) == {"anna": "unknown", "ewa": "sent", "piotr": "sent"}
    assert outbox.send_again(
        letter_id=session.scalar(select(Letter.id).where(Letter.state == "unknown")), now=clock.now()
    )
    assert send(wire) == posting.Tally(sent=1)


def test_a_letter_called_off_while_in_hand_does_not_leave(session: Any, people: dict[str, int]) -> None:
    promise(*(offer(name, people) for name in people))
    cancel = lambda: outbox.cancel(subject_of="campaign:1", reason="paused", now=clock.now())  # noqa: E731
    assert send(Wire(meanwhile=cancel)) == posting.Tally(sent=1)
    assert states(session) == {"anna": "sent", "ewa": "cancelled", "piotr": "cancelled"}


@pytest.mark.parametrize(
    "said", [{"subject": "a\r\nBcc: x@y.pl"}, {"to_address": "a b"}, {"headers": {"Bcc": "x@y.pl"}}]
)
def test_what_could_never_be_sent_is_refused_at_once(
    session: Any, people: dict[str, int], said: dict[str, Any]
) -> None:
    with pytest.raises(outbox.UnusableLetter):
        promise(offer("anna", people, **said))
    assert session.scalar(select(Letter.id)) is None

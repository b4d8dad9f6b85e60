"""A suppressed address stays suppressed in every spelling, whichever inlet brings it back with a consent.

Inlets are found by the registry: every sample payload that states a consent is told again with the spelled address.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from crm360.consents import asking, suppressing
from crm360.consents.policy import SUPPRESSIONS
from crm360.facts import ConsentStated, ContactRef, Fact, MailingEvent, Received
from crm360.flows import receive
from crm360.kernel.batches import chunked
from crm360.normalise import identifiers
from crm360.sources import registry
from crm360.sources.base import Payload, Unreadable
from tests.flows.importing import bring_in, write
from tests.sources import fixture_files

#: 1,000 in the full run; every spelling of each goes through some inlet, and every inlet gets every spelling.
ADDRESSES = int(os.environ.get("SPELLED_ADDRESSES") or 20)
#: Every spelling of every address through every inlet: 400,000 payloads for 1,000 addresses.
EVERYWHERE = bool(os.environ.get("SPELLED_EVERYWHERE"))
SPELLINGS = (
    "{local}@gmail.com", "{LOCAL}@GMAIL.COM", "{Local}@Gmail.com", " {local}@gmail.com ", "\t{local}@gmail.com\n",
    "{local}+shop@gmail.com", "{local}+a.b-c@gmail.com", "{dotted}@gmail.com", "{DOTTED}@gmail.com", "{local}@googlemail.com",
    "{dotted}+x@GoogleMail.com", "mailto:{local}@gmail.com", "<{local}@gmail.com>", "Anna Nowak <{local}@gmail.com>",
    '"Nowak, Anna" <{local}@gmail.com>', "'{local}@gmail.com", "{local}@gmail.com,", "{local} @ gmail.com",
    "{local}@gmail.com; other@example.com", '"{local}@gmail.com"',
)  # fmt: skip


def address(number: int) -> str:
    return f"anna{number}nowak"


def spelled(pattern: str, local: str) -> str:
    dotted = f"{local[0]}.{local[1:4]}.{local[4:]}"
    names = {"local": local, "LOCAL": local.upper(), "Local": local.title(), "dotted": dotted, "DOTTED": dotted.upper()}
    return pattern.format(**names)


def test_twenty_spellings_of_a_thousand_addresses_are_a_thousand_addresses() -> None:
    for number in range(1000):
        found = {identifiers.normal("email", spelled(each, address(number))) for each in SPELLINGS}
        assert found == {f"{address(number)}@gmail.com"}
    assert len(set(SPELLINGS)) == 20


def samples() -> list[Any]:
    """Every sample payload that states a consent of an e-mail address, and that address."""
    found = []
    for channel in sorted(registry.readers()):
        if not (fixture_files.FOLDER / channel).is_dir():
            continue
        for name in fixture_files.names(channel):
            payload = fixture_files.sample(channel, name)
            said = {fact.identifier.value for fact in facts(channel, payload) if isinstance(fact, ConsentStated)}
            emails = sorted(each for each in said if "@" in each and each.encode() in payload.body)
            if emails:
                found.append(pytest.param(channel, name, emails[0], id=f"{channel}-{name}"))
    return found


def facts(channel: str, payload: Payload) -> list[Fact]:
    try:
        return list(registry.reader(channel)(payload))
    except Unreadable:
        return []


INLETS = samples()


def told(channel: str, name: str, known: str, spelling: str, number: int) -> Iterator[Fact]:
    """The facts of a sample in which somebody else has the address, spelled like that."""
    payload = fixture_files.sample(channel, name)
    body = payload.body.replace(known.encode(), json.dumps(spelling)[1:-1].encode())
    made = Payload(source=f"{channel}-{number}", received_at=payload.received_at, body=body, headers=payload.headers)
    yield from facts(channel, made)


def test_every_sample_that_states_a_yes_of_a_mailbox_is_among_the_inlets() -> None:
    states = {
        (channel, name)
        for channel in registry.readers()
        if (fixture_files.FOLDER / channel).is_dir()
        for name in fixture_files.names(channel)
        for fact in facts(channel, fixture_files.sample(channel, name))
        if isinstance(fact, ConsentStated) and fact.state == "given" and fact.identifier.kind == "email"
    }
    assert states - {param.values[:2] for param in INLETS} == set()
    assert len(states) >= 10


@pytest.fixture
def suppressed(session: Any, now: Any) -> None:
    """Each address under one of the reasons there are."""
    reasons: Any = SUPPRESSIONS[:3]
    events = [
        MailingEvent(ref=ContactRef("esp", str(number)), source="esp", address=f"{address(number)}@gmail.com",
                     kind=reasons[number % 3], occurred_at=now - timedelta(days=1))
        for number in range(ADDRESSES)
    ]  # fmt: skip
    suppressing._suppress([Received(None, None, each) for each in events], now)


@pytest.mark.timeout(1800 + 4 * ADDRESSES)
@pytest.mark.parametrize(("channel", "name", "known"), INLETS)
def test_no_inlet_opens_a_suppressed_address(
    suppressed: None, session: Any, now: Any, channel: str, name: str, known: str
) -> None:
    place = [param.id for param in INLETS].index(f"{channel}-{name}")
    items, stated = [], 0
    for number in range(ADDRESSES):
        for turn, pattern in enumerate(SPELLINGS):
            if EVERYWHERE or (number + turn) % len(INLETS) == place or number == 0:
                said = list(told(channel, name, known, spelled(pattern, address(number)), len(items)))
                stated += sum(isinstance(fact, ConsentStated) for fact in said)
                source: Any = SimpleNamespace(name=f"{channel}-{len(items)}", settings={})
                items.append(receive.Read(1, said, source))
    for some in chunked(items, 2_000):
        receive.apply(some, now=now)
    assert stated >= len(SPELLINGS) / 2, "the sample still states consents when somebody else's address is in it"
    questions = [
        asking.Question(None, "email", f"{address(number)}@gmail.com", purpose, "email")
        for number in range(ADDRESSES)
        for purpose in ("marketing", "newsletter", "offers", "profiling", "surveys")
    ]
    assert not [
        question
        for question, verdict in zip(questions, asking.ask(questions, now=now), strict=True)
        if verdict.permitted
    ]


def test_no_list_opens_a_suppressed_address(suppressed: None, session: Any, now: Any, tmp_path: Path) -> None:
    proof = {"consent_email": "yes", "optin_at": "2024-01-01 10:00:00", "confirmed_at": "2024-01-01 10:05:00"}
    rows = [
        {"customer_id": f"{number}-{turn}", "email": spelled(pattern, address(number)).strip()} | proof
        for number in range(min(ADDRESSES, 50))
        for turn, pattern in enumerate(SPELLINGS)
        if number < 3 or (number + turn) % 20 == 0
    ]
    bring_in(write(tmp_path / "list.csv", rows), now=now, step=500)
    questions = [
        asking.Question(None, "email", f"{address(number)}@gmail.com", "marketing", "email")
        for number in range(ADDRESSES)
    ]
    assert {verdict.reason for verdict in asking.ask(questions, now=now)} == set(SUPPRESSIONS[:3])

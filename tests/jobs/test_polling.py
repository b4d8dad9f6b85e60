"""Sources that are asked: pages are kept with their place, failures wait and go on, two pollers never share a source."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy import select, update

from crm360.flows import connecting
from crm360.inbox import polls
from crm360.inbox.models import Payload, Poll, Source
from crm360.jobs import polling
from crm360.kernel import clock, sealing
from crm360.sources import registry
from crm360.sources.channel import Call, Channel, Item, Page, PollFailed, Reply, Setting

KEY = "k" * 32
SETTINGS = (
    Setting(name="address", label="Address", kind="url"),
    Setting(name="password", label="Password", kind="secret"),
    Setting(name="pace", label="Pace", kind="choice", choices=("slow", "fast"), default="slow"),
)


def numbers(
    settings: Mapping[str, Any], cursor: Mapping[str, Any], now: datetime
) -> Generator[Call | Page, Reply | None, None]:
    """Pages of numbers from the cursor on, until the system says there are no more."""
    at = int(cursor.get("at", 0))
    while True:
        reply = yield Call("GET", f"{settings['address']}/{at}", {"authorization": settings["password"]})
        assert reply is not None
        if reply.status == 401:
            raise PollFailed("The password was refused.")
        found = json.loads(reply.body)
        if not found:
            return
        at += len(found)
        yield Page([Item(str(number).encode(), f"n{number}") for number in found], {"at": at})


@pytest.fixture(autouse=True)
def channel(monkeypatch: pytest.MonkeyPatch) -> None:
    about = Channel(label="Numbers", group="store", poll=numbers, every_seconds=60, settings=SETTINGS)
    known = MappingProxyType({**registry.channels(), "numbers": about})
    monkeypatch.setattr(registry, "channels", lambda: known)


@pytest.fixture
def source(session: Any) -> Source:
    told = {"address": "https://numbers.example", "password": "p"}
    made = connecting.connect(
        channel="numbers",
        name="n",
        told=told,
        defaults={},
        seal=lambda text: sealing.seal(text, key=KEY),
        now=clock.now(),
    )
    session.commit()
    return made


class System:
    """What is asked: a list cut into pages; `broken` says which call fails, and how."""

    def __init__(self, total: int, broken: Mapping[int, Exception] = MappingProxyType({})):
        self.total, self.broken, self.calls = total, dict(broken), 0

    def __call__(self, call: Call) -> Reply:
        self.calls += 1
        if self.calls in self.broken:
            raise self.broken[self.calls]
        if call.headers["authorization"] != "p":
            return Reply(401, {}, b"")
        at = int(call.url.rpartition("/")[2])
        return Reply(200, {}, json.dumps(list(range(at, min(at + 3, self.total)))).encode())


def opened(credentials: Mapping[str, str]) -> dict[str, str]:
    return {name: sealing.unseal(text, key=KEY) for name, text in credentials.items()}


def sealed(secrets: Mapping[str, str]) -> dict[str, str]:
    return {name: sealing.seal(text, key=KEY) for name, text in secrets.items()}


def poll(system: Callable[[Call], Reply]) -> int:
    return polling.poll_due(speak=system, opened=opened, sealed=sealed)


def make_due(session: Any) -> None:
    session.execute(update(Poll).values(due_at=clock.now() - timedelta(seconds=1)))
    session.commit()


def kept(session: Any) -> list[str]:
    return sorted(session.scalars(select(Payload.dedup_key)))


def state(session: Any) -> Poll:
    session.expire_all()
    found: Poll = session.scalars(select(Poll)).one()
    return found


def test_every_page_is_kept_and_the_next_poll_goes_on_from_there(session: Any, source: Source) -> None:
    assert poll(System(8)) == 8
    assert kept(session) == [f"id:n{number}" for number in range(8)]
    after = state(session)
    assert (after.cursor, after.failures, after.last_error, after.claimed_until) == ({"at": 8}, 0, "", None)
    assert poll(System(11)) == 0, "it is not due yet"
    make_due(session)
    assert poll(System(11)) == 3


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (polling.TryLater("It answered 503."), "It answered 503."),
        (RuntimeError("kowalski@example.com"), "RuntimeError while reading what Numbers answered."),
    ],
)
def test_what_was_kept_before_a_failure_stays_and_the_rest_follows(
    session: Any, source: Source, failure: Exception, words: str
) -> None:
    assert poll(System(9, {3: failure})) == 6
    broken = state(session)
    assert (broken.last_error, broken.failures, broken.cursor) == (words, 1, {"at": 6})
    assert broken.due_at > clock.now()
    make_due(session)
    assert poll(System(9)) == 3
    assert (state(session).failures, len(kept(session))) == (0, 9)


def test_pauses_grow_and_end_at_an_hour(session: Any, source: Source) -> None:
    pauses = []
    for _ in range(9):
        make_due(session)
        poll(System(1, {1: polling.TryLater("no")}))
        pauses.append((state(session).due_at - clock.now()).total_seconds())
    assert [round(pause / 30) for pause in pauses] == [1, 2, 4, 8, 16, 32, 64, 120, 120]


def test_a_wrong_password_is_said_and_another_one_heals_it(session: Any, source: Source) -> None:
    def seal(text: str) -> str:
        return sealing.seal(text, key=KEY)

    told = {"address": "https://numbers.example", "password": "old"}
    connecting.change(name="n", told=told, seal=seal, now=clock.now())
    poll(System(3))
    assert state(session).last_error == "The password was refused."
    connecting.change(
        name="n", told={"address": "https://numbers.example", "password": "p"}, seal=seal, now=clock.now()
    )
    assert poll(System(3)) == 3, "a change of settings is tried at once"


def test_settings_not_told_again_keep_the_secret(session: Any, source: Source) -> None:
    connecting.change(
        name="n",
        told={"address": "https://other.example"},
        seal=lambda text: sealing.seal(text, key=KEY),
        now=clock.now(),
    )
    assert (source.settings["address"], opened(source.credentials)) == ("https://other.example", {"password": "p"})


def test_a_poller_that_was_too_slow_keeps_nothing_more(session: Any, source: Source) -> None:
    def slow(call: Call) -> Reply:
        if call.url.endswith("/3"):  # meanwhile the lease ran out and somebody else took it
            session.execute(update(Poll).values(claimed_until=clock.now() + timedelta(hours=1)))
            session.commit()
        return System(9)(call)

    assert poll(slow) == 3
    assert len(kept(session)) == 3
    assert state(session).claimed_until is not None


def test_a_claimed_source_is_nobody_elses_until_the_lease_ends(session: Any, source: Source) -> None:
    now = clock.now()
    lease = timedelta(minutes=5)
    assert polls.claim(channels=["numbers"], now=now, lease=lease) is not None
    assert polls.claim(channels=["numbers"], now=now, lease=lease) is None
    assert polls.claim(channels=["numbers"], now=now + lease * 2, lease=lease) is not None


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ({}, {"address", "password"}),
        ({"address": "ftp://x", "password": "p"}, {"address"}),
        ({"address": "https://x", "password": "p\x00"}, {"password"}),
        ({"address": "https://x", "password": "p", "pace": "wild"}, {"pace"}),
        ({"address": "https://x", "password": "p", "colour": "red"}, {"colour"}),
    ],
)
def test_what_cannot_be_used_is_named_and_nothing_is_made(session: Any, told: dict[str, str], wrong: set[str]) -> None:
    with pytest.raises(connecting.CannotConnect) as refused:
        connecting.connect(channel="numbers", name="x", told=told, defaults={}, seal=str, now=clock.now())
    assert refused.value.errors.keys() == wrong
    assert session.scalar(select(Source.id)) is None


def test_no_secret_stands_in_the_database(session: Any, source: Source) -> None:
    row = session.execute(select(Source.settings, Source.credentials, Source.secret)).one()
    assert "password" not in row.settings
    assert (row.credentials.keys(), row.secret) == ({"password"}, "")
    assert row.credentials["password"] != "p"


def test_new_secrets_are_kept_sealed_with_their_page(
    session: Any, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    def renewing(settings: Mapping[str, Any], cursor: Mapping[str, Any], _now: datetime) -> Any:
        assert settings["token"] == cursor.get("of", "p")
        token = f"a-token-of-the-vendor-{int(cursor.get('n', 0)) + 1}"
        yield Page([], {"n": int(cursor.get("n", 0)) + 1, "of": token}, {"token": token})
        raise PollFailed("broken off after that")

    source.credentials = dict(sealed({"token": "p"}))
    session.commit()
    about = replace(registry.channels()[source.channel], poll=renewing)
    monkeypatch.setattr(registry, "channels", lambda: {source.channel: about})
    for number in (1, 2):
        make_due(session)
        poll(System(0))
        session.expire_all()
        kept_now = session.get(Source, source.id).credentials
        assert opened(kept_now)["token"] == f"a-token-of-the-vendor-{number}"
        assert "vendor" not in kept_now["token"]


def test_a_job_is_woken_by_its_own_channels_and_by_nothing_in_somebodys_hand(session: Any, source: Source) -> None:
    now = clock.now()
    assert polls.anything_due(channels=["numbers"], now=now)
    assert not polls.anything_due(channels=["mailbox"], now=now)
    assert polls.claim(channels=["numbers"], now=now, lease=timedelta(minutes=5)) is not None
    assert not polls.anything_due(channels=["numbers"], now=now)
    assert polls.anything_due(channels=["numbers"], now=now + timedelta(minutes=10))

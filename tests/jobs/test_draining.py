"""The inbox worked off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from crm360.flows import receive
from crm360.flows.receive import Progress
from crm360.identity import queries as identity
from crm360.inbox import queries as inbox
from crm360.jobs import draining


def test_everything_that_waits_has_its_effect(session: Any, send: Callable[..., None]) -> None:
    assert not draining.is_waiting()
    for number in range(5):
        send(f"m-{number}", userId=f"user-{number % 2}")
    send("odd", userId="")
    assert draining.is_waiting()
    assert draining.process_batch(limit=2) == Progress(2, 0)
    assert draining.drain() == Progress(3, 1)
    assert not draining.is_waiting()
    assert identity.counts()["contacts"] == 2
    assert [payload.dedup_key for payload in inbox.quarantined()] == ["id:odd"]


def test_a_batch_that_fails_leaves_everything_as_it_was(
    session: Any, send: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    send("m-1", userId="7")
    whole = receive.process

    def power_cut(*args: Any, **kwargs: Any) -> Progress:
        whole(*args, **kwargs)
        raise ConnectionError("gone")

    with monkeypatch.context() as broken:
        broken.setattr(receive, "process", power_cut)
        with pytest.raises(ConnectionError):
            draining.process_batch()
    assert inbox.counts().waiting == 1
    assert identity.counts()["contacts"] == 0
    assert draining.process_batch() == Progress(1, 0)

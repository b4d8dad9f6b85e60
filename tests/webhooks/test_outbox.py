"""What is put into the outbox, and for whom."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import func, select

from crm360.kernel.errors import NotFound
from crm360.webhooks import kinds, operations, outbox, queries
from crm360.webhooks.models import Attempt, Delivery, Event, Pause, Secret
from tests.webhooks import endpoints
from tests.webhooks.endpoints import NOW, endpoint, happened, later


def count(session: Any, model: Any) -> int:
    return int(session.scalar(select(func.count()).select_from(model)))


def test_nothing_is_kept_while_nobody_listens(session: Any):
    happened(7)
    endpoint(kinds.ERASED)
    happened(7)
    assert (count(session, Event), count(session, Delivery)) == (0, 0)


def test_an_event_is_kept_once_and_delivered_to_everyone_who_asked(session: Any):
    all_, some = endpoint(), endpoint(kinds.UPDATED, kinds.CONSENT)
    endpoint(kinds.MERGED)
    happened(7)
    happened(8, kind=kinds.CREATED)
    assert count(session, Event) == 2
    assert [line.event.kind for line in queries.log(endpoint_id=all_)] == [kinds.CREATED, kinds.UPDATED]
    assert [line.event.kind for line in queries.log(endpoint_id=some)] == [kinds.UPDATED]


def test_a_body_says_ids_and_no_more(session: Any):
    endpoint()
    happened(7, kind=kinds.MERGED, merged_profile_id=5)
    happened(7, kind=kinds.CONSENT, purpose="offers", channel="email", state="withdrawn", identifier_kind="email",
             occurred_at=NOW)  # fmt: skip
    first, second = (json.loads(body) for body in session.scalars(select(Event.body).order_by(Event.id)))
    assert first == {
        "type": "profile.merged",
        "timestamp": "2026-03-02T10:30:00.000000Z",
        "version": 1,
        "data": {"profile_id": 7, "merged_profile_id": 5},
    }
    assert second["data"]["occurred_at"] == "2026-03-02T10:30:00.000000Z"


def test_what_is_rolled_back_was_never_said(session: Any):
    endpoint()
    with session.begin_nested() as change:
        happened(7)
        change.rollback()
    assert count(session, Event) == 0


@pytest.mark.parametrize(
    "url",
    [
        "",
        "erp.example",
        "ftp://erp.example/",
        "https://",
        "https://a:b@erp.example/",
        "https://erp.example/ x",
        "https://erp.example:99999/",
        "https://erp.example:0/",
        "https://[::1",
        "https://erp.example/\nx",
        "https://x/" + "a" * 2000,
    ],
)
def test_addresses_that_are_none(session: Any, url: str):
    with pytest.raises(operations.UnusableEndpoint):
        endpoint(url=url)


def test_an_endpoint_can_be_changed_and_removed(session: Any):
    one, other = endpoint(), endpoint()
    happened(7)
    (claimed, _) = endpoints.claim()
    endpoints.settle(claimed)
    operations.pause(endpoint_id=one, by="Dana", now=NOW)
    changed = operations.change(endpoint_id=one, url=" https://b.example/x ", kinds=[kinds.LEFT], description="ERP")
    assert (changed.url, changed.kinds, changed.description) == ("https://b.example/x", [kinds.LEFT], "ERP")
    operations.remove(endpoint_id=one)
    with pytest.raises(NotFound):
        queries.get_endpoint(one)
    assert {row.endpoint_id for row in session.scalars(select(Delivery))} == {other}
    assert (count(session, Attempt), count(session, Secret), count(session, Pause)) == (0, 1, 0)


def test_after_a_rotation_both_secrets_sign_for_a_day(session: Any):
    one = endpoint()
    operations.rotate(endpoint_id=one, sealed_secret="second", now=NOW)
    assert queries.secrets([one], now=later(hours=23))[one][0] == "second"
    assert len(queries.secrets([one], now=later(hours=23))[one]) == 2
    assert queries.secrets([one], now=later(hours=25))[one] == ["second"]
    operations.rotate(endpoint_id=one, sealed_secret="third", now=later(hours=1))
    assert [len(queries.secrets([one], now=later(hours=at))[one]) for at in (2, 24.5, 26)] == [3, 2, 1]


def test_old_events_are_forgotten_with_their_log(session: Any):
    endpoint()
    happened(1, 2, now=later(days=-31))
    happened(3)
    for claimed in endpoints.claim():
        endpoints.settle(claimed)
    assert operations.purge(before=later(days=-30)) == 2
    assert (count(session, Event), count(session, Delivery), count(session, Attempt)) == (1, 1, 1)


def test_a_test_goes_to_one_endpoint_only_and_waits_for_nobody(session: Any):
    one, _ = endpoint(kinds.LEFT), endpoint()
    delivery = queries.get_delivery(operations.send_test(endpoint_id=one, now=NOW))
    assert json.loads(queries.event_of(delivery).body)["type"] == "endpoint.tested"
    assert [claimed.endpoint_id for claimed in endpoints.claim()] == [one]
    operations.pause(endpoint_id=one, by="Dana", now=NOW)
    with pytest.raises(operations.IsPaused):
        operations.send_test(endpoint_id=one, now=NOW)


def test_who_listens_is_told_by_kind(session: Any):
    one, other = endpoint(kinds.LEFT), endpoint(kinds.LEFT, kinds.ENTERED)
    assert outbox.wanted() == {kinds.LEFT: [one, other], kinds.ENTERED: [other]}

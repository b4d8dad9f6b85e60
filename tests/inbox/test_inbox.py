"""The inbox: kept once, processed once, quarantined with a reason, replayed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.inbox import operations, queries
from crm360.inbox.models import Source
from crm360.inbox.operations import Kept, NewPayload


@pytest.fixture
def web(session: Any, now: datetime) -> Source:
    return operations.ensure_source(name="web", channel="tracking", settings={"currency": "PLN"}, now=now)


def items(*keys: str) -> list[NewPayload]:
    return [NewPayload(key, key.encode(), {"type": "track"}) for key in keys]


def keep(source: Source, *keys: str, now: datetime) -> Kept:
    return operations.keep(source_id=source.id, channel="tracking", items=items(*keys), now=now)


class TestSource:
    def test_it_is_made_once(self, web: Source, now: datetime) -> None:
        again = operations.ensure_source(name="web", channel="shopify", secret="x", now=now)
        assert again is web
        assert (web.channel, web.secret, web.settings) == ("tracking", "", {"currency": "PLN"})
        assert queries.source_names({web.id, 404}) == {web.id: "web"}
        assert queries.all_sources() == [web]

    def test_making_it_on_purpose_refuses_a_name_taken(self, web: Source, now: datetime) -> None:
        with pytest.raises(operations.SourceExists):
            operations.create_source(name="web", channel="tracking", now=now)

    @pytest.mark.parametrize("name", ["", "  ", "a/b", "x" * 101, "nul\0"])
    def test_its_name_must_fit_an_address(self, session: Any, now: datetime, name: str) -> None:
        with pytest.raises(operations.UnusableSource):
            operations.ensure_source(name=name, channel="tracking", now=now)

    def test_settings_are_added(self, web: Source) -> None:
        operations.set_source_settings(name="web", settings={"region": "GB"})
        assert web.settings == {"currency": "PLN", "region": "GB"}
        with pytest.raises(queries.SourceNotFound):
            operations.set_source_settings(name="nobody", settings={})


class TestKeeping:
    def test_a_payload_is_kept_once(self, web: Source, now: datetime) -> None:
        assert keep(web, "a", "b", "a", now=now) == Kept(new=2, repeated=1)
        assert keep(web, "c", "b", now=now + timedelta(hours=1)) == Kept(new=1, repeated=1)
        assert keep(web, now=now) == Kept(new=0, repeated=0)
        waiting = queries.waiting(limit=10)
        assert [(payload.dedup_key, payload.body, payload.headers) for payload in waiting] == [
            (key, key.encode(), {"type": "track"}) for key in "abc"
        ]
        assert [payload.received_at for payload in waiting] == [now, now, now + timedelta(hours=1)]

    def test_another_source_may_say_the_same(self, web: Source, now: datetime) -> None:
        shop = operations.ensure_source(name="shop", channel="shopify", now=now)
        assert keep(web, "a", now=now).new == keep(shop, "a", now=now).new == 1

    def test_many_at_once(self, web: Source, now: datetime) -> None:
        keys = [str(number) for number in range(3000)]
        assert keep(web, *keys, now=now) == Kept(new=3000, repeated=0)
        assert [payload.dedup_key for payload in queries.waiting(limit=5)] == keys[:5]

    def test_what_the_door_cannot_read_waits_in_quarantine(self, web: Source, now: datetime) -> None:
        for _ in range(2):
            operations.keep_unreadable(
                source_id=web.id, channel="tracking", item=items("a")[0], reason="not JSON", now=now
            )
        (payload,) = queries.quarantined()
        assert (payload.reason, payload.settled_at, payload.body) == ("not JSON", now, b"a")
        assert queries.waiting(limit=10) == []


class TestTaking:
    def test_what_is_new_counts_as_processed_already(self, web: Source, now: datetime) -> None:
        taken = operations.take(source_id=web.id, channel="contacts_csv", items=items("a", "b", "a"), now=now)
        assert [(payload.dedup_key, payload.body) for payload in taken.new] == [("a", b"a"), ("b", b"b")]
        assert (taken.held, taken.repeated) == ([], 1)
        assert {queries.get_payload(payload.id).state for payload in taken.new} == {"processed"}
        again = operations.take(source_id=web.id, channel="contacts_csv", items=items("b", "a", "c"), now=now)
        assert ([payload.dedup_key for payload in again.new], again.held, again.repeated) == (["c"], [], 2)

    def test_what_still_waits_is_handed_over(self, web: Source, now: datetime) -> None:
        keep(web, "a", now=now)
        taken = operations.take(source_id=web.id, channel="contacts_csv", items=items("a", "b"), now=now)
        assert [payload.dedup_key for payload in taken.new] == ["b"]
        assert taken.held == queries.waiting(limit=10)
        assert taken.repeated == 1


class TestSettling:
    def test_what_is_settled_waits_no_more(self, web: Source, now: datetime) -> None:
        keep(web, *"abcd", now=now)
        first, second, third, fourth = queries.waiting(limit=10)
        operations.mark_processed(ids=[first.id, third.id], now=now)
        operations.quarantine(payload_id=second.id, reason="odd", now=now)
        assert queries.waiting(limit=10) == [fourth]
        assert queries.counts() == queries.Counts(waiting=1, quarantined=1)
        assert queries.get_payload(first.id).state == "processed"
        assert keep(web, *"abcd", now=now) == Kept(new=0, repeated=4)
        assert queries.counts() == queries.Counts(waiting=1, quarantined=1)

    def test_more_ids_than_a_statement_takes(self, web: Source, now: datetime) -> None:
        keep(web, *(str(number) for number in range(1201)), now=now)
        operations.mark_processed(ids=[payload.id for payload in queries.waiting(limit=2000)], now=now)
        assert queries.counts().waiting == 0


class TestReplay:
    @pytest.fixture
    def shop(self, web: Source, now: datetime) -> Source:
        shop = operations.ensure_source(name="shop", channel="shopify", now=now)
        keep(web, *"ab", now=now)
        keep(shop, "c", now=now)
        for payload in queries.waiting(limit=10):
            operations.quarantine(payload_id=payload.id, reason="odd", now=now)
        return shop

    def test_everything(self, shop: Source, now: datetime) -> None:
        assert operations.replay(now=now) == 3
        settled = [queries.get_payload(payload.id).settled_at for payload in queries.waiting(limit=10)]
        assert settled == [None] * 3
        assert operations.replay(now=now) == 0

    def test_one_source(self, shop: Source, now: datetime) -> None:
        assert operations.replay(source="shop", now=now) == 1
        assert [payload.dedup_key for payload in queries.waiting(limit=10)] == ["c"]
        assert [payload.dedup_key for payload in queries.quarantined(source="web")] == ["b", "a"]
        with pytest.raises(queries.SourceNotFound):
            operations.replay(source="nobody", now=now)

    def test_chosen_ones(self, shop: Source, now: datetime) -> None:
        latest, *older = queries.quarantined()
        assert operations.replay(ids=[latest.id], now=now) == 1
        assert queries.quarantined() == older
        assert queries.quarantined(before=older[0].id) == older[1:]


class TestKeys:
    @given(st.text(max_size=300), st.text(max_size=300))
    def test_different_ids_have_different_keys_that_any_database_stores(self, left: str, right: str) -> None:
        keys = operations.senders_key(left), operations.senders_key(right)
        assert (left == right) == (keys[0] == keys[1])
        for key in keys:
            assert "\0" not in key
            assert len(key.encode()) <= 4 * operations.LONGEST_SENDERS_ID + 10

    @given(st.lists(st.binary(max_size=5), max_size=3), st.lists(st.binary(max_size=5), max_size=3))
    def test_content_differs_by_its_parts(self, left: list[bytes], right: list[bytes]) -> None:
        assert (left == right) == (operations.content_key(*left) == operations.content_key(*right))


def test_an_unknown_payload_is_not_found(session: Any) -> None:
    with pytest.raises(queries.PayloadNotFound):
        queries.get_payload(404)

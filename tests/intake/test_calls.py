"""Taking tracking requests apart."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.intake import calls
from crm360.intake.body import BodyUnreadable

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(max_size=6), JSON, max_size=4)


def packed(**envelope: Any) -> bytes:
    return json.dumps(envelope).encode()


def bodies(found: calls.Calls) -> list[Any]:
    return [json.loads(payload.body) for payload in found.accepted]


def test_a_single_call_is_kept_byte_for_byte_with_the_type_of_its_path() -> None:
    body = b'{ "userId": "7", "messageId":"m-1" , "writeKey":"k"}'
    found = calls.one(body, {"type": "track"})
    (payload,) = found.accepted
    assert (payload.body, payload.headers, payload.dedup_key) == (body, {"type": "track"}, "id:m-1")
    assert found.write_key == "k"


@given(st.lists(OBJECTS, max_size=5), st.none() | st.text(max_size=30))
def test_sent_at_of_the_envelope_joins_each_item_that_has_none(
    items: list[dict[str, Any]], sent_at: str | None
) -> None:
    envelope = {"batch": items} if sent_at is None else {"batch": items, "sentAt": sent_at}
    expected = [
        item if sent_at is None or item.get("sentAt") is not None else item | {"sentAt": sent_at} for item in items
    ]
    assert bodies(calls.batch(json.dumps(envelope).encode())) == expected


@given(OBJECTS, OBJECTS)
def test_context_of_the_envelope_is_the_ground_on_which_the_items_own_words_stand(
    common: dict[str, Any], own: dict[str, Any]
) -> None:
    found = calls.batch(packed(batch=[{"context": own}, {"context": None}, {}], context=common))
    assert [body["context"] for body in bodies(found)] == [common | own, common, common]


@pytest.mark.parametrize(
    ("item", "key"),
    [
        ({"messageId": "abc"}, "id:abc"),
        ({"message_id": "abc"}, "id:abc"),
        ({"messageId": 17}, "id:17"),
        ({"messageId": "x" * 200}, "id:" + "x" * 200),
    ],
)
def test_the_senders_own_id_tells_repeats_apart(item: dict[str, Any], key: str) -> None:
    (payload,) = calls.batch(packed(batch=[item])).accepted
    assert payload.dedup_key == key


@pytest.mark.parametrize("message_id", ["x" * 201, "nul\u0000", "line\nbreak", "\ud800"])
def test_an_id_no_column_should_hold_is_digested(message_id: str) -> None:
    (payload,) = calls.batch(packed(batch=[{"messageId": message_id}])).accepted
    assert payload.dedup_key.startswith("id-sha256:")
    assert payload.dedup_key.isascii()


@pytest.mark.parametrize("message_id", [None, "", "  ", "null", "undefined", [], True])
def test_without_an_id_the_content_counts_and_not_when_it_was_sent(message_id: Any) -> None:
    first, again, other = (
        calls.batch(packed(batch=[{"messageId": message_id, "event": event}], sentAt=sent)).accepted[0].dedup_key
        for event, sent in (("A", "1"), ("A", "2"), ("B", "1"))
    )
    assert first == again != other
    assert first.startswith("sha256:")


def test_one_content_under_two_paths_is_two_calls() -> None:
    body = b'{"userId":"7"}'
    assert (
        calls.one(body, {"type": "page"}).accepted[0].dedup_key
        != calls.one(body, {"type": "screen"}).accepted[0].dedup_key
    )


@pytest.mark.parametrize(
    "body",
    [
        b'{"batch":[{"messageId":"a","properties":{"price":NaN}},{"messageId":"b"}]}',
        b'{"batch":[{"messageId":"a","properties":{"price":-Infinity}},{"messageId":"b"}]}',
        b'{"batch":[{"messageId":"a","name":"\\u0000"},{"messageId":"b"}]}',
        b'{"batch":[{"messageId":"a","name":"\\ud800"},{"messageId":"b"}]}',
        b'\xef\xbb\xbf{"batch":[{"messageId":"a"},{"messageId":"b"}]}',
        b'{"batch":[{"messageId":"a","n":1e999},{"messageId":"b"}]}',
    ],
)
def test_what_careless_clients_send_keeps_every_call(body: bytes) -> None:
    assert [payload.dedup_key for payload in calls.batch(body).accepted] == ["id:a", "id:b"]


def test_items_that_are_no_calls_are_kept_for_the_worker_to_judge() -> None:
    found = calls.batch(b'{"batch":[5,"x",null,[1],{}],"sentAt":"now","context":{"a":1}}')
    assert bodies(found)[:4] == [5, "x", None, [1]]
    assert bodies(found)[4] == {"context": {"a": 1}, "sentAt": "now"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b'{"batch":{}}',
        b'{"batch":null}',
        b"{}",
        b'{"userId":"1"}',
        b"[" * 9999,
        b'{"batch":\xb3}',
    ],
)
def test_a_batch_without_a_list_of_calls_is_refused(body: bytes) -> None:
    with pytest.raises(BodyUnreadable):
        calls.batch(body)


@pytest.mark.parametrize("body", [b"", b"null", b"[1]", b"7", b"{", b'{"a":}', b"a=b", b'{"a":' * 9999])
def test_a_single_call_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(BodyUnreadable):
        calls.one(body, {"type": "track"})


def test_too_large_and_too_many_calls_are_set_aside_with_the_reason() -> None:
    large = {"messageId": "large", "name": "x" * calls.MAX_CALL_BYTES}
    found = calls.batch(packed(batch=[large, *({"messageId": str(i)} for i in range(calls.MAX_CALLS))]))
    assert len(found.accepted) == calls.MAX_CALLS - 1
    assert [(refused.payload.dedup_key, refused.reason) for refused in found.refused] == [
        ("id:large", "The call is larger than 32 KB."),
        (f"id:{calls.MAX_CALLS - 1}", "The request held more than 2500 calls."),
    ]


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (packed(batch=[], writeKey="top"), "top"),
        (packed(batch=[{"writeKey": "item"}]), "item"),
        (packed(batch=[{"writeKey": "item"}], writeKey="top"), "top"),
        (packed(batch=[{}], writeKey=None), ""),
        (packed(batch=[], writeKey={"odd": 1}), ""),
    ],
)
def test_the_write_key_a_body_names(body: bytes, key: str) -> None:
    assert calls.batch(body).write_key == key

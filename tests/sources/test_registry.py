"""The contract of every channel: it is found, it has samples, it states clean facts or says Unreadable."""

from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from types import UnionType
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm360 import facts
from crm360.sources.base import Unreadable
from crm360.sources.registry import reader, readers
from tests.sources.fixture_files import FOLDER, names, payload, sample

assert isinstance(facts.Fact, UnionType)
KINDS = get_args(facts.Fact)
#: For each channel and property. The stories send ten thousand malformed bodies through the doors besides.
EXAMPLES = 50
SAMPLES = [(channel, name) for channel in sorted(readers()) for name in names(channel)]
HEADERS = {
    "x_shopify_topic": "orders/create",
    "x_wc_webhook_topic": "order.updated",
    "x_webhook_name": "order.edit",
    "type": "track",
    "own_addresses": "biuro@sklep.example.com",
}

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["", "null", "112,48 zł", "1e999", "2024-03-15T09:00:00Z", "a@b.pl", "NaN", "-12", "track"])
)
KEYS = st.sampled_from(
    [
        "type",
        "event",
        "userId",
        "anonymousId",
        "messageId",
        "properties",
        "products",
        "price",
        "quantity",
        "order_id",
        "total",
        "currency",
        "traits",
        "context",
        "email",
        "phone",
        "birthday",
        "address",
        "company",
        "consents",
        "marketing",
        "timestamp",
        "originalTimestamp",
        "sentAt",
        "id",
        "customer",
        "line_items",
        "refunds",
        "transactions",
        "amount",
        "kind",
        "email_marketing_consent",
        "state",
        "tags",
        "note_attributes",
        "name",
        "value",
        "updated_at",
        "token",
        "message_type",
        "conversation",
        "sender",
        "meta",
        "contact_inbox",
        "messages",
        "content",
        "attachments",
        "rows",
        "row",
        "options",
        "receipt_no",
        "date",
        "time",
        "timezone",
        "decimal",
        "date_order",
        "unit_price",
        "card_no",
        "customer_id",
        "row_numbers",
        "street",
        "consent_email",
        "optin_at",
        "billing",
        "order",
        "data",
        "object",
        "amount_total",
        "sum",
        "user_id",
    ]
)
documents = st.dictionaries(
    KEYS, st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5)),
    max_size=9,
)  # fmt: skip


def moments(fact):
    return [value for field in fields(fact) if isinstance(value := getattr(fact, field.name), datetime)]


def assert_clean(fact):
    assert is_dataclass(fact)
    assert isinstance(fact, KINDS)
    assert all(moment.utcoffset() == timedelta(0) for moment in moments(fact))
    if isinstance(fact, facts.ContactSeen):
        assert set(fact.fields) <= set(facts.CONTACT_FIELDS)
        assert all(isinstance(value, str) and value for value in fact.fields.values())
        assert all(identifier.value.strip() for identifier in fact.identifiers)
        assert fact.ref.external_id.partition(":")[2]


def test_the_five_channels_are_there():
    assert {"tracking", "shopify", "chatwoot", "mailbox", "pos_csv", "contacts_csv"} <= set(readers())


def test_an_unknown_channel_names_the_known_ones():
    with pytest.raises(KeyError, match="tracking"):
        reader("fax")


@pytest.mark.parametrize("channel", sorted(readers()))
def test_every_channel_has_samples(channel):
    assert names(channel), f"put a payload into {FOLDER / channel}"


@pytest.mark.parametrize(("channel", "name"), SAMPLES)
def test_samples_are_read_and_a_contact_precedes_what_it_did(channel, name):
    found = reader(channel)(sample(channel, name))
    seen = set()
    for fact in found:
        assert_clean(fact)
        if isinstance(fact, facts.ContactSeen):
            seen.add(fact.ref)
        elif fact.ref is not None:
            assert fact.ref in seen


@pytest.mark.parametrize(("channel", "name"), SAMPLES)
def test_reading_twice_gives_the_same(channel, name):
    assert reader(channel)(sample(channel, name)) == reader(channel)(sample(channel, name))


@pytest.mark.parametrize("channel", sorted(readers()))
@given(document=documents)
@settings(max_examples=EXAMPLES, deadline=None)
def test_no_json_raises_anything_but_unreadable(channel, document):
    try:
        found = reader(channel)(payload(document, **HEADERS))
    except Unreadable:
        return
    for fact in found:
        assert_clean(fact)


@pytest.mark.parametrize("channel", sorted(readers()))
@given(body=st.binary(max_size=300))
@settings(max_examples=EXAMPLES, deadline=None)
def test_no_bytes_raise_anything_but_unreadable(channel, body):
    try:
        found = reader(channel)(payload(body, **HEADERS))
    except Unreadable:
        return
    for fact in found:
        assert_clean(fact)


@pytest.mark.parametrize("channel", sorted(set(readers()) - {"mailbox"}))
@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"7", b"{", b'{"a":' + b"[" * 5000, b"\xff\xfe", b'{"n": ' + b"9" * 5000 + b"}", b'"x"'],
)
def test_what_is_no_json_object_is_unreadable(channel, body):
    with pytest.raises(Unreadable):
        reader(channel)(payload(body, x_shopify_topic="carts/update"))

"""Every payload of the demo is one its channel reads, signed as its vendor signs, written as its program writes."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from datetime import datetime

from crm360.demo import payloads_chatwoot, payloads_csv, payloads_mail, payloads_shopify, payloads_tracking
from crm360.demo.world import World
from crm360.facts import CartChanged, ConsentStated, MessageExchanged, OrderCancelled, OrderPlaced, OrderRefunded
from crm360.kernel import signing
from crm360.sources import registry
from crm360.sources.base import Payload
from crm360.sources.mailbox_files import split_mbox


def kinds(channel: str, bodies: list[tuple[bytes, dict[str, str]]], at: datetime) -> Counter[type]:
    """How many facts of each kind the channel's reader finds."""
    read = registry.reader(channel)
    payloads = [Payload(source="demo", received_at=at, body=body, headers=headers) for body, headers in bodies]
    return Counter(type(fact) for payload in payloads for fact in read(payload))


def test_tracking_calls_are_read_and_named_once(small: World, anchor: datetime):
    calls = payloads_tracking.calls(small)
    assert len({call["messageId"] for call in calls}) == len(calls)
    assert max(len(call["messageId"]) for call in calls) < 100
    found = kinds("tracking", [(json.dumps(call).encode(), {}) for call in calls], anchor)
    assert found[CartChanged] > 100
    assert found[ConsentStated] > 5


def test_a_batch_holds_its_calls(small: World):
    calls = payloads_tracking.calls(small)[:100]
    assert json.loads(payloads_tracking.batch(calls))["batch"] == calls


def test_shopify_webhooks_are_read(small: World, anchor: datetime):
    found = payloads_shopify.deliveries(small)
    bodies = [(one.body(), {"x-shopify-topic": one.topic}) for one in found]
    facts = kinds("shopify", bodies, anchor)
    assert facts[OrderPlaced] >= sum(not one.store for one in small.purchases)
    assert facts[OrderCancelled] == sum(one.cancelled_at is not None for one in small.purchases)
    assert facts[OrderRefunded] == sum(bool(one.returned and not one.store) for one in small.purchases)


def test_shopify_deliveries_are_signed_and_named_once(whole: World):
    found = payloads_shopify.deliveries(whole)
    body = found[0].body()
    headers = found[0].headers(body, "secret")
    assert headers["X-Shopify-Hmac-Sha256"] == signing.hmac_base64("secret", body)
    ids = [one.headers(b"", "secret")["X-Shopify-Webhook-Id"] for one in found]
    assert [name for name, count in Counter(ids).items() if count > 1] == []


def test_orders_say_what_was_paid(small: World, anchor: datetime):
    read = registry.reader("shopify")
    totals = {}
    for one in payloads_shopify.deliveries(small):
        if one.topic == "orders/create":
            payload = Payload(
                source="shop", received_at=anchor, body=one.body(), headers={"x-shopify-topic": one.topic}
            )
            order = next(fact for fact in read(payload) if isinstance(fact, OrderPlaced))
            totals[order.number] = (order.total_minor, order.currency)
    assert totals == {one.number: (one.total_minor, one.currency) for one in small.purchases if not one.store}


def test_chats_are_read_and_signed(small: World, anchor: datetime):
    found = payloads_chatwoot.deliveries(small)
    facts = kinds("chatwoot", [(one.body(), {}) for one in found], anchor)
    assert facts[MessageExchanged] == sum(len(talk.turns) for talk in small.talks if talk.medium == "chat")
    body = found[0].body()
    headers = found[0].headers(body, "token", anchor)
    signed = headers["X-Chatwoot-Timestamp"].encode() + b"." + body
    assert headers["X-Chatwoot-Signature"] == "sha256=" + signing.hmac_hex("token", signed)


def test_letters_thread_and_keep_their_sides(small: World, anchor: datetime):
    letters = list(split_mbox(io.BytesIO(payloads_mail.mbox(small))))
    read = registry.reader("mailbox")
    said = []
    for letter in letters:
        payload = Payload(
            source="mailbox", received_at=anchor, body=letter, headers={"own-addresses": payloads_mail.OWN_ADDRESS}
        )
        said += [fact for fact in read(payload) if isinstance(fact, MessageExchanged)]
    threads = [talk for talk in small.talks if talk.medium == "mail"]
    assert len(said) == sum(len(talk.turns) for talk in threads)
    assert len({message.conversation_id for message in said}) == len(threads)
    written = Counter(direction for talk in threads for direction, _, _ in talk.turns)
    assert Counter(message.direction for message in said) == written


def test_the_archive_is_the_same_every_time(small: World):
    assert payloads_mail.mbox(small) == payloads_mail.mbox(small)


def rows(content: bytes, encoding: str, delimiter: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(encoding)), delimiter=delimiter))


def test_receipts_are_written_as_polish_excel_writes(small: World):
    found = rows(payloads_csv.receipts(small), "cp1250", ";")
    sold = [one for one in small.purchases if one.store]
    assert len({row["Nr paragonu"] for row in found}) == len(sold) + sum(one.returned is not None for one in sold)
    assert all(row["Data"][2] == row["Data"][5] == "." and row["Cena"][-3] == "," for row in found)
    assert {row["Typ"] for row in found} == {"Sprzedaż", "Zwrot"}
    assert any(not row["Nr karty"] for row in found)
    paid = sum(int(row["Wartość"].replace(" ", "").replace(",", "")) for row in found if row["Typ"] == "Sprzedaż")
    assert abs(paid - sum(one.total_minor for one in sold)) < len(found)


def test_cards_keep_their_zeros_and_answers(whole: World):
    found = rows(payloads_csv.loyalty_cards(whole), "cp1250", ";")
    assert all(len(row["Nr karty"]) == 10 and row["Nr karty"].startswith("00") for row in found)
    assert {row["Zgoda e-mail"] for row in found} == {"TAK", "NIE", ""}
    assert sum(row["E-mail"] == "brak@brak.pl" for row in found) > 20
    assert sum(row["Telefon"] == "000000000" for row in found) > 20


def test_the_mailing_list_is_parted_by_state(whole: World):
    kept, gone = (
        rows(content, "utf-8", ",") for content in (payloads_csv.subscribed(whole), payloads_csv.unsubscribed(whole))
    )
    assert len(kept) > 300
    assert len(gone) > 30
    assert not {row["EUID"] for row in kept} & {row["EUID"] for row in gone}
    assert all(row["UNSUB_TIME"] > row["OPTIN_TIME"] for row in gone)

import json
from datetime import UTC, datetime

import pytest

from crm360.facts import ContactRef, ContactSeen, ConversationChanged, Identifier, MessageExchanged
from crm360.sources.base import Unreadable
from crm360.sources.chatwoot import read
from tests.sources.fixture_files import payload, sample

CONTACT = ContactRef("web", "contact:21")


def test_a_visitor_writes_and_the_invented_name_is_none():
    seen, message = read(sample("chatwoot", "message_created_incoming"))
    assert isinstance(seen, ContactSeen)
    assert seen.ref == CONTACT
    assert seen.fields == {}
    assert seen.identifiers == (Identifier("chat_id", "web:21", verified=True),)
    assert seen.attributes == {"claimed_identifier": "u-1007"}
    assert isinstance(message, MessageExchanged)
    assert (message.direction, message.conversation_id, message.message_id) == ("in", "411", "9001")
    assert message.occurred_at == datetime(2024, 3, 15, 9, 21, tzinfo=UTC)


def test_an_answer_with_nothing_but_an_attachment_is_about_the_customer():
    seen, message = read(sample("chatwoot", "message_created_outgoing_attachment"))
    assert seen.ref == CONTACT
    assert seen.fields == {"full_name": "Łucja Żółkiewska", "city": "Kraków", "country": "Poland"}
    assert (message.direction, message.body, message.author) == ("out", "", "Ola Kasprzak")
    assert message.attachments == ("etykieta.png",)
    assert message.occurred_at == datetime(2020, 3, 3, 13, 5, 57, tzinfo=UTC)


def test_a_private_note_is_no_message_to_the_customer():
    assert read(sample("chatwoot", "message_created_private_note"))[1].direction == "note"


def test_a_new_conversation_brings_its_messages_and_a_proven_identifier():
    seen, changed, message = read(sample("chatwoot", "conversation_created"))
    assert Identifier("customer_id", "web:u-1007", verified=True) in seen.identifiers
    assert isinstance(changed, ConversationChanged)
    assert (changed.status, changed.channel, changed.agent) == ("open", "chat", "")
    assert (message.message_id, message.direction, message.body) == ("9000", "in", "Cześć")
    assert message.occurred_at == datetime(2024, 3, 15, 9, 20, tzinfo=UTC)


def test_status_changes():
    _, changed = read(sample("chatwoot", "conversation_status_changed"))
    assert (changed.status, changed.agent) == ("resolved", "Ola")
    assert changed.occurred_at == datetime(2024, 3, 15, 10, 20, tzinfo=UTC)


def test_a_contact_alone_never_proves_its_identifier():
    (seen,) = read(sample("chatwoot", "contact_updated"))
    assert seen.fields["full_name"] == "Łucja Żółkiewska"
    assert [found.kind for found in seen.identifiers] == ["chat_id", "email", "phone"]
    assert seen.attributes == {"vip": True, "claimed_identifier": "u-1007"}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("incoming", "in"), (0, "in"), ("outgoing", "out"), (1, "out"), ("template", "out"), (3, "out")],
)
def test_message_types_as_words_and_numbers(kind, expected):
    conversation = {"id": 1, "meta": {"sender": {"id": 21}}}
    body = {"event": "message_created", "id": 1, "content": "x", "message_type": kind, "conversation": conversation}
    message = read(payload(body))[1]
    assert message.direction == expected
    assert message.automatic == (kind in ("template", 3))


@pytest.mark.parametrize("kind", ["activity", 2])
def test_the_chats_own_remarks_are_no_messages(kind):
    conversation = {"id": 1, "meta": {"sender": {"id": 21}}}
    body = {"event": "message_created", "id": 1, "message_type": kind, "conversation": conversation}
    (seen,) = read(payload(body))
    assert seen.ref == CONTACT


@pytest.mark.parametrize(
    ("inbox", "channel"),
    [("Channel::Email", "email"), ("Channel::Whatsapp", "social"), ("Channel::Sms", "phone"), ("Channel::New", "chat")],
)
def test_inboxes(inbox, channel):
    conversation = {"id": 1, "channel": inbox, "meta": {"sender": {"id": 21}}}
    assert read(payload({"event": "conversation_updated", **conversation}))[1].channel == channel


def test_events_of_no_interest_and_unreadable_ones():
    assert read(sample("chatwoot", "conversation_typing_on")) == []
    assert read(payload({"event": "webwidget_triggered"})) == []
    with pytest.raises(Unreadable, match="event"):
        read(payload({}))
    with pytest.raises(Unreadable, match="which contact"):
        read(payload({"event": "message_created", "id": 1}))
    with pytest.raises(Unreadable, match="which conversation"):
        read(payload({"event": "conversation_updated", "meta": {"sender": {"id": 1}}}))


def test_an_answer_to_how_were_we_is_kept_with_its_agent_and_the_last_word_counts():
    *_, rated = read(sample("chatwoot", "message_updated_csat"))
    assert (rated.kind, rated.title, rated.activity_id) == ("conversation.rated", "4/5", "9010")
    assert rated.properties == {
        "rating": 4, "of": 5, "feedback": "Szybko i miło", "thread": "411", "agent": "Ola Kasprzak",
    }  # fmt: skip
    assert rated.occurred_at == datetime(2024, 3, 15, 10, 5, tzinfo=UTC)


@pytest.mark.parametrize("rating", [0, 6, "4", None, True, 2.5])
def test_what_is_no_rating_is_none(rating):
    whole = sample("chatwoot", "message_updated_csat")
    document = json.loads(whole.body)
    document["content_attributes"]["submitted_values"]["csat_survey_response"]["rating"] = rating
    assert len(read(payload(document))) == 2

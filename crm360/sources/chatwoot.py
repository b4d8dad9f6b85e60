"""Chatwoot webhooks: conversations, messages and contacts of a self-hosted chat.

The optional header `identifier-source` names the source whose customer ids the site hands to the chat widget; without
it they count as this source's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from crm360.facts import ActivityNoted, ContactRef, ContactSeen, ConversationChanged, Fact, Identifier, MessageExchanged
from crm360.kernel import signing
from crm360.sources import json_fields
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.channel import Channel, Delivery, Hook, Item, Setting, whole
from crm360.sources.instants import instant

CHANNEL = "chatwoot"

#: How old a signed delivery may be; Chatwoot delivers at once and never again.
TOLERANCE = timedelta(minutes=10)
Medium = Literal["email", "chat", "phone", "social"]
_OF_INTEREST = frozenset(
    {
        "conversation_created",
        "conversation_updated",
        "conversation_status_changed",
        "message_created",
        "message_updated",
        "contact_created",
        "contact_updated",
    }
)
_MEDIA: dict[str, Medium] = {
    "Channel::WebWidget": "chat",
    "Channel::Api": "chat",
    "Channel::Email": "email",
    "Channel::Sms": "phone",
    "Channel::TwilioSms": "phone",
    "Channel::FacebookPage": "social",
    "Channel::Instagram": "social",
    "Channel::TwitterProfile": "social",
    "Channel::Whatsapp": "social",
    "Channel::Telegram": "social",
    "Channel::Line": "social",
}
_STATUSES: dict[str, Literal["open", "pending", "resolved", "snoozed"]] = {
    "open": "open",
    "pending": "pending",
    "resolved": "resolved",
    "snoozed": "snoozed",
}
#: The same kinds as words (a message of its own) and as numbers (inside a conversation).
_INCOMING, _ACTIVITY, _TEMPLATE = ("incoming", "0"), ("activity", "2"), ("template", "3")
_GENERATED_NAME = re.compile(r"[a-z]+-[a-z]+-\d{1,4}")


def read(payload: Payload) -> Sequence[Fact]:
    """One webhook → facts; events of no interest (typing, widget opened) → nothing. Raises Unreadable."""
    document = json_fields.load(payload.body)
    event = json_fields.text(document.get("event"))
    if not event:
        raise Unreadable("The payload has no `event`.")
    if event not in _OF_INTEREST:
        return []
    if event.startswith("contact_"):
        return [_contact(payload, document, _moment(payload, document), trusted=False)]
    if event.startswith("message_"):
        return _message_event(payload, document)
    return _conversation_event(payload, document, event)


def _moment(payload: Payload, *documents: JsonObject) -> datetime:
    for document in documents:
        for key in ("updated_at", "timestamp", "created_at"):
            if (found := instant(document.get(key))) is not None:
                return found
    return payload.received_at


def _contact(payload: Payload, person: JsonObject, occurred_at: datetime, *, trusted: bool) -> ContactSeen:
    contact_id = json_fields.text(person.get("id"))
    if not contact_id:
        raise Unreadable("The payload does not say which contact it is about.")
    name, more = json_fields.first_text(person, "name"), json_fields.obj(person.get("additional_attributes"))
    fields = {
        "full_name": "" if _GENERATED_NAME.fullmatch(name) else name,
        "company": json_fields.first_text(more, "company_name"),
        "city": json_fields.first_text(more, "city"),
        "country": json_fields.first_text(more, "country_code", "country"),
    }
    identifiers = [Identifier("chat_id", f"{payload.source}:{contact_id}", verified=True)]
    identifiers += [Identifier("email", email) for email in [json_fields.identity(person, "email")] if email]
    identifiers += [Identifier("phone", phone) for phone in [json_fields.identity(person, "phone_number")] if phone]
    attributes = dict(json_fields.obj(person.get("custom_attributes")))
    if claimed := json_fields.identity(person, "identifier"):
        if trusted:
            owner = payload.headers.get("identifier-source", payload.source)
            identifiers.append(Identifier("customer_id", f"{owner}:{claimed}", verified=True))
        else:
            # Anybody can type an identifier into the widget's script: kept to read, never to match by.
            attributes["claimed_identifier"] = claimed
    return ContactSeen(
        ref=ContactRef(payload.source, f"contact:{contact_id}"),
        occurred_at=occurred_at,
        fields={field: value for field, value in fields.items() if value},
        identifiers=tuple(identifiers),
        attributes=attributes,
    )


def _of_conversation(payload: Payload, conversation: JsonObject, *others: JsonObject) -> ContactSeen:
    """The customer of a conversation; never the agent who may have sent its last message."""
    trusted = json_fields.obj(conversation.get("contact_inbox")).get("hmac_verified") is True
    candidates = [json_fields.obj(json_fields.obj(conversation.get("meta")).get("sender")), *others]
    for person in candidates:
        if person.get("id") is not None and person.get("type") not in ("user", "agent_bot"):
            return _contact(payload, person, _moment(payload, *others, conversation), trusted=trusted)
    contact_id = json_fields.obj(conversation.get("contact_inbox")).get("contact_id")
    return _contact(payload, {"id": contact_id}, _moment(payload, conversation), trusted=False)


def _medium(conversation: JsonObject) -> Medium:
    return _MEDIA.get(json_fields.first_text(conversation, "channel"), "chat")


def _conversation_id(conversation: JsonObject) -> str:
    conversation_id = json_fields.first_text(conversation, "id", "display_id")
    if not conversation_id:
        raise Unreadable("The payload does not say which conversation it is about.")
    return conversation_id


def _message_event(payload: Payload, document: JsonObject) -> Sequence[Fact]:
    conversation = json_fields.obj(document.get("conversation"))
    sender = json_fields.obj(document.get("sender"))
    incoming = json_fields.text(document.get("message_type")) in _INCOMING
    seen = _of_conversation(
        payload, conversation, *([sender] if incoming else []), json_fields.obj(document.get("contact"))
    )
    message = _message(payload, document, conversation, seen.ref)
    if message is None:
        return [seen]
    return [
        ContactSeen(
            ref=seen.ref,
            occurred_at=message.occurred_at,
            fields=seen.fields,
            identifiers=seen.identifiers,
            attributes=seen.attributes,
        ),
        message,
        *_rated(payload, document, conversation, seen.ref),
    ]


def _rated(payload: Payload, message: JsonObject, conversation: JsonObject, ref: ContactRef) -> Sequence[ActivityNoted]:
    """The customer's answer to Chatwoot's question how they were served, from 1 to 5."""
    submitted = json_fields.obj(json_fields.obj(message.get("content_attributes")).get("submitted_values"))
    answer = json_fields.obj(submitted.get("csat_survey_response"))
    rating = answer.get("rating")
    if json_fields.text(message.get("content_type")) != "input_csat" or type(rating) is not int or not 1 <= rating <= 5:
        return []
    assignee = json_fields.obj(json_fields.obj(conversation.get("meta")).get("assignee"))
    said = {
        "rating": rating,
        "of": 5,
        "feedback": json_fields.text(answer.get("feedback_message"), limit=5_000),
        "thread": _conversation_id(conversation),
        "agent": json_fields.first_text(assignee, "available_name", "name"),
    }
    return [
        ActivityNoted(
            ref=ref,
            kind="conversation.rated",
            occurred_at=_moment(payload, message),
            title=f"{rating}/5",
            properties={name: value for name, value in said.items() if value != ""},
            activity_id=json_fields.text(message.get("id")),
        )
    ]


def _message(
    payload: Payload, message: JsonObject, conversation: JsonObject, ref: ContactRef
) -> MessageExchanged | None:
    """None for the chat's own remarks ("Conversation was resolved by …")."""
    kind = json_fields.text(message.get("message_type"))
    if kind in _ACTIVITY:
        return None
    message_id = json_fields.text(message.get("id"))
    if not message_id:
        raise Unreadable("The message has no id.")
    incoming, note = kind in _INCOMING, message.get("private") is True
    attachments = json_fields.objects(message.get("attachments"))
    sender = json_fields.obj(message.get("sender"))
    mail = json_fields.obj(json_fields.obj(message.get("content_attributes")).get("email"))
    return MessageExchanged(
        ref=ref,
        source=payload.source,
        channel=_medium(conversation),
        conversation_id=_conversation_id(conversation),
        message_id=message_id,
        direction="note" if note else "in" if incoming else "out",
        occurred_at=instant(message.get("created_at")) or payload.received_at,
        subject=json_fields.first_text(mail, "subject"),
        body=json_fields.text(message.get("content"), limit=20_000),
        author="" if incoming else json_fields.first_text(sender, "available_name", "name"),
        attachments=tuple(_file_name(attachment) for attachment in attachments),
        automatic=kind in _TEMPLATE,
    )


def _file_name(attachment: JsonObject) -> str:
    path = json_fields.first_text(attachment, "file_name", "data_url").partition("?")[0]
    return path.rpartition("/")[2] or json_fields.first_text(attachment, "file_type") or "attachment"


def _conversation_event(payload: Payload, document: JsonObject, event: str) -> Sequence[Fact]:
    messages = json_fields.objects(document.get("messages"))
    incoming = [part for part in messages if json_fields.text(part.get("message_type")) in _INCOMING]
    seen = _of_conversation(payload, document, *[json_fields.obj(part.get("sender")) for part in incoming[:1]])
    created = event == "conversation_created"
    meta = json_fields.obj(document.get("meta"))
    changed = ConversationChanged(
        ref=seen.ref,
        source=payload.source,
        channel=_medium(document),
        conversation_id=_conversation_id(document),
        occurred_at=(instant(document.get("created_at")) if created else None) or _moment(payload, document),
        status=_STATUSES.get(json_fields.first_text(document, "status"), "open" if created else ""),
        agent=json_fields.first_text(json_fields.obj(meta.get("assignee")), "available_name", "name"),
        subject=json_fields.first_text(json_fields.obj(document.get("additional_attributes")), "mail_subject"),
    )
    said = [found for part in messages if (found := _message(payload, part, document, seen.ref)) is not None]
    return [seen, changed, *said]


def _signed(delivery: Delivery, secret: str, settings: Mapping[str, Any]) -> bool:
    """Newer versions sign `timestamp.body`, which must be right when sent; older ones only know the address.

    The signing secret is the source's setting `signing_secret`, else the one of the address; once it is told, calls
    without a signature are refused.
    """
    given = delivery.headers.get("x-chatwoot-signature", "").strip()
    if not given:
        return not settings.get("signing_secret")  # who told us its secret signs every call
    stated = delivery.headers.get("x-chatwoot-timestamp", "").strip()
    at = instant(stated)
    if at is None or abs(delivery.received_at - at) > TOLERANCE:
        return False  # a delivery somebody kept
    signed = stated.encode() + b"." + delivery.body
    return signing.same(
        given.removeprefix("sha256="), signing.hmac_hex(settings.get("signing_secret") or secret, signed)
    )


def _sign(delivery: Delivery, secret: str, settings: Mapping[str, Any]) -> Delivery:
    stated = str(int(delivery.received_at.timestamp()))
    key = settings.get("signing_secret") or secret
    signature = signing.hmac_hex(key, stated.encode() + b"." + delivery.body)
    return delivery.having({"x-chatwoot-timestamp": stated, "x-chatwoot-signature": f"sha256={signature}"})


_SAMPLE = Item(
    b'{"event":"message_created","id":1,"content":"Halo","message_type":"incoming","created_at":"2026-03-02T09:00:00Z",'
    b'"conversation":{"id":3},"sender":{"id":4,"name":"Ewa Lis","email":"ewa@example.com"}}'
)

ABOUT = Channel(
    label="Chatwoot",
    group="chat",
    # Its id of the delivery is not signed: what is told counts once.
    hook=Hook(split=whole(), signed=_signed, sign=_sign, in_address=True),
    settings=(
        Setting(
            name="signing_secret",
            label="Signing secret",
            kind="secret",
            required=False,
            help="Only when Chatwoot shows a secret of its own beside the webhook.",
        ),
    ),
    setup=("In Chatwoot: Settings, Integrations, Webhooks, Add new webhook, all events.",),
    sample=_SAMPLE,
)

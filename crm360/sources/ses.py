"""Amazon SES by way of SNS: notifications and published events of each message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crm360.facts import Fact
from crm360.sources import json_fields, mailing_facts, sns
from crm360.sources.base import JsonObject, Payload, Unreadable
from crm360.sources.channel import Channel, Delivery, Hook, Item, Setting
from crm360.sources.mailing_facts import Happened, Kind

CHANNEL = "ses"

#: Event → what happened, and the part of the document that tells more.
_KINDS: dict[str, tuple[Kind, str]] = {
    "bounce": ("soft_bounced", "bounce"),
    "complaint": ("complained", "complaint"),
    "delivery": ("delivered", "delivery"),
    "deliverydelay": ("deferred", "deliveryDelay"),
    "send": ("sent", "send"),
    "open": ("opened", "open"),
    "click": ("clicked", "click"),
    "reject": ("blocked", "reject"),
    "renderingfailure": ("blocked", "failure"),
    "subscription": ("unsubscribed", "subscription"),
}
_RECIPIENTS = ("bouncedRecipients", "complainedRecipients", "delayedRecipients", "recipients")
_REFUSED = frozenset({"ContentRejected", "AttachmentRejected", "MessageTooLarge"})
#: An open or click does not say which of several recipients it was.
_OF_ONE = frozenset({"opened", "clicked", "unsubscribed"})
_SUCCEEDED = "Successfully validated SNS topic"


def read(payload: Payload) -> Sequence[Fact]:
    """One envelope, or the event inside it → each recipient and what happened. Raises Unreadable."""
    event, event_id = _event(json_fields.load(payload.body))
    if event is None:
        return []
    name = json_fields.first_text(event, "eventType", "notificationType").replace(" ", "").lower()
    if name == "received":
        raise Unreadable("Mail that Amazon received is not read here: let it be fetched by IMAP.")
    if name not in _KINDS:
        raise Unreadable(f"No event of Amazon SES: {name or 'eventType is missing'}.")
    kind, part = _KINDS[name]
    told, mail = json_fields.obj(event.get(part)), json_fields.obj(event.get("mail"))
    if kind == "unsubscribed" and not _unsubscribed_from_all(told):
        return []
    found: list[Fact] = []
    for recipient in _recipients(told, mail, one=kind in _OF_ONE):
        found += mailing_facts.facts(payload, _happened(payload, kind, told, mail, recipient, event_id))
    if not found:
        raise Unreadable("The event names no recipient.")
    return found


def _event(document: JsonObject) -> tuple[JsonObject | None, str]:
    """The event of an envelope and the envelope's id; None for Amazon's remark that a topic works."""
    inner = document.get("Message")
    if not isinstance(inner, str):
        return document, ""
    if inner.startswith(_SUCCEEDED):
        return None, ""
    return json_fields.load(inner.encode("utf-8", "surrogatepass")), json_fields.text(document.get("MessageId"))


def _recipients(told: JsonObject, mail: JsonObject, *, one: bool) -> Iterable[JsonObject]:
    for name in _RECIPIENTS:
        if isinstance(listed := told.get(name), list):
            return [each if isinstance(each, dict) else {"emailAddress": each} for each in listed]
    destination = mailing_facts.addresses(mail.get("destination"))
    if one and len(destination) != 1:
        raise Unreadable("The event does not say which of several recipients it is about.")
    return [{"emailAddress": address} for address in destination]


def _happened(
    payload: Payload, kind: Kind, told: JsonObject, mail: JsonObject, recipient: JsonObject, event_id: str
) -> Happened:
    address = next(iter(mailing_facts.addresses(recipient.get("emailAddress"))), "")
    reason = json_fields.first_text(recipient, "diagnosticCode") or json_fields.first_text(
        told, "complaintFeedbackType", "reason", "errorMessage", "delayType", "bounceSubType"
    )
    common = json_fields.obj(mail.get("commonHeaders"))
    return Happened(
        address=address,
        kind=_bounced(told, reason) if "bounceType" in told else kind,
        at=mailing_facts.moment(payload, told.get("timestamp"), mail.get("timestamp")),
        event_id=f"{event_id or json_fields.first_text(told, 'feedbackId')} {address}".strip() if event_id else "",
        message_id=json_fields.first_text(common, "messageId") or json_fields.first_text(mail, "messageId"),
        campaign=json_fields.first_text(common, "subject"),
        status=json_fields.first_text(recipient, "status"),
        reason=reason,
        url=json_fields.first_text(told, "link"),
        automatic=json_fields.first_text(told, "isBot") == "true" or told.get("isBot") is True,
    )


def _bounced(told: JsonObject, reason: str) -> Kind:
    if json_fields.first_text(told, "bounceSubType") in _REFUSED:
        return "blocked"
    if json_fields.first_text(told, "bounceType") == "Permanent":
        return mailing_facts.bounced("hard_bounced", "", reason)
    return "soft_bounced"


def _unsubscribed_from_all(told: JsonObject) -> bool:
    return json_fields.obj(told.get("newTopicPreferences")).get("unsubscribeAll") is True


def _split(delivery: Delivery) -> Sequence[Item]:
    said = sns.envelope(delivery)
    return [Item(delivery.body, json_fields.text(said.get("MessageId")))]


def _signed(delivery: Delivery, secret: str, settings: Mapping[str, Any]) -> bool:
    return sns.signed(delivery, secret, settings)


_SAMPLE = Item(
    b'{"Type":"Notification","MessageId":"22b8","TopicArn":"arn:aws:sns:eu-west-1:1:ses","Message":"{\\"notificationType\\":'
    b'\\"Bounce\\",\\"mail\\":{\\"messageId\\":\\"m1\\"},\\"bounce\\":{\\"bounceType\\":\\"Permanent\\",\\"timestamp\\":'
    b'\\"2026-03-02T09:00:00.000Z\\",\\"bouncedRecipients\\":[{\\"emailAddress\\":\\"ewa@example.com\\"}]}}"}'
)

ABOUT = Channel(
    label="Amazon SES",
    group="email",
    hook=Hook(split=_split, signed=_signed, in_address=True, greeting=sns.greeting),
    settings=(
        Setting(
            name="topic_arn",
            label="Topic ARN",
            required=False,
            help="With it, notices of any other topic are refused.",
        ),
    ),
    setup=(
        "In Amazon SNS: create a topic and a subscription of protocol HTTPS with the address below; it is agreed to within a minute. Leave raw message delivery off.",
        "In Amazon SES: your configuration set, Event destinations, Add destination, all events, Amazon SNS, that topic.",
    ),
    sample=_SAMPLE,
)

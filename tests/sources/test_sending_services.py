"""What sending services tell of each message: every vendor's events come to the same few words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crm360.facts import ConsentStated, ContactSeen, MailingEvent
from crm360.sources import deliveries, mailchimp, registry
from crm360.sources.base import Unreadable
from crm360.sources.channel import Delivery
from tests.sources.fixture_files import RECEIVED_AT, payload

EWA = "ewa.lis@poczta.example"


def sendgrid(**said: Any) -> Any:
    return {"email": EWA, "timestamp": 1710500400, "sg_event_id": "e1", **said}


def mailgun(**said: Any) -> Any:
    return {"event-data": {"recipient": EWA, "timestamp": 1710500400.5, "id": "e1", **said}}


def ses(name: str, **said: Any) -> Any:
    part = {"DeliveryDelay": "deliveryDelay"}.get(name, name.lower())
    return {"eventType": name, "mail": {"destination": [EWA], "messageId": "m"}, part: said}


def bounced(kind: str, subtype: str, diagnostic: str = "") -> Any:
    return ses(
        "Bounce",
        bounceType=kind,
        bounceSubType=subtype,
        bouncedRecipients=[{"emailAddress": EWA, "diagnosticCode": diagnostic}],
    )


def mandrill(event: str, **message: Any) -> Any:
    return {"event": event, "ts": 1710500400, "_id": "m", "msg": {"email": EWA, **message}}


def resend(name: str, **data: Any) -> Any:
    return {"type": f"email.{name}", "created_at": "2024-03-15T11:00:00Z", "data": {"to": [EWA], **data}}


def postmark(record: str, **said: Any) -> Any:
    return {"RecordType": record, "Recipient": EWA, **said}


CASES: list[tuple[str, Any, str]] = [
    ("sendgrid", sendgrid(event="processed"), "sent"),
    ("sendgrid", sendgrid(event="delivered"), "delivered"),
    ("sendgrid", sendgrid(event="deferred"), "deferred"),
    ("sendgrid", sendgrid(event="bounce", type="bounce", reason="550 5.1.1 unknown"), "hard_bounced"),
    ("sendgrid", sendgrid(event="bounce", type="bounce", reason="552 5.2.2 mailbox full"), "soft_bounced"),
    ("sendgrid", sendgrid(event="bounce", type="bounce", reason="554 blocked using spamhaus"), "blocked"),
    ("sendgrid", sendgrid(event="bounce", type="blocked", reason="554 policy"), "blocked"),
    ("sendgrid", sendgrid(event="dropped", reason="Bounced Address"), "hard_bounced"),
    ("sendgrid", sendgrid(event="dropped", reason="Spam Reporting Address"), "complained"),
    ("sendgrid", sendgrid(event="dropped", reason="Unsubscribed Address"), "unsubscribed"),
    ("sendgrid", sendgrid(event="dropped", reason="Spam Content"), "blocked"),
    ("sendgrid", sendgrid(event="spamreport"), "complained"),
    ("sendgrid", sendgrid(event="click", url="https://shop.example/"), "clicked"),
    ("mailgun", mailgun(event="accepted"), "sent"),
    ("mailgun", mailgun(event="failed", severity="temporary", reason="greylisted"), "deferred"),
    ("mailgun", mailgun(event="failed", severity="permanent", reason="bounce"), "hard_bounced"),
    ("mailgun", mailgun(event="failed", severity="permanent", reason="suppress-complaint"), "complained"),
    ("mailgun", mailgun(event="failed", severity="permanent", **{"delivery-status": {"message": "mailbox full"}}), "soft_bounced"),
    ("mailgun", mailgun(event="complained"), "complained"),
    ("mailgun", mailgun(event="rejected"), "blocked"),
    ("mailgun", {"event": "dropped", "recipient": EWA, "code": "605"}, "hard_bounced"),
    ("mailgun", {"event": "dropped", "recipient": EWA, "code": "607"}, "complained"),
    ("mailgun", {"event": "dropped", "recipient": EWA, "reason": "old"}, "soft_bounced"),
    ("postmark", postmark("Delivery", DeliveredAt="2024-03-15T11:00:00Z"), "delivered"),
    ("postmark", postmark("Bounce", Type="HardBounce"), "hard_bounced"),
    ("postmark", postmark("Bounce", Type="HardBounce", Details="550 5.7.1 blocked by policy"), "blocked"),
    ("postmark", postmark("Bounce", Type="Transient"), "deferred"),
    ("postmark", postmark("Bounce", Type="SpamNotification"), "blocked"),
    ("postmark", postmark("SpamComplaint"), "complained"),
    ("postmark", postmark("Open"), "opened"),
    ("postmark", postmark("SubscriptionChange", SuppressSending=True, SuppressionReason="HardBounce"), "hard_bounced"),
    ("ses", bounced("Permanent", "General"), "hard_bounced"),
    ("ses", bounced("Permanent", "General", "smtp; 550 5.7.1 spam"), "blocked"),
    ("ses", bounced("Transient", "MailboxFull"), "soft_bounced"),
    ("ses", bounced("Transient", "MessageTooLarge"), "blocked"),
    ("ses", bounced("Undetermined", "Undetermined"), "soft_bounced"),
    ("ses", ses("Complaint", complainedRecipients=[{"emailAddress": EWA}]), "complained"),
    ("ses", ses("DeliveryDelay", delayedRecipients=[{"emailAddress": EWA}]), "deferred"),
    ("ses", ses("Open", userAgent="x"), "opened"),
    ("ses", ses("Reject", reason="Bad content"), "blocked"),
    ("ses", ses("Subscription", newTopicPreferences={"unsubscribeAll": True}), "unsubscribed"),
    ("brevo", {"event": "request", "email": EWA}, "sent"),
    ("brevo", {"event": "invalid_email", "email": EWA}, "hard_bounced"),
    ("brevo", {"event": "hard_bounce", "email": EWA, "reason": "552 mailbox full"}, "soft_bounced"),
    ("brevo", {"event": "complaint", "email": EWA}, "complained"),
    ("mailjet", {"event": "bounce", "email": EWA, "hard_bounce": True}, "hard_bounced"),
    ("mailjet", {"event": "bounce", "email": EWA, "hard_bounce": False}, "soft_bounced"),
    ("mailjet", {"event": "unsub", "email": EWA}, "unsubscribed"),
    ("mandrill", mandrill("soft_bounce"), "soft_bounced"),
    ("mandrill", mandrill("spam"), "complained"),
    ("mandrill", {"type": "blacklist", "action": "add", "reject": {"email": EWA, "reason": "hard-bounce"}}, "hard_bounced"),
    ("resend", resend("bounced", bounce={"type": "Permanent"}), "hard_bounced"),
    ("resend", resend("bounced", bounce={"type": "Transient"}), "soft_bounced"),
    ("resend", resend("complained"), "complained"),
    ("mailchimp", {"type": "cleaned", "data[reason]": "hard", "data[email]": EWA}, "hard_bounced"),
    ("mailchimp", {"type": "unsubscribe", "data[reason]": "abuse", "data[email]": EWA}, "complained"),
    ("mailchimp", {"type": "unsubscribe", "data[reason]": "manual", "data[email]": EWA}, "unsubscribed"),
]  # fmt: skip


@pytest.mark.parametrize(("channel", "event", "kind"), CASES)
def test_events_come_to_the_same_words(channel: str, event: Any, kind: str) -> None:
    seen, happened, *rest = registry.reader(channel)(payload(event))
    assert isinstance(seen, ContactSeen)
    assert isinstance(happened, MailingEvent)
    assert (seen.ref.external_id, happened.address, happened.kind) == (f"email:{EWA}", EWA, kind)
    assert [type(fact) for fact in rest] == ([ConsentStated] if kind == "unsubscribed" else [])


@pytest.mark.parametrize(
    ("channel", "event", "automatic"),
    [
        ("sendgrid", sendgrid(event="open", sg_machine_open=True), True),
        ("sendgrid", sendgrid(event="open"), False),
        ("brevo", {"event": "proxy_open", "email": EWA}, True),
        ("brevo", {"event": "opened", "email": EWA}, False),
        ("mailgun", mailgun(event="opened", **{"client-info": {"bot": "apple"}}), True),
        ("ses", ses("Open", isBot="true"), True),
    ],
)
def test_what_a_machine_opens_nobody_read(channel: str, event: Any, automatic: bool) -> None:
    happened = registry.reader(channel)(payload(event))[1]
    assert isinstance(happened, MailingEvent)
    assert happened.automatic is automatic


@pytest.mark.parametrize(
    ("channel", "event"),
    [
        ("sendgrid", {"event": "delivered"}),
        ("sendgrid", {"event": "no such", "email": EWA}),
        ("mailgun", {"event-data": {"event": "delivered"}}),
        ("postmark", {"From": EWA, "TextBody": "inbound"}),
        ("ses", {"notificationType": "Received"}),
        ("ses", {"eventType": "Open", "mail": {"destination": [EWA, "jan@x.example"]}}),
        ("brevo", {"event": "delivered", "email": "nobody"}),
        ("mailjet", {"Sender": EWA}),
        ("mandrill", {"event": "inbound"}),
        ("resend", {"type": "email.bounced", "data": {}}),
        ("mailchimp", {"type": "subscribe"}),
    ],
)
def test_what_says_nothing_is_refused_with_a_reason(channel: str, event: Any) -> None:
    with pytest.raises(Unreadable) as refused:
        registry.reader(channel)(payload(event))
    assert len(str(refused.value)) > 15


def test_a_new_address_of_a_subscriber_is_the_same_persons() -> None:
    (seen,) = mailchimp.read(
        payload({"type": "upemail", "data[new_email]": "ewa@nowa.example", "data[old_email]": EWA})
    )
    assert isinstance(seen, ContactSeen)
    assert [each.value for each in seen.identifiers] == ["ewa@nowa.example", EWA]


@pytest.mark.parametrize(("asked_from", "grade"), [("198.51.100.7", "B"), ("", "D")])
def test_who_was_merely_added_to_an_audience_proves_nothing(asked_from: str, grade: str) -> None:
    _, consent = mailchimp.read(payload({"type": "subscribe", "data[email]": EWA, "data[ip_opt]": asked_from}))
    assert isinstance(consent, ConsentStated)
    assert (consent.state, consent.evidence_grade) == ("given", grade)


def told(body: bytes, content_type: str = "application/json") -> Delivery:
    return Delivery(method="POST", url="", body=body, received_at=RECEIVED_AT, headers={"content-type": content_type})


def test_lists_are_parted_byte_for_byte_and_known_by_their_id() -> None:
    split = deliveries.each("id")
    first, second = split(told(b'[ {"id": "a", "x":1.50} ,{"id":"b"}]'))
    assert (first.body, first.key) == (b'{"id": "a", "x":1.50}', "a")
    assert (second.body, second.key) == (b'{"id":"b"}', "b")
    assert [item.key for item in split(told(b'{"id": 7}'))] == ["7"]
    assert [item.key for item in split(told(b'[{"x": 1}, 3]'))] == ["", ""]


@pytest.mark.parametrize("body", [b"", b"7", b'"x"', b"[", b"null", b"\xff"])
def test_what_is_no_list_is_refused_whole(body: bytes) -> None:
    with pytest.raises(Unreadable):
        deliveries.events(body)


def test_forms_of_two_vendors_become_readable_payloads() -> None:
    form = "application/x-www-form-urlencoded"
    body = b"event=bounced&recipient=ewa.lis%40poczta.example&code=550&token=t&timestamp=1710500400&tag=a&tag=b&x="
    hook = registry.channels()["mailgun"].hook
    assert hook is not None
    (item,) = hook.split(told(body, form))
    assert item.key == "t"
    assert json.loads(item.body)["tag"] == ["a", "b"]
    hook = registry.channels()["mandrill"].hook
    assert hook is not None
    with pytest.raises(Unreadable, match="mandrill_events"):
        hook.split(told(b"a=b", form))

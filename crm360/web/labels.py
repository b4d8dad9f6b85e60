"""Words for the codes rooms keep: channels, purposes, fields, kinds of events. Unknown codes are shown readably."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from crm360.web import privacy_words

#: Whose the tags are that a segment puts on its members.
BY_SEGMENT = _("by a segment’s rule")

CHANNELS: dict[str, Any] = {
    "email": _("E-mail"), "sms": _("SMS"), "phone": _("Phone"), "push": _("Push"), "post": _("Post"),
    "chat": _("Chat"), "social": _("Social"), "shop": _("Online shop"), "store": _("Store"), "pos": _("Store"),
    "web": _("Website"),
}  # fmt: skip
PURPOSES: dict[str, Any] = {
    "marketing": _("Offers"), "offers": _("Special offers"), "newsletter": _("Newsletter"), "service": _("Service messages"),
    "profiling": _("Profiling"), "surveys": _("Surveys"), "loyalty": _("Loyalty programme"),
    "ads": _("Advertising"), "analytics": _("Statistics"),
}  # fmt: skip
FIELDS: dict[str, Any] = {
    "given_name": _("Given name"), "family_name": _("Family name"), "full_name": _("Full name"),
    "company": _("Company"), "job_title": _("Job title"), "gender": _("Gender"), "birth_date": _("Birth date"), "birth_place": _("Birth place"),
    "street": _("Street"), "house_number": _("House number"), "address_2": _("Address, line 2"), "city": _("City"),
    "postcode": _("Postcode"), "state": _("Region"), "country": _("Country"), "locale": _("Language"),
    "joined_on": _("Customer since"),
}  # fmt: skip
COMPARED: dict[str, Any] = FIELDS | {
    "email": _("E-mail"), "phone": _("Phone"), "card": _("Loyalty card"), "customer_id": _("Customer number"),
    "name": _("Name"), "address": _("Address"), "national_id": _("National id"), "tax_id": _("Tax id"),
    "chat_id": _("Chat id"), "named_email": _("E-mail made of the name"),
    "household": _("Same household only"),
}  # fmt: skip
IDENTIFIERS: dict[str, Any] = {
    "email": _("E-mail"), "phone": _("Phone"), "card": _("Loyalty card"), "customer_id": _("Customer number"),
    "device": _("Device"), "national_id": _("National id"), "tax_id": _("Tax id"), "chat_id": _("Chat id"),
}  # fmt: skip
IDENTIFIER_ICONS = {
    "email": "mail", "phone": "phone", "card": "credit-card", "customer_id": "shopping-bag", "device": "device-mobile",
    "national_id": "id", "tax_id": "id", "chat_id": "message-circle",
}  # fmt: skip
CHANNEL_ICONS = {
    "email": "mail",
    "sms": "message",
    "phone": "phone",
    "push": "bell",
    "post": "send",
    "chat": "message-circle",
}
ISSUES: dict[str, Any] = {
    "unhappy": _("Unhappy, waits for an answer"), "message": _("A message waits for an answer"), "late": _("A task is overdue"),
}  # fmt: skip
GROUPS: dict[str, Any] = {
    "order": _("Purchases"), "cart": _("Cart"), "message": _("Messages"), "conversation": _("Conversations"),
    "consent": _("Consents"), "page": _("Visits"), "email": _("Mailings"), "identity": _("Merges"),
    "note": _("Notes"), "call": _("Calls"), "survey": _("Surveys"), "review": _("Reviews"), "task": _("Tasks"), "deal": _("Deals"), "owner": _("Owner"), "tag": _("Tags"), "custom": _("Other"), "screen": _("App"), "push": _("Push"), "privacy": _("Privacy"),
}  # fmt: skip
EVENTS: dict[str, Any] = {
    "push.subscribed": _("Takes push messages"), "push.unsubscribed": _("Takes no more push messages"),
    "order.placed": _("Order"), "order.returned": _("Return"), "order.cancelled": _("Order cancelled"),
    "order.refunded": _("Refund"), "cart.viewed": _("Looked at a product"), "cart.added": _("Added to cart"),
    "cart.removed": _("Removed from cart"), "cart.checkout": _("Started a checkout"),
    "cart.abandoned": _("Cart abandoned"), "message.in": _("Customer wrote"), "message.out": _("We wrote"),
    "message.note": _("Private note"), "conversation.opened": _("Conversation opened"),
    "conversation.open": _("Conversation opened"), "conversation.resolved": _("Conversation resolved"),
    "conversation.reopened": _("Conversation reopened"), "conversation.pending": _("Conversation waits"),
    "conversation.snoozed": _("Conversation put off"), "conversation.assigned": _("Conversation assigned"),
    "conversation.rated": _("Rated the service"),
    "consent.given": _("Consent given"), "consent.withdrawn": _("Consent withdrawn"),
    "consent.refused": _("Consent refused"), "consent.pending_confirmation": _("Consent awaits confirmation"),
    "consent.unknown": _("Consent unclear"), "consent.invalidated": _("Consent counts no more"), "page.viewed": _("Viewed a page"), "email.opened": _("Opened an e-mail"),
    "email.clicked": _("Clicked in an e-mail"), "email.sent": _("E-mail sent"), "email.delivered": _("E-mail delivered"),
    "email.deferred": _("E-mail delayed"), "email.soft_bounced": _("E-mail came back for now"),
    "email.hard_bounced": _("E-mail came back for good"), "email.blocked": _("E-mail refused"),
    "email.complained": _("Marked our mail as spam"), "email.unsubscribed": _("Unsubscribed"), "email.resubscribed": _("Subscribed again"), "identity.merged": _("Customers merged"),
    "identity.split": _("Customer split"), "identity.undone": _("Decision undone"), "note.written": _("Note"),
    "tag.set": _("Tag added"), "tag.removed": _("Tag removed"), "message.automatic": _("Automatic message"),
    "cart.updated": _("Cart changed"), "privacy.data_requested": _("Asked for a copy of their data"),
    "privacy.redaction_requested": _("Asked for erasure"), "customer.deleted": _("Account deleted"),
    "review.written": _("Wrote a review"), "review.answered": _("Review answered"), "product.reviewed": _("Wrote a review"),
    "survey.answered": _("Answered a survey"), "call.in": _("Customer called"), "call.out": _("We called"), "task.set": _("Task"), "task.done": _("Task done"),
    "owner.set": _("Owner set"), "owner.removed": _("Has no owner any more"), "deal.new": _("Deal opened"),
    "deal.talking": _("Deal: in talks"), "deal.offer": _("Deal: offer made"), "deal.won": _("Deal won"),
    "deal.lost": _("Deal lost"),
}  # fmt: skip
EVENT_ICONS = {
    "push": "bell",
    "order": "receipt", "custom": "star", "order.returned": "receipt-refund", "order.refunded": "receipt-refund",
    "order.cancelled": "circle-x", "cart": "shopping-cart", "cart.viewed": "eye", "cart.added": "shopping-cart-plus",
    "cart.removed": "shopping-cart-off", "cart.abandoned": "shopping-cart-off", "message": "message",
    "message.note": "lock", "conversation": "message-circle", "conversation.resolved": "check",
    "consent": "shield-check", "consent.withdrawn": "circle-x", "consent.refused": "circle-x", "page": "world",
    "screen": "device-mobile", "email": "mail-opened", "identity": "arrows-join", "identity.split": "arrows-split",
    "identity.undone": "arrow-back-up", "note": "note", "tag": "tag", "privacy": "shield-check",
    "review": "star", "survey": "mood-smile", "call": "phone", "task": "checkbox", "task.done": "check", "deal": "target", "deal.won": "trophy", "owner": "user",
}  # fmt: skip
CONTACT_ICONS = {
    "email": "mail", "phone": "phone", "card": "credit-card", "chat": "message-circle", "chatwoot": "message-circle",
    "contact": "message-circle", "anon": "device-mobile",
}  # fmt: skip
LIMITED: dict[str, Any] = IDENTIFIERS | {
    "record": _("Source records"),
    "bulk": _("Several at once from"),
}
WEAKNESSES: dict[str, Any] = {
    "blocked": _("blocked by a colleague; joins nobody"),
    "placeholder": _("a value that fills a form; joins nobody"), "function": _("an office’s address, not a person’s; joins nobody"),
}  # fmt: skip
CONFLICTS: dict[str, Any] = {
    "two different PESEL numbers": _("two different PESEL numbers"),
    "two different NIP numbers": _("two different NIP numbers"),
    "clearly different birth dates": _("clearly different birth dates"),
    "clearly different given names": _("clearly different given names"),
}  # fmt: skip
HELD_BY: dict[str, Any] = {
    "doubt": _("not sure enough to join"), "conflict": _("a contradiction"), "limit": _("too many identifiers"),
    "whole": _("their records as a whole"),
}  # fmt: skip
EVENT_TONES = {
    "order.cancelled": "bad", "order.refunded": "warn", "order.returned": "warn", "order": "order",
    "consent.given": "good", "consent.withdrawn": "bad", "consent.refused": "bad", "message.note": "note",
    "message": "message", "conversation": "message", "conversation.resolved": "good", "cart.abandoned": "warn",
    "note": "note", "email.hard_bounced": "bad", "email.complained": "bad", "email.unsubscribed": "bad",
    "email.soft_bounced": "warn", "email.blocked": "warn", "email.deferred": "warn", "call": "message",
    "task.done": "good", "deal.won": "good", "deal.lost": "bad",
}  # fmt: skip
ROLES: dict[str, Any] = {
    "sales": _("Sales"), "marketing": _("Marketing"), "privacy": _("Privacy"), "admin": _("Administrator"),
}  # fmt: skip
DELIVERIES: dict[str, Any] = {
    "waiting": _("waiting"), "delivered": _("arrived"), "given_up": _("given up"),
}  # fmt: skip
PAUSES: dict[str, Any] = {
    "by_hand": _("by a colleague"), "gone": _("the receiver said that the address is gone for good (410)"),
    "failing": _("nothing arrived for five days"),
}  # fmt: skip
FAILURES: dict[str, Any] = {
    "bad_url": _("no address of the web"), "dns_failed": _("nobody knows the name"), "timeout": _("no answer in time"),
    "refused_address": _("a private address, which is not spoken to"), "tls_failed": _("no secure connection"),
    "connection_failed": _("no connection"), "too_large": _("too long an answer"),
    "cannot_sign": _("the signing secret cannot be opened"),
}  # fmt: skip
TONES: dict[str, Any] = {"negative": _("negative"), "neutral": _("neutral"), "positive": _("positive")}
REVIEW_STATES: dict[str, Any] = {
    "open": _("without an answer"), "answered": _("answered"), "closed": _("closed without an answer"),
    "published": _("shown"), "waiting": _("waits to be shown"), "removed": _("not shown"),
    "bad": _("one or two stars"), "fair": _("three stars"), "good": _("four or five stars"), "unrated": _("without stars"),
}  # fmt: skip
WEBHOOKS: dict[str, Any] = {
    "profile.created": _("Customer created"), "profile.updated": _("Customer changed"),
    "profile.merged": _("Customers merged"), "profile.split": _("Customer split"),
    "profile.erased": _("Customer erased"), "segment.entered": _("Entered a segment"),
    "segment.left": _("Left a segment"), "consent.changed": _("Consent changed"), "endpoint.tested": _("Test"),
}  # fmt: skip
PAYLOADS: dict[str, Any] = {
    "waiting": _("waiting"), "processed": _("taken in"), "quarantined": _("in quarantine"),
}  # fmt: skip
INLETS: dict[str, Any] = {
    "site": _("Website and apps"), "shop": _("Online shops"), "store": _("Stores and tills"), "chat": _("Chats"),
    "email": _("E-mail"), "file": _("Files"),
}  # fmt: skip
FACTS: dict[str, Any] = {
    "ContactSeen": _("A customer"), "OrderPlaced": _("Order"), "OrderCancelled": _("Order cancelled"),
    "OrderRefunded": _("Refund"), "CartChanged": _("Cart changed"), "CartSnapshot": _("Cart changed"),
    "MessageExchanged": _("Message"), "ConversationChanged": _("Conversation"), "ConsentStated": _("Consent"),
    "ActivityNoted": _("Activity"), "ReviewWritten": _("Review"), "TagsStated": _("Tags"),
}  # fmt: skip
RULES: dict[str, Any] = {
    "verified_first": _("verified values win, then the newest"), "most_recent": _("the newest value wins"),
    "most_frequent": _("what most sources say wins"), "longest": _("the fullest value wins"),
    "trusted_source": _("the most trusted source wins"), "fullest_name": _("the name written in full wins"),
    "best_address": _("the newest complete address wins"),
    "trusted_address": _("the address of the most trusted source wins"), "pinned": _("staff pinned it"),
}  # fmt: skip
FOUND_BY: dict[str, Any] = {
    "name": _("Full name"), "company": _("Company"), "city": _("City"), "email": _("E-mail"), "phone": _("Phone"),
    "card": _("Loyalty card"), "order": _("Order"), "id": _("Customer number"),
}  # fmt: skip
ANSWERS: dict[str, Any] = {"yes": _("offers allowed"), "no": _("no offers"), "service": _("service only")}
REASONS: dict[str, Any] = {
    "nothing_stated": _("Nobody stated a consent."), "consent_given": _("The person consented."),
    "consent_renewed": _("The person consented again after withdrawing."), "withdrawn": _("The person withdrew."),
    "refused": _("The person refused."),
    "withdrawal_outweighs": _("The person withdrew; a later consent without double opt-in does not outweigh that."),
    "unconfirmed": _("The person was asked to confirm and has not."),
    "unproven": _("A consent is claimed without evidence."), "complained": _("The person marked our mail as spam."),
    "hard_bounced": _("Mail to this address comes back for good."), "unsubscribed": _("The person unsubscribed."),
    "consent_expired": _("The consent has run out."),
    "too_weak": _("The evidence of the consent is weaker than this purpose needs."),
    "other_basis": _("This purpose rests on another ground than consent."),
    "erased": _("The person was erased."), "restriction": _("Processing is restricted."),
    "deceased": _("The person has died."), "minor": _("The person is a minor; only a guardian consents."),
    "objection_marketing": _("The person objected to direct marketing."),
    "objection_interests": _("The person objected; our interests have to be weighed again."),
    "conflict": _("Statements contradict each other and cannot be put in order."),
    "address_reassigned": _("The address passed to another person; what was said before counts no more."),
    "shared_objection": _("Another customer with this address objected or may not be contacted."),
    "unconfirmed_link": _("A record that is only likely the same person refused; a person has to confirm it first."),
    "not_reaffirmed": _("Two customers were joined; the consent of one does not cover the other's data."),
    "forgotten": _("The person was erased after saying no; only a new consent with proof opens the address."),
}  # fmt: skip
CONSENT_STATES: dict[str, Any] = {
    "given": _("given"), "withdrawn": _("withdrawn"), "refused": _("refused"),
    "pending_confirmation": _("not confirmed"), "imported_unverified": _("unproven"), "unknown": _("not stated"),
    "suppressed": _("do not write"), "expired": _("run out"), "other_basis": _("no consent needed"),
    "stopped": _("stopped"), "conflict": _("contradictory"),
}  # fmt: skip
SUPPRESSIONS: dict[str, Any] = {
    "complained": _("marked as spam"), "hard_bounced": _("address is dead"), "unsubscribed": _("unsubscribed"),
    "forgotten": _("forgotten"),
}  # fmt: skip
BASES = privacy_words.BASES
STOPS: dict[str, Any] = {
    "objection_marketing": _("Objects to direct marketing (art. 21(2))"),
    "objection_interests": _("Objects; interests are weighed (art. 21(1))"),
    "restriction": _("Processing is restricted (art. 18)"), "minor": _("Is a minor"), "deceased": _("Has died"),
    "erased": _("Was erased"), "conflict": _("Contradictory statements"),
}  # fmt: skip
GRADES: dict[str, Any] = {
    "A": _("double opt-in or signed in"), "B": _("form with date"), "C": _("recorded by staff"),
    "D": _("claim without proof"),
}  # fmt: skip
LEVELS: dict[str, Any] = {
    "same": _("the same"), "similar": _("similar"), "near": _("nearly the same"), "different": _("different"),
    "shared by many": _("the same, but shared by many"), "swapped": _("given and family name swapped"),
    "nickname": _("a nickname"), "initial": _("the same initial"), "part": _("a part"), "alike": _("sounds alike"),
    "close": _("close"), "same door": _("the same door"), "same street": _("the same street"),
    "same postcode": _("the same postcode"), "same city": _("the same city"),
    "same name": _("the same name, another provider"), "misplaced": _("one name in the other’s place"),
    "half swapped": _("half exchanged"), "same number": _("the same number"), "near postcode": _("a near postcode"),
    "straight": _("where they belong"), "possible": _("possible"),
}  # fmt: skip
BARS: dict[str, Any] = {
    "prior": _("First doubt of any pair"), "held": _("Held back for a person to decide"), "total": _("Together"),
}  # fmt: skip
STEPS: dict[str, Any] = {
    "merge": _("Merged"), "split": _("Split into two"), "different": _("Marked as two people"), "evidence": _("Joined by evidence"),
    "undo": _("Undone"), "same": _("Marked as the same person"), "bulk": _("Merged together"), "limit": _("Parted or joined by a limit"),
}  # fmt: skip
SURVEYS: dict[str, Any] = {
    "nps": _("Would recommend us (NPS)"), "csat": _("Satisfied (CSAT)"), "ces": _("Was easy (CES)"),
    "rating": _("Stars"), "open": _("Open question"),
}  # fmt: skip
OCCASIONS: dict[str, Any] = {
    "": _("only where its link is"), "order": _("after a purchase"), "event": _("after an event"),
    "conversation": _("after a conversation was resolved"), "silent": _("when a customer stayed away"), "segment": _("when a customer enters a segment"),
}  # fmt: skip
ANSWER_CHANNELS: dict[str, Any] = {
    "email": _("E-mail"), "link": _("Link"), "qr": _("QR code"), "site": _("Website"), "api": _("Other systems"),
    "chat": _("Chat"),
}  # fmt: skip
UNASKED: dict[str, Any] = {
    "cooldown": _("was asked something a short while ago"), "stopped": _("the survey was switched off"),
    "no_address": _("no e-mail address"),
}  # fmt: skip
STAGES: dict[str, Any] = {
    "new": _("New"), "talking": _("In talks"), "offer": _("Offer made"), "won": _("Won"), "lost": _("Lost"),
}  # fmt: skip
OUTCOMES: dict[str, Any] = {
    "reached": _("spoke with them"), "no_answer": _("no answer"), "voicemail": _("left a message"),
}  # fmt: skip
ORDER_STATES: dict[str, Any] = {
    "open": _("open"), "paid": _("paid"), "cancelled": _("cancelled"), "refunded": _("refunded"),
    "partially_refunded": _("partly refunded"), "abandoned": _("abandoned"), "pending": _("waiting"),
    "resolved": _("resolved"), "snoozed": _("put off"), "return": _("return"), "cancellation": _("cancellation"),
}  # fmt: skip


def words(table: dict[str, Any], code: str) -> Any:
    """The words for a code, or the code itself made readable."""
    return table.get(code) or readable(code)


def channel(code: str) -> Any:
    return words(CHANNELS, code)


def purpose(code: str) -> Any:
    return words(PURPOSES, code)


def field(code: str) -> Any:
    return words(COMPARED, code)


def identifier(code: str) -> Any:
    return words(IDENTIFIERS, code)


def group(code: str) -> Any:
    return words(GROUPS, code)


def event(kind: str) -> Any:
    """The words of a kind of event."""
    return EVENTS.get(kind) or readable(kind.partition(".")[2] or kind)


def contact_icon(external_id: str) -> str:
    """The icon of a source's record, by the kind of thing the source knows the customer by."""
    return CONTACT_ICONS.get(external_id.partition(":")[0], "user")


def weakness(reason: str, count: int) -> str:
    """Why a value joins nobody."""
    if reason == "seen with different names":
        return gettext("seen with at least %(num)d different names; joins nobody", num=count)
    if reason == "carried by too many contacts":
        return gettext("on %(num)d records or more; joins nobody", num=count)
    return str(words(WEAKNESSES, reason))


def held(why: Any) -> str:
    """What holds two customers apart although some of their records are alike enough to join (`identity.holding`)."""
    if why.reason == "limit":
        kind = str(words(LIMITED, why.detail))
        return gettext("together they would have %(num)d × “%(kind)s”, more than the limit of %(most)d",
                       num=why.number, kind=kind, most=why.most)  # fmt: skip
    if why.reason == "conflict":
        return str(words(CONFLICTS, why.detail))
    return gettext("their records as a whole speak against one person")


def event_icon(kind: str) -> str:
    """The icon of a kind of event, else of its group."""
    return EVENT_ICONS.get(kind) or EVENT_ICONS.get(kind.partition(".")[0], "click")


def event_tone(kind: str) -> str:
    """The colour role of a kind of event, else of its group; "" for none."""
    return EVENT_TONES.get(kind) or EVENT_TONES.get(kind.partition(".")[0], "")


def readable(code: str) -> str:
    """ "custom-quiz_finished" → "Custom quiz finished"."""
    return code.replace("_", " ").replace("-", " ").strip().capitalize()

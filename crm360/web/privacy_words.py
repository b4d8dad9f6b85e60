"""Words for the codes of the privacy desk."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

BASES: dict[str, Any] = {
    "consent": _("consent, Art. 6(1)(a)"), "contract": _("contract, Art. 6(1)(b)"),
    "legal_obligation": _("legal obligation, Art. 6(1)(c)"), "vital_interests": _("vital interests, Art. 6(1)(d)"),
    "public_task": _("public task, Art. 6(1)(e)"), "legitimate_interests": _("legitimate interests, Art. 6(1)(f)"),
    "soft_opt_in": _("own customers, Art. 13(2) ePrivacy"),
}  # fmt: skip
CATEGORIES: dict[str, Any] = {
    "contact": _("contact details"), "purchases": _("purchases"), "behaviour": _("visits and clicks"),
    "conversations": _("conversations"),
}  # fmt: skip
KEPT: dict[str, Any] = {
    "quiet_customers": _("Customers who do nothing any more"), "behaviour": _("Visits and clicks"),
    "letters": _("Text of letters"), "raw_payloads": _("Data as it was received"),
}  # fmt: skip
TRIGGERS: dict[str, Any] = {
    "last_act": _("since the last thing they did themselves"), "occurred": _("since it happened"),
    "settled": _("since it was sent"), "received": _("since it came in"),
}  # fmt: skip
ACTIONS: dict[str, Any] = {
    "erase": _("everything about them is erased"), "delete": _("the lines are deleted"),
    "empty": _("the content is emptied, the fact stays"),
}  # fmt: skip
RISKS: dict[str, Any] = {
    "unlikely": _("unlikely to be a risk"), "likely": _("a risk is likely"), "high": _("high risk"),
}  # fmt: skip
SCOPES: dict[str, Any] = {"source": _("a source"), "staff": _("a colleague’s account"), "kind": _("a kind of data")}
REACHES: dict[str, Any] = {
    "held": _("everything held by the end"), "arrived": _("only what came in between"),
}  # fmt: skip
DATA: dict[str, Any] = {
    "email": _("E-mail addresses"), "phone": _("Phone numbers"), "card": _("Loyalty cards"),
    "national_id": _("National ids"), "orders": _("Orders"), "messages": _("Conversations"), "letters": _("Letters"),
    "consents": _("Consents"), "visits": _("Visits"),
}  # fmt: skip
HELD: dict[str, Any] = {
    "identity": _("Names and other marks of identity"), "contact": _("Addresses, e-mail addresses, phone numbers"),
    "online": _("Devices, browsers and network addresses"), "purchases": _("Purchases and carts"),
    "behaviour": _("Visits and what was done"), "messages": _("Messages and letters"),
    "consents": _("Consents, objections and their evidence"), "conclusions": _("What was concluded from other data"),
    "remarks": _("Remarks of staff"), "raw": _("Data as it was received"),
}  # fmt: skip
BASELESS: dict[str, Any] = {
    "undecided": _("nothing was decided before it left"), "not_permitted": _("it was not permitted"),
    "no_evidence": _("the decision names no consent"),
    "other_evidence": _("the consent named is of another address, purpose or channel"),
}  # fmt: skip
LETTERS: dict[str, Any] = {
    "queued": _("waiting"), "claimed": _("in hand"), "speaking": _("being sent"), "sent": _("sent"),
    "refused": _("refused by the mail server"), "unknown": _("may have been sent"), "stopped": _("stopped"),
    "cancelled": _("called off"),
}  # fmt: skip

"""Words and definitions of the figures on the insights pages."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _


class Words(NamedTuple):
    """`form`: how the value is written: number, money, share, points or time (seconds of opening hours)."""

    label: Any
    definition: Any
    form: str


FIGURES: dict[str, Words] = {
    "revenue": Words(_("Revenue"), _("Orders of the period, less cancellations, refunds and returns. Currencies are never added together."), "money"),
    "buyers": Words(_("Customers who bought"), _("Customers with at least one order in the period that was not called off."), "number"),
    "new": Words(_("New customers"), _("Of those who bought, customers whose first order ever is in the period."), "number"),
    "returning": Words(_("Returning customers"), _("Of those who bought, customers who had bought before the period."), "number"),
    "orders": Words(_("Orders"), _("Orders and receipts of known customers in the period that were not called off."), "number"),
    "average_order": Words(_("Average order"), _("Revenue of the period divided by its orders in the same currency."), "money"),
    "return_rate": Words(_("Share returned"), _("Returns and refunded orders, divided by the orders of the period."), "share"),
    "abandoned": Words(_("Carts left behind"), _("Carts last touched in the period that were left and not bought since."), "number"),
    "nps": Words(_("NPS"), _("Share of 9 and 10 less the share of 0 to 6 on the question whether they would recommend us; −100 to 100."), "points"),
    "csat": Words(_("CSAT"), _("Share of 4 and 5 of all answers from 1 to 5 on satisfaction, in per cent."), "points"),
    "conversations": Words(_("Conversations"), _("Conversations that began in the period, in any channel."), "number"),
    "first_response": Words(_("First response"), _("Median time, in opening hours, from the customer's first message to the first answer of a person."), "time"),
    "resolution": Words(_("Time to resolution"), _("Median time, in opening hours, from the first message to the moment the conversation was resolved for good."), "time"),
    "one_contact": Words(_("Resolved in one contact"), _("Resolved conversations in which the customer wrote in one go and nothing was opened again, divided by all resolved ones."), "share"),
    "reopened": Words(_("Opened again"), _("Conversations opened again after they were resolved, divided by all of the period."), "share"),
}  # fmt: skip

ACTIONS: dict[str, tuple[Any, Any]] = {
    "waiting": (_("Answer who waits"), _("Customers who asked within 30 days and whose answer is later than what is promised in their channel.")),
    "carts": (_("Win back carts of this week"), _("Carts left behind in the last 7 days and not bought since. At stake: what is in them.")),
    "silent": (_("Call on customers gone quiet"), _("Customers silent for more than one and a half of their usual pause between purchases, and not yet for six. At stake: what they were expected to spend within a year.")),
    "unhappy": (_("Look after unhappy customers"), _("Customers whose latest answer to a survey was a bad one, within 90 days. At stake: what they were expected to spend within a year.")),
    "once": (_("Invite to a second purchase"), _("Customers whose only purchase was 30 to 90 days ago. At stake: what they were expected to spend within a year.")),
}  # fmt: skip

STATES: dict[str, tuple[Any, Any]] = {
    "on_time": (_("In their rhythm"), _("Silent for at most one and a half of their own median pause.")),
    "late": (_("Late"), _("Silent for more than one and a half, at most three of their own median pause.")),
    "lapsed": (_("Lapsed"), _("Silent for more than three of their own median pause.")),
    "no_rhythm": (_("No rhythm yet"), _("Fewer than three purchase days: too few to tell a pause.")),
}  # fmt: skip

#: Fifths of all customers by the money they spent, 5 the highest.
BANDS: dict[int, Any] = {
    5: _("Top fifth by money spent"), 4: _("Second fifth by money spent"), 3: _("Middle fifth by money spent"),
    2: _("Fourth fifth by money spent"), 1: _("Lowest fifth by money spent"),
}  # fmt: skip

STEPS: dict[str, Any] = {
    "visit": _("Visit"), "cart": _("Cart"), "checkout": _("Checkout"), "purchase": _("Purchase"), "question": _("Question"),
    "return": _("Return"), "mail": _("Mail opened"), "answer": _("Answer to a survey"), "": _("end"),
}  # fmt: skip

DUE: dict[str, Any] = {"late": _("late"), "soon": _("due soon"), "in_time": _("in time")}

LISTS: dict[str, Any] = {
    "repeaters": _("Customers who came back"),
    "customers": _("Customers who ever bought"),
    "points": _("Customers with loyalty points, most first"),
    "unhappy": _("Customers whose latest answer was a bad one"),
}

#: Parts of a survey's answers, of `flows.scored.KINDS`.
PARTS: dict[str, Any] = {
    "month": _("Month"), "channel": _("Channel"), "store": _("Store"), "agent": _("Agent"), "segment": _("Segment"),
    "product": _("Product"), "score": _("Answer"),
}  # fmt: skip
#: Definitions of a survey's score by its kind.
SCORES: dict[str, Any] = {
    "nps": _("Share of 9 and 10 minus share of 0 to 6, from −100 to 100."),
    "csat": _("Share of 4 and 5 on a scale from 1 to 5."),
    "ces": _("Mean of the answers from 1 to 7."),
    "rating": _("Mean of the answers from 1 to 5."),
}

WEEKDAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))

"""Words for the codes of campaigns: states, steps of the waterfall, outcomes, reasons, what recipients did."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _

from crm360.kernel import letterbox
from crm360.web import labels

CAMPAIGNS: dict[str, Any] = {
    "draft": _("draft"), "scheduled": _("scheduled"), "running": _("running"), "paused": _("paused"),
    "finished": _("finished"), "cancelled": _("cancelled"),
}  # fmt: skip
STEPS: dict[str, Any] = {
    "matched": _("Belong to the audience"), "no_address": _("No e-mail address"), "undeliverable": _("Mail comes back or was marked as spam"),
    "stopped": _("Processing is stopped"), "no_consent": _("No valid consent"), "withdrawn": _("Withdrawn or unsubscribed"),
    "same_address": _("Address gets it already"), "capped": _("Had enough messages lately"),
    "control": _("Left out to compare with"), "reachable": _("Get the message"),
}  # fmt: skip
OUTCOMES: dict[str, Any] = {
    "waiting": _("Waiting"), "handed": _("About to leave"), "sent": _("Sent"), "refused": _("Refused by the mail server"),
    "unknown": _("Unknown: may have arrived"), "stopped": _("Stopped at the last moment"), "cancelled": _("Called off"),
    "control": _("Left out to compare with"), "skipped": _("Not reachable"),
}  # fmt: skip
DID: dict[str, Any] = {
    "delivered": _("Delivered"), "opened": _("Opened"), "clicked": _("Clicked"), "unsubscribed": _("Unsubscribed"),
    "soft_bounced": _("Not delivered for now"), "hard_bounced": _("Bounced"), "blocked": _("Blocked"), "complained": _("Marked as spam"),
}  # fmt: skip
REASONS: dict[str, Any] = {
    **labels.REASONS,
    "no_address": _("There is no e-mail address."), "same_address": _("Somebody else of the audience has this address."),
    "capped": _("The limit of messages is reached."), "control": _("Drawn into the control group."),
    "already_received": _("Merged with somebody who has it already."), "address_gone": _("The address is not kept any more."),
    "unusable_address": _("Mail cannot be sent to this address."), "template_missing": _("A value is missing and has no default."),
    "template_limits": _("The message became too long."), "template_syntax": _("The message could not be written."),
    "template_empty": _("The message came out empty."), "cancelled": _("The campaign was cancelled."),
}  # fmt: skip
WINNERS: dict[str, Any] = {"clicked": _("most clicks"), "opened": _("most opens"), "converted": _("most purchases")}


def prepare(app: Flask) -> None:
    """Templates say `{{ recipient.state | outcome_words }}`."""
    tables = {
        "campaign": CAMPAIGNS,
        "fall": STEPS,
        "outcome": OUTCOMES,
        "did": DID,
        "held_back": REASONS,
        "winner": WINNERS,
    }
    url = app.config["SETTINGS"].smtp_url
    app.jinja_env.globals["mail_goes"] = "folder" if letterbox.is_folder(url) else "out" if url else ""
    for name, table in tables.items():
        app.add_template_filter(partial(labels.words, table), f"{name}_words")

"""The letter with the code for a file, in the language the visitor reads."""

from __future__ import annotations

from flask import current_app
from flask_babel import gettext

from crm360.flows.meeting import Words
from crm360.kernel import mail


def domain() -> str:
    """The domain of message ids."""
    return mail.domain_of(current_app.config["SETTINGS"].mail_from)


def codes() -> dict[str, Words]:
    """By what the code is for."""
    text = gettext("With this code, valid for ten minutes, you can take the copy of your data away:")
    note = gettext("If you did not ask for it, tell us; nobody gets your data without the code.")
    return {"download": Words(gettext("Your code"), f"{text}\n\n    %(code)s\n\n{note}\n")}

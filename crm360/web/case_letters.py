"""Letters to requesters, in the language of the shop: a code, an extension, a refusal, an outcome."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date

from flask import current_app
from flask_babel import force_locale, format_date, gettext

from crm360.flows.meeting import Words
from crm360.kernel import mail
from crm360.privacy.models import Case
from crm360.privacy.rights import GROUNDS


def domain() -> str:
    """The domain of message ids."""
    return mail.domain_of(current_app.config["SETTINGS"].mail_from)


def codes() -> dict[str, Words]:
    """By what the code is for."""
    with _shops_language():
        text = gettext(
            "Somebody asked %(shop)s about your data. If it was you, this is your code, valid for ten minutes:",
            shop=_shop(),
        )
        note = gettext("If it was not you, do nothing: nobody gets your data without the code.")
        words = Words(gettext("Your code"), f"{text}\n\n    %(code)s\n\n{note}\n")
    return {"verify": words}


def extension(case_id: int, reason: str, until: date) -> Words:
    """Why it takes longer, and until when."""
    with _shops_language():
        text = gettext(
            "Your request no. %(number)s needs more time. We answer by %(day)s at the latest. The reason: %(reason)s",
            number=case_id, day=format_date(until, "long"), reason=reason,
        )  # fmt: skip
        return _words(case_id, f"{text}\n\n{_complaint()}")


def refusal(case_id: int, ground: str) -> Words:
    """Why not, and where to complain."""
    with _shops_language():
        text = gettext(
            "We cannot meet your request no. %(number)s. The ground: %(ground)s",
            number=case_id,
            ground=gettext(GROUNDS.get(ground, "")),
        )
        return _words(case_id, f"{text}\n\n{_complaint()}")


def erasure(case_id: int) -> Words:
    """The last letter to an address that goes then."""
    with _shops_language():
        text = gettext(
            "We are erasing your data, as you asked (request no. %(number)s); it takes a few minutes. What a law obliges us "
            "to keep, such as invoices, stays without your name; so do digests nobody can turn back, by which we know "
            "not to write to you again. This is our last message.",
            number=case_id,
        )  # fmt: skip
        return _words(case_id, text)


def lifting(case_id: int) -> Words:
    """A restriction ends."""
    with _shops_language():
        text = gettext(
            "The restriction of your data (request no. %(number)s) will end; we will use your data again as before.",
            number=case_id,
        )
        return _words(case_id, f"{text}\n\n{_complaint()}")


def outcome(case: Case) -> Words:
    """It is done."""
    with _shops_language():
        return _words(
            case.id, gettext("We have met your request no. %(number)s. Thank you for your patience.", number=case.id)
        )


def _words(case_id: int, text: str) -> Words:
    return Words(gettext("Your request no. %(number)s", number=case_id), f"{text}\n\n{_shop()}\n")


def _complaint() -> str:
    return gettext(
        "You may complain to the supervisory authority (in Poland: the President of the Personal Data Protection Office, "
        "ul. Stawki 2, 00-193 Warszawa) and you may go to court."
    )


def _shop() -> str:
    return str(current_app.config["SETTINGS"].shop_name)


def _shops_language() -> AbstractContextManager[None]:
    spoken: AbstractContextManager[None] = force_locale(current_app.config["SETTINGS"].default_locale)
    return spoken

"""Subscribing with double opt-in: a form anybody may fill in, and a link only the holder of the address gets."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import current_app, request, url_for
from flask_babel import gettext

from crm360.flows import subscribing
from crm360.flows.subscribing import Asked
from crm360.kernel import clock
from crm360.public import data_letters
from crm360.public.door import CONFIRM, PREFERENCES, BadLink, door, evidence, open_to_all, page, reader


@door.get("/subscribe/<code>")
@open_to_all
def show_form(code: str) -> str:
    notice = subscribing.form(code=code, locale=reader(), now=clock.now())
    return page("subscribe", notice=notice, asked=False, email="", error="")


@door.post("/subscribe/<code>")
@open_to_all
def ask_for_it(code: str) -> str | tuple[str, int]:
    """The answer is the same whoever is known; the field nobody sees catches machines."""
    notice = subscribing.form(code=code, locale=reader(), now=clock.now())
    email = request.form.get("email", "")
    if request.form.get("website"):
        return page("subscribe", notice=notice, asked=True, email="", error="")
    if "agree" not in request.form:
        return page(
            "subscribe", notice=notice, asked=False, email=email, error=gettext("Please tick the box first.")
        ), 422
    try:
        subscribing.ask(
            typed=email,
            notice=notice,
            evidence=evidence(),
            link=_link,
            words=_words(),
            domain=data_letters.domain(),
            now=clock.now(),
        )
    except subscribing.NotAnAddress as error:
        return page("subscribe", notice=notice, asked=False, email=email, error=gettext(error.message)), 422
    return page("subscribe", notice=notice, asked=True, email="", error="")


@door.get("/confirm/<token>")
@open_to_all
def show_confirmation(token: str) -> str:
    _asked(token)
    return page("confirm", token=token, done=False, more="")


@door.post("/confirm/<token>")
@open_to_all
def confirm(token: str) -> str:
    asked = _asked(token)
    subscribing.confirm(asked=asked, evidence=evidence(), now=clock.now())
    return page("confirm", token=token, done=True, more=PREFERENCES.make(asked.identifier_id))


def _asked(token: str) -> Asked:
    identifier_id, code, version, locale, at = CONFIRM.parts(token, 5)
    if not all(isinstance(number, int) for number in (identifier_id, version, at)):
        raise BadLink
    return Asked(identifier_id, str(code), version, str(locale), datetime.fromtimestamp(at, UTC))


def _link(asked: Asked) -> str:
    token = CONFIRM.make(asked.identifier_id, asked.code, asked.version, asked.locale, int(asked.at.timestamp()))
    return str(current_app.config["SETTINGS"].public_url) + url_for(
        "public.show_confirmation", token=token, lang=reader()
    )


def _words() -> subscribing.Words:
    shop = current_app.config["SETTINGS"].shop_name
    return subscribing.Words(
        subject=gettext("Please confirm your address"),
        text=lambda url: gettext(
            "Somebody typed this address into a form of %(shop)s. If it was you, please confirm it here:\n\n%(url)s\n\n"
            "If it was not you, do nothing: without your confirmation we will not write again.",
            shop=shop,
            url=url,
        ),
    )

"""The preference centre: what may we send to this address? Opened by a signed link, without a sign-in."""

from __future__ import annotations

from flask import request

from crm360.accounts.disclosure import masked
from crm360.flows import preferences
from crm360.kernel import clock
from crm360.public.door import PREFERENCES, door, evidence, open_to_all, page, reader


@door.get("/preferences/<token>")
@open_to_all
def show_preferences(token: str) -> str:
    address = _address(token)
    return _page(token, address, preferences.choices(address=address, locale=reader(), now=clock.now()))


@door.post("/preferences/<token>")
@open_to_all
def save_preferences(token: str) -> str:
    address = _address(token)
    wanted = set() if "nothing" in request.form else set(request.form.getlist("wanted"))
    saved = preferences.save(address=address, wanted=wanted, locale=reader(), evidence=evidence(), now=clock.now())
    return _page(token, address, saved, saved=True)


def _address(token: str) -> preferences.Address:
    return preferences.address_of(PREFERENCES.parts(token, 1)[0])


def _page(token: str, address: preferences.Address, choices: list[preferences.Choice], *, saved: bool = False) -> str:
    return page("preferences", token=token, address=masked(address.value, address.kind), choices=choices, saved=saved)

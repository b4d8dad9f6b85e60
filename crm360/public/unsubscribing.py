"""One click ends it (RFC 8058): a POST withdraws, whoever sends it; a GET only shows the button, for scanners follow links."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from crm360.flows import preferences
from crm360.kernel import clock
from crm360.public import counting
from crm360.public.door import PREFERENCES, UNSUBSCRIBE, door, evidence, open_to_all, page, plain


@door.get("/unsubscribe/<token>")
@open_to_all
def show_unsubscribe(token: str) -> str:
    UNSUBSCRIBE.parts(token, 4)
    return page("unsubscribe", token=token, done=False, more="")


@door.post("/unsubscribe/<token>")
@open_to_all
def unsubscribe(token: str) -> Response | str:
    """Neither cookie nor form token is asked: the signed address is the proof, and saying no twice harms nobody."""
    identifier_id, purpose, channel, about = UNSUBSCRIBE.parts(token, 4)
    one_click = request.form.get("List-Unsubscribe") == "One-Click"
    method = "one-click unsubscribe" if one_click else "unsubscribe page"
    address = preferences.address_of(identifier_id)
    proof = {**evidence(), "about": about}
    preferences.withdraw(
        address=address, purpose=purpose, channel=channel, method=method, evidence=proof, now=clock.now()
    )
    counting.note_unsubscribed(str(about))
    if one_click:
        return plain()
    return page("unsubscribe", token=token, done=True, more=PREFERENCES.make(identifier_id))

"""Allegro asked: who we are (OAuth, with a device's code or a refresh token), and what changed since the last event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from crm360.sources import json_fields as read
from crm360.sources import polling
from crm360.sources.base import JsonObject
from crm360.sources.channel import Item, Page, PollFailed
from crm360.sources.instants import instant
from crm360.sources.polling import Talk

_SYSTEM = "Allegro"
_EVENTS, _FORMS = 100, 100
#: Allegro shows at most this many orders of a list; older ones than a year it shows not at all.
_LAST_OFFSET = 9900
_DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
_KEPT_AFTER = timedelta(minutes=10)
_ACCEPT = "application/vnd.allegro.public.v1+json"


def poll(settings: Mapping[str, Any], cursor: Mapping[str, Any], now: datetime) -> Talk:
    """First every order the list shows, then the events since. Cursor: {"event", "offset", "listed"}."""
    site = str(settings.get("site") or "allegro.pl")
    token = yield from _token(settings, cursor, site, now)
    api = f"https://api.{site}"
    headers = {"authorization": f"Bearer {token}", "accept": _ACCEPT}
    state = {name: value for name, value in cursor.items() if name in ("event", "offset", "listed")}
    if "event" not in state:
        # Where the events stand before the list is read: what happens meanwhile is told again, and nothing is missed.
        latest = read.obj(polling.answered((yield polling.get(f"{api}/order/event-stats", headers)), _SYSTEM))
        state["event"] = read.first_text(read.obj(latest.get("latestEvent")), "id")
    if not state.get("listed"):
        yield from _list(api, headers, state)
    yield from _events(api, headers, state)


def _list(api: str, headers: Mapping[str, str], state: dict[str, Any]) -> Talk:
    offset = int(state.get("offset") or 0)
    while offset <= _LAST_OFFSET:
        query: dict[str, str | int] = {"limit": _FORMS, "offset": offset, "sort": "lineItems.boughtAt"}
        answer = read.obj(
            polling.answered((yield polling.get(f"{api}/order/checkout-forms", headers, **query)), _SYSTEM)
        )
        found = read.objects(answer.get("checkoutForms"))
        offset += _FORMS
        state["offset"] = offset
        yield Page([_item(form) for form in found], dict(state))
        if len(found) < _FORMS:
            break
    state.pop("offset", None)
    state["listed"] = True
    yield Page([], dict(state))


def _events(api: str, headers: Mapping[str, str], state: dict[str, Any]) -> Talk:
    while True:
        query: dict[str, str | int] = {"limit": _EVENTS}
        if state["event"]:
            query["from"] = state["event"]
        answer = read.obj(polling.answered((yield polling.get(f"{api}/order/events", headers, **query)), _SYSTEM))
        events = read.objects(answer.get("events"))
        forms = [read.obj(read.obj(event.get("order")).get("checkoutForm")) for event in events]
        items = []
        for form_id in dict.fromkeys(filter(None, (read.first_text(form, "id") for form in forms))):
            reply = yield polling.get(f"{api}/order/checkout-forms/{form_id}", headers)
            if reply is not None and reply.status == 404:
                continue  # a form of before it was filled in, since joined with another
            items.append(_item(read.obj(polling.answered(reply, _SYSTEM))))
        if events:
            state["event"] = read.first_text(events[-1], "id") or state["event"]
        if items or events:
            yield Page(items, dict(state))
        if len(events) < _EVENTS:
            return


def _item(form: JsonObject) -> Item:
    """Known by its revision, which changes with the order."""
    revision = read.first_text(form, "revision") or read.first_text(form, "updatedAt")
    key = f"{read.first_text(form, 'id')}:{revision}" if revision else ""
    return Item(polling.compact(form), key)


def _token(settings: Mapping[str, Any], cursor: Mapping[str, Any], site: str, now: datetime) -> Talk:
    """An access token that still lasts; a new one when needed, kept with the refresh token that came with it.

    A refresh token counts once: the new pair is kept before anything is asked with it.
    """
    until = instant(settings.get("access_token_until"))
    if settings.get("access_token") and until and until - now > _KEPT_AFTER:
        return str(settings["access_token"])
    auth = f"https://{site}/auth/oauth"
    client_id = polling.required(settings, "client_id", "The client ID")
    secret = polling.required(settings, "client_secret", "The client secret")
    headers = {"authorization": polling.basic(client_id, secret), "accept": "application/json"}
    if not settings.get("refresh_token"):
        return (yield from _confirmed(settings, cursor, auth, client_id, headers, now))
    fields = {"grant_type": "refresh_token", "refresh_token": str(settings["refresh_token"])}
    reply = yield polling.post_form(f"{auth}/token", headers, **fields)
    if reply is not None and reply.status in (400, 401):
        yield Page([], dict(cursor), {"refresh_token": "", "access_token": "", "device_code": ""})
        raise PollFailed("Allegro no longer takes the refresh token; with the next try it asks you to confirm anew.")
    return (yield from _kept(polling.answered(reply, _SYSTEM), cursor, now))


def _confirmed(
    settings: Mapping[str, Any], cursor: Mapping[str, Any], auth: str, client_id: str, headers: Mapping[str, str],
    now: datetime,
) -> Talk:  # fmt: skip
    """The device's way: a code is asked for, staff confirm it at Allegro, and then it buys the first tokens."""
    if code := settings.get("device_code"):
        reply = yield polling.post_form(f"{auth}/token", headers, grant_type=_DEVICE, device_code=str(code))
        if reply is not None and reply.status == 200:
            return (yield from _kept(polling.answered(reply, _SYSTEM), cursor, now))
        error = _error(reply.body if reply else b"")
        if error in ("authorization_pending", "slow_down"):
            raise PollFailed(f"Open {cursor.get('confirm_at', 'Allegro')} with the seller's account and confirm.")
        # Too late, or refused: a new code is asked for.
    answer = read.obj(
        polling.answered((yield polling.post_form(f"{auth}/device", headers, client_id=client_id)), _SYSTEM)
    )
    address = read.first_text(answer, "verification_uri_complete", "verification_uri")
    code = read.first_text(answer, "device_code")
    if not code or not address.startswith("https://"):
        raise PollFailed("Allegro gave no code to confirm.")
    yield Page([], {**cursor, "confirm_at": address}, {"device_code": code})
    raise PollFailed(f"Open {address} with the seller's account and confirm.")


def _kept(answer: Any, cursor: Mapping[str, Any], now: datetime) -> Talk:
    tokens = read.obj(answer)
    access, refresh = (read.text(tokens.get(name), limit=4000) for name in ("access_token", "refresh_token"))
    if not access or not refresh:
        raise PollFailed("Allegro gave no token.")
    lasts = timedelta(seconds=max(60.0, min(read.number(tokens.get("expires_in"), 3600.0), 86_400.0)))
    secrets = {"access_token": access, "refresh_token": refresh, "access_token_until": (now + lasts).isoformat()}
    state = {name: value for name, value in cursor.items() if name != "confirm_at"}
    yield Page([], state, {**secrets, "device_code": ""})
    return access


def _error(body: bytes) -> str:
    try:
        return read.first_text(read.load(body), "error")
    except ValueError:
        return ""

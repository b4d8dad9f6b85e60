"""Events told by a picture's address, where no script runs: an opened e-mail, a page of plain HTML."""

from __future__ import annotations

import base64
import json
import uuid
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from crm360.intake import calls, write_keys
from crm360.intake.inlets import keep
from crm360.intake.policy import signed_by
from crm360.kernel import dialects

#: One transparent pixel.
GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_MOST_PARAMETERS, _MOST_LEVELS = 100, 5

blueprint = Blueprint("pixel", __name__)


@blueprint.get("/pixel/v1/<any(track,page):call>")
@signed_by("write_key")
def receive(call: str) -> ResponseReturnValue:
    """Keeps the event, answers the picture. Dots in a parameter's name lead into objects: `properties.email_id=7`."""
    dialects.set_may_write(True)  # a GET that stores
    event = _event(call, request.args.items(multi=True))
    found = calls.one(json.dumps(event).encode(), {"type": call})
    keep(write_keys.inlet_of(""), found.accepted, found.refused)
    answer = Response(GIF, mimetype="image/gif")
    answer.cache_control.no_store = True  # each opening is an event
    return answer


def _event(call: str, parameters: Any) -> dict[str, Any]:
    event: dict[str, Any] = {}
    for name, value in list(parameters)[:_MOST_PARAMETERS]:
        if name != "writeKey":
            _put(event, name.split(".", _MOST_LEVELS), value)
    event["type"] = call
    event.setdefault("messageId", str(uuid.uuid4()))
    return event


def _put(event: dict[str, Any], path: list[str], value: str) -> None:
    """A name that leads through something that is no object is left out."""
    at = event
    for step in path[:-1]:
        inner = at.setdefault(step, {})
        if not isinstance(inner, dict):
            return
        at = inner
    at.setdefault(path[-1], value)

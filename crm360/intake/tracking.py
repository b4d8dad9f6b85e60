"""The tracking door: calls of Segment and RudderStack clients, kept before they are answered."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import MethodNotAllowed, NotFound

from crm360.inbox.operations import NewPayload, content_key
from crm360.intake import answers, calls, cors, write_keys
from crm360.intake.body import BodyUnreadable, unpack
from crm360.intake.calls import Calls, Refused
from crm360.intake.inlets import keep
from crm360.intake.policy import public, signed_by

MAX_REQUEST_BYTES = 4 * 1024 * 1024
NAMES = ("identify", "track", "page", "screen", "group", "alias", "merge")
#: What may stand in the path → the type of call. Browsers' clients write one letter.
KINDS = {name: name for name in NAMES} | {name[0]: name for name in NAMES if name != "merge"}
BATCHES = ("batch", "import", "b")

blueprint = Blueprint("tracking", __name__)


@blueprint.before_request
def answer_preflight() -> Response | None:
    """A preflight is answered here; the headers that matter are added on the way out."""
    request.max_content_length = MAX_REQUEST_BYTES
    return Response(status=204) if cors.is_preflight() else None


@blueprint.post(f"/v1/<any({','.join(KINDS)}):call>")
@signed_by("write_key")
def receive_one(call: str) -> ResponseReturnValue:
    return _receive(lambda body: calls.one(body, KINDS[call]))


@blueprint.post(f"/v1/<any({','.join(BATCHES)}):_call>")
@signed_by("write_key")
def receive_batch(_call: str) -> ResponseReturnValue:
    return _receive(calls.batch)


@blueprint.post("/beacon/v1/batch")
@signed_by("write_key")
def receive_beacon() -> ResponseReturnValue:
    return _receive(calls.batch)


@blueprint.route("/v1/<path:call>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@public
def refuse(call: str) -> ResponseReturnValue:
    """Whatever else is asked under /v1 is refused in the words of this door."""
    if call in KINDS or call in BATCHES:
        raise MethodNotAllowed(["POST", "OPTIONS"], "Send events with POST.")
    raise NotFound(f"There is no call /v1/{call[:100]}.")


def _receive(read: Callable[[bytes], Calls]) -> Response:
    raw = request.get_data()
    try:
        found = read(unpack(raw, limit=MAX_REQUEST_BYTES))
    except BodyUnreadable as error:
        return _keep_unreadable(raw, str(error))
    keep(write_keys.inlet_of(found.write_key), found.accepted, found.refused)
    if found.refused and not found.accepted and len(found.refused) == 1:
        return answers.failure(413, f"{found.refused[0].reason} It is kept in quarantine.")
    return answers.success()


def _keep_unreadable(raw: bytes, reason: str) -> Response:
    """A body nobody can take apart may still be worth mending: it waits in quarantine, and the sender is told."""
    inlet = write_keys.inlet_of("")
    keep(inlet, (), [Refused(NewPayload(content_key(raw), raw, {"path": request.path}), reason)])
    return answers.failure(400, reason)

"""The tracking door: calls of Segment, RudderStack and Jitsu clients, kept before they are answered."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import MethodNotAllowed, NotFound

from crm360.intake import answers, calls, cors, refusals, write_keys
from crm360.intake.body import BodyTooLarge, BodyUnreadable, take, unpack
from crm360.intake.calls import Calls
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
    request.max_content_length = None  # `take` reads no more than this door allows, and keeps the start of the rest
    return Response(status=204) if cors.is_preflight() else None


@blueprint.post(f"/v1/<any({','.join(KINDS)}):call>")
@signed_by("write_key")
def receive_one(call: str) -> ResponseReturnValue:
    return _receive(lambda body: calls.one(body, {"type": KINDS[call]} | _signals()))


@blueprint.post(f"/api/s/<any({','.join(KINDS)}):call>")
@blueprint.post(f"/api/s/s2s/<any({','.join(KINDS)}):call>")
@signed_by("write_key")
def receive_from_jitsu(call: str) -> ResponseReturnValue:
    return receive_one(call=call)


@blueprint.post(f"/v1/<any({','.join(BATCHES)}):_call>")
@signed_by("write_key")
def receive_batch(_call: str) -> ResponseReturnValue:
    return _receive(lambda body: calls.batch(body, _signals()))


@blueprint.post("/beacon/v1/batch")
@signed_by("write_key")
def receive_beacon() -> ResponseReturnValue:
    return _receive(lambda body: calls.batch(body, _signals()))


@blueprint.post("/v1/m")
@public
def ignore_metrics() -> ResponseReturnValue:
    """A browser library's figures about itself: they concern its makers."""
    return answers.success()


@blueprint.route("/v1/<path:call>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@blueprint.route("/api/s/<path:call>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@public
def refuse(call: str) -> ResponseReturnValue:
    """Whatever else is asked under /v1 is refused in the words of this door."""
    if call in KINDS or call in BATCHES:
        raise MethodNotAllowed(["POST", "OPTIONS"], "Send events with POST.")
    raise NotFound(f"There is no call {request.path[:100]}.")


def _signals() -> dict[str, str]:
    """What a browser says of its user with every request. The value is exactly "1"; anything else says nothing."""
    return {"gpc": "1"} if request.headers.get("Sec-GPC", "").strip() == "1" else {}


def _receive(read: Callable[[bytes], Calls]) -> Response:
    raw = b""
    try:
        raw = take(request.stream, limit=MAX_REQUEST_BYTES)
        found = read(unpack(raw, limit=MAX_REQUEST_BYTES))
    except BodyUnreadable as error:
        return refusals.keep_unreadable(raw, str(error), status=400)
    except BodyTooLarge as error:
        return refusals.keep_unreadable(error.start, error.message, status=error.status)
    keep(write_keys.inlet_of(found.write_key), found.accepted, found.refused)
    if found.refused and not found.accepted and len(found.refused) == 1:
        return answers.failure(413, f"{found.refused[0].reason} It is kept in quarantine.")
    return answers.success()

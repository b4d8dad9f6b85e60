"""Chatwoot's webhooks: known by an unguessable address, and by a signature where the version signs."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from crm360.inbox.operations import NewPayload, content_key, senders_key
from crm360.intake import answers
from crm360.intake.inlets import Inlet, keep
from crm360.intake.policy import signed_by

blueprint = Blueprint("chatwoot_hook", __name__)


@blueprint.post("/hooks/chatwoot/<source>/<path:token>")
@signed_by("secret_path")
def deliver(inlet: Inlet) -> ResponseReturnValue:
    body = request.get_data()
    delivery = request.headers.get("X-Chatwoot-Delivery", "")
    keep(inlet, [NewPayload(senders_key(delivery) if delivery else content_key(body), body)])
    return answers.success()

"""What a site loads from us: its script, the worker that shows push messages, and the key push services know us by."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, current_app, jsonify, send_from_directory
from flask.typing import ResponseReturnValue

from crm360.intake.policy import public
from crm360.kernel import webpush

#: Short: a site gets a new version within minutes of an upgrade.
SCRIPT_SECONDS = 300

blueprint = Blueprint("site", __name__)


@blueprint.get("/site.js")
@public
def script() -> ResponseReturnValue:
    """The same bytes for every site, so that a page may pin them (`integrity`); what differs stands in the page."""
    return _file("site.js")


@blueprint.get("/site/push-worker.js")
@public
def worker() -> ResponseReturnValue:
    return _file("push-worker.js")


@blueprint.get("/site/push-key")
@public
def push_key() -> ResponseReturnValue:
    """The public half of the key that signs our push messages, as browsers want it."""
    answer = jsonify(publicKey=webpush.public_key(current_app.config["SETTINGS"].vapid_key))
    answer.cache_control.public, answer.cache_control.max_age = True, SCRIPT_SECONDS
    return answer


def _file(name: str) -> Response:
    folder = Path(current_app.static_folder or "") / "site"
    return send_from_directory(folder, name, mimetype="text/javascript", max_age=SCRIPT_SECONDS)

"""What browsers' tracking libraries ask for before they send anything: settings, and their own scripts.

The scripts are the vendors' unmodified packages, copied by `make setup` where they are installed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request, send_from_directory
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from crm360.intake import cors, write_keys
from crm360.intake.policy import public, signed_by
from crm360.kernel import signing

SETTINGS_SECONDS = 300
SCRIPT_SECONDS = 3600
#: What the settings below look like, by the library's count; no version of anything of ours.
_SETTINGS_FORM = {"version": "4.4.7", "componentTypes": ["browser"]}
_EVERYTHING: dict[str, Any] = {"__default": {"enabled": True}}

blueprint = Blueprint("tracking_browser", __name__)


@blueprint.before_request
def answer_preflight() -> Response | None:
    """The control plane of one library is asked with an Authorization header, so its question is asked before."""
    return Response(status=204) if cors.is_preflight() else None


@blueprint.get("/v1/projects/<key>/settings")
@signed_by("write_key")
def segment_settings(key: str) -> ResponseReturnValue:
    """Settings of analytics-next: events go to us, nowhere else, and it measures nothing of itself."""
    write_keys.check(key)
    scheme, _, host = str(current_app.config["SETTINGS"].public_url).partition("://")
    destination = {
        "apiKey": key, "unbundledIntegrations": [], "addBundledMetadata": True, "apiHost": f"{host}/v1",
        "protocol": scheme, "versionSettings": _SETTINGS_FORM,
    }  # fmt: skip
    return _settings(
        integrations={"Segment.io": destination},
        plan={"track": {"__default": {"enabled": True, "integrations": {}}}, "identify": _EVERYTHING,
              "group": _EVERYTHING},
        edgeFunction={}, analyticsNextEnabled=True, middlewareSettings={}, enabledMiddleware={},
        metrics={"sampleRate": 0}, legacyVideoPluginsEnabled=False, remotePlugins=[],
    )  # fmt: skip


@blueprint.get("/sourceConfig")
@signed_by("write_key")
def rudder_settings() -> ResponseReturnValue:
    """The control plane of RudderStack's browser library: one enabled source without destinations."""
    key = write_keys.check("")
    quiet = {"enabled": False}
    source = {
        "id": signing.digest(key)[:16], "name": "crm360", "writeKey": key, "enabled": True, "workspaceId": "crm360",
        "destinations": [], "dataplanes": {}, "connections": [],
        "config": {"statsCollection": {"errors": quiet, "metrics": quiet}},
    }  # fmt: skip
    return _settings(source=source, updatedAt="2026-01-01T00:00:00.000Z")


@blueprint.get("/analytics.js/v1/<key>/analytics.min.js")
@public
def segment_script(key: str) -> ResponseReturnValue:
    """Where Segment's snippet loads its library from; the library finds `key` in the address by itself."""
    return _script("analytics-next", "standalone.js")


@blueprint.get("/analytics-next/bundles/<name>")
@public
def segment_bundle(name: str) -> ResponseReturnValue:
    """The parts that library loads when it needs them."""
    return _script("analytics-next", name)


@blueprint.get("/p.js")
@public
def jitsu_script() -> ResponseReturnValue:
    return _script("jitsu", "p.js")


@blueprint.get("/health")
@public
def rudder_health() -> ResponseReturnValue:
    """Whether events are taken, as RudderStack's server says it; /healthz tells more."""
    return jsonify(server="UP", acceptingEvents="TRUE")


def _settings(**said: Any) -> Response:
    answer = jsonify(**said)
    answer.cache_control.public, answer.cache_control.max_age = "Authorization" not in request.headers, SETTINGS_SECONDS
    return answer


def _script(package: str, name: str) -> Response:
    """Raises NotFound, also when the package is not installed."""
    folder = Path(current_app.static_folder or "") / "vendor" / package
    if not (folder / name).is_file():
        raise NotFound(f"There is no script {name[:100]!r} here.")
    return send_from_directory(folder, name, mimetype="text/javascript", max_age=SCRIPT_SECONDS)

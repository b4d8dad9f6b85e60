"""Versions of the matching model: listed, read, chosen."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from crm360.accounts import audit
from crm360.api import bodies_rules as bodies
from crm360.api import examples_rules as examples
from crm360.api import schemas_rules as schemas
from crm360.api.door import door, failing
from crm360.api.policy import actor, key, requires
from crm360.api.profiles import refused_or_absent
from crm360.identity import model_versions
from crm360.kernel import clock

TAGS = ["Matching models"]


@door.get("/identity/models", tags=TAGS)
@requires("merges.decide")
@failing(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
@door.response(HTTPStatus.OK, schemas.ModelVersions, example=examples.MODELS)
@door.doc(operationId="listModels")
def list_models() -> dict[str, Any]:
    """Read the versions of the matching model, and who chose which when; the latest first"""
    return {
        "items": [version._asdict() for version in model_versions.versions()],
        "activations": [chosen._asdict() for chosen in model_versions.activations()],
    }


@door.get("/identity/models/<int(min=1, max=9223372036854775807):model_id>", tags=TAGS)
@requires("merges.decide")
@refused_or_absent
@door.response(HTTPStatus.OK, schemas.ModelDocument, example=examples.MODEL)
@door.doc(operationId="getModel")
def get_model(model_id: int) -> dict[str, Any]:
    """Read one version with its whole document"""
    found = model_versions.get(model_id)
    same = ("id", "name", "trained_on", "created_at", "created_by", "document")
    now, then = model_versions.in_force(), model_versions.waiting()
    return {name: getattr(found, name) for name in same} | {"in_force": model_id == now, "waiting": model_id == then}


@door.post("/identity/models/activations", tags=TAGS)
@requires("identity.manage")
@failing(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
@door.arguments(bodies.ModelActivationRequest, example=examples.ACTIVATION)
@door.response(HTTPStatus.ACCEPTED, schemas.ModelActivation, example=examples.ACTIVATED)
@door.doc(operationId="activateModel")
def activate(body: dict[str, Any]) -> dict[str, Any]:
    """Choose the version who is who is computed by

    It takes effect when the worker has resolved everybody by it, in one step; `effective_at` is null until then.
    """
    now = clock.now()
    chosen = model_versions.request_activation(**body, by=key().name, now=now)
    details = {"model_id": body["model_id"]}
    audit.record(
        actor=actor(),
        action="model.chosen",
        subject_kind="model",
        subject_id=body["model_id"],
        details=details,
        now=now,
    )
    return next(each._asdict() for each in model_versions.activations() if each.id == chosen)

"""Versions of the matching model: stored, listed, chosen. A version is a document and never changes.

The newest activation that took effect says which is in force. A new choice takes effect together with one recomputation
of who is who, in one transaction: what is stored always is what the model in force makes of the contacts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select, update

from crm360.identity.engine import model as documents
from crm360.identity.models import MatchingModel, ModelActivation
from crm360.kernel.db import db
from crm360.kernel.errors import Conflict, Invalid, NotFound


class ModelNotFound(NotFound):
    """No stored model has this number."""


class NoModel(Invalid):
    """The document is no matching model."""


class InForce(Conflict):
    """The model is in force, or waits to be, already."""


class Version(NamedTuple):
    """A stored model without its document. `waiting`: chosen, and not yet in effect."""

    id: int
    name: str
    trained_on: Mapping[str, Any]
    created_at: datetime
    created_by: str
    in_force: bool
    waiting: bool


class Activation(NamedTuple):
    """Who chose which model when and why; `effective_at` is None while it waits for the recomputation."""

    id: int
    model_id: int
    name: str
    requested_at: datetime
    requested_by: str
    reason: str
    effective_at: datetime | None


def store(*, document: Mapping[str, Any], by: str, name: str = "", now: datetime) -> int:
    """Keep a document as a version and return its number; a document kept before keeps its number and name.

    Without a name it is called after its day and number. Raises NoModel, and Conflict when the name is another's.
    """
    try:
        documents.from_document(document)
    except ValueError as error:
        raise NoModel(str(error)) from None
    fingerprint = _fingerprint(document)
    known = db.session.scalar(select(MatchingModel.id).where(MatchingModel.fingerprint == fingerprint))
    if known is not None:
        return int(known)
    called = name.strip() or _free_name(now)
    if db.session.scalar(select(MatchingModel.id).where(MatchingModel.name == called)) is not None:
        raise Conflict(f"Another model is called {called!r}.")
    row = {
        "name": called, "fingerprint": fingerprint, "document": dict(document),
        "trained_on": dict(document.get("about", {})), "created_at": now, "created_by": by,
    }  # fmt: skip
    return int(db.session.scalar(insert(MatchingModel).returning(MatchingModel.id), row))


def request_activation(*, model_id: int, by: str, reason: str = "", now: datetime) -> int:
    """Choose a version. It takes effect with the recomputation (`flows.reidentify`). Returns the activation's number.

    An earlier choice that still waits is overtaken. Raises ModelNotFound and InForce.
    """
    get(model_id)
    waits = waiting()
    if (waits or in_force()) == model_id:
        raise InForce("This model is the one in force, or waits to be.")
    row = {"model_id": model_id, "requested_at": now, "requested_by": by, "reason": reason.strip()}
    return int(db.session.scalar(insert(ModelActivation).returning(ModelActivation.id), row))


def make_effective(*, activation_id: int, now: datetime) -> None:
    """The choice counts from now on; for the recomputation's own transaction."""
    chosen = update(ModelActivation).where(ModelActivation.id == activation_id)
    db.session.execute(chosen.values(effective_at=now))


def get(model_id: int) -> MatchingModel:
    """A version with its document. Raises ModelNotFound."""
    found: MatchingModel | None = db.session.get(MatchingModel, model_id)
    if found is None:
        raise ModelNotFound(f"There is no model {model_id}.")
    return found


def by_name(name: str) -> MatchingModel:
    """A version by its name or its number in digits. Raises ModelNotFound."""
    query = select(MatchingModel).where(MatchingModel.name == name)
    found: MatchingModel | None = db.session.scalar(query)
    if found is None and name.isascii() and name.isdigit():
        return get(int(name))
    if found is None:
        raise ModelNotFound(f"There is no model {name!r}.")
    return found


def in_force() -> int | None:
    """The version who is who is computed by; None before anybody was resolved (the shipped document then)."""
    query = select(ModelActivation.model_id).where(ModelActivation.effective_at.is_not(None))
    found = db.session.scalar(query.order_by(ModelActivation.id.desc()).limit(1))
    return None if found is None else int(found)


def waiting() -> int | None:
    """The version chosen last, as long as it is not in effect."""
    query = select(ModelActivation.model_id, ModelActivation.effective_at).order_by(ModelActivation.id.desc()).limit(1)
    last = db.session.execute(query).first()
    return None if last is None or last.effective_at is not None else int(last.model_id)


def next_activation() -> Activation | None:
    """The choice that waits for its recomputation."""
    last = next(iter(activations(limit=1)), None)
    return last if last and last.effective_at is None else None


def versions(*, limit: int = 100) -> list[Version]:
    """Stored versions, newest first."""
    now, then = in_force(), waiting()
    columns = (
        MatchingModel.id, MatchingModel.name, MatchingModel.trained_on, MatchingModel.created_at,
        MatchingModel.created_by,
    )  # fmt: skip
    rows = db.session.execute(select(*columns).order_by(MatchingModel.id.desc()).limit(limit))
    return [
        Version(number, name, trained_on, at, by, number == now, number == then)
        for number, name, trained_on, at, by in rows
    ]


def activations(*, limit: int = 100) -> list[Activation]:
    """Who chose what, latest first."""
    columns = (
        ModelActivation.id, ModelActivation.model_id, MatchingModel.name, ModelActivation.requested_at,
        ModelActivation.requested_by, ModelActivation.reason, ModelActivation.effective_at,
    )  # fmt: skip
    query = select(*columns).join(MatchingModel, MatchingModel.id == ModelActivation.model_id)
    return [Activation(*row) for row in db.session.execute(query.order_by(ModelActivation.id.desc()).limit(limit))]


def _free_name(now: datetime) -> str:
    count = db.session.scalar(select(func.count()).select_from(MatchingModel)) or 0
    return f"{now.date().isoformat()}-{count + 1}"


def _fingerprint(document: Mapping[str, Any]) -> str:
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()

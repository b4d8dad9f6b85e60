"""The matching model: what is in force and how right it is expected to be, its versions, what another would change, choosing one."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.identity import expected, model_versions, studies
from crm360.identity import queries as identity
from crm360.identity.model_in_force import document_in_force
from crm360.identity.models import Study
from crm360.identity.thresholds import probability, thresholds
from crm360.kernel import clock
from crm360.profiles import queries as profiles
from crm360.web import weights
from crm360.web.blueprint import door
from crm360.web.policy import is_fragment, requires
from crm360.web.visitors import actor, present

STUDIES_SHOWN = 6


@door.get("/duplicates/model")
@requires("merges.decide")
def model() -> str:
    return render_template("duplicates/model.html", **shown())


@door.get("/duplicates/model/studies")
@requires("merges.decide")
def model_studies() -> str | Response:
    if not is_fragment():
        return redirect(url_for("web.model", _anchor="studies"), 303)
    return render_template("duplicates/studies.html", **asked())


@door.get("/duplicates/model/<int:model_id>")
@requires("merges.decide")
def model_version(model_id: int) -> str:
    found = model_versions.get(model_id)
    drawn = weights.drawing(found.document)
    told = next(each for each in model_versions.versions() if each.id == model_id)
    return render_template("duplicates/model_version.html", version=told, document=found.document, drawn=drawn)


@door.post("/duplicates/model/what-ifs")
@requires("identity.manage")
def what_if() -> Response | tuple[str, int]:
    lines = thresholds()
    try:
        join, review = number("join", lines.join), number("review", lines.review)
        question = {"model_id": request.form.get("model_id", type=int), "join": join, "review": review}
        studies.ask(kind=studies.WHAT_IF, question=question, by=present().staff.name, now=clock.now())
    except (studies.BadQuestion, studies.StudyWaits) as error:
        return render_template("duplicates/model.html", error=error, given=request.form, **shown()), error.status
    return redirect(url_for("web.model", _anchor="studies"), 303)


@door.post("/duplicates/model/trainings")
@requires("identity.manage")
def train_model() -> Response | tuple[str, int]:
    now = clock.now()
    try:
        study = studies.ask(kind=studies.TRAINING, by=present().staff.name, now=now)
    except studies.StudyWaits as error:
        return render_template("duplicates/model.html", error=error, **shown()), error.status
    audit.record(actor=actor(), action="model.training asked", details={"study": study}, now=now)
    return redirect(url_for("web.model", _anchor="studies"), 303)


@door.post("/duplicates/model/activations")
@requires("identity.manage")
def choose_model() -> Response:
    chosen, now = request.form.get("model_id", 0, type=int), clock.now()
    reason, by = request.form.get("reason", ""), present().staff.name
    model_versions.request_activation(model_id=chosen, by=by, reason=reason, now=now)
    audit.record(
        actor=actor(),
        action="model.chosen",
        subject_kind="model",
        subject_id=chosen,
        details={"reason": reason},
        now=now,
    )
    flash(gettext("Chosen. It is in force as soon as everybody has been resolved by it."))
    return redirect(url_for("web.model"), 303)


def number(name: str, usual: float) -> float:
    """A threshold of the form, in bits. Raises BadQuestion."""
    text = request.form.get(name, "").strip().replace(",", ".").replace("\u2212", "-")
    try:
        found = float(text) if text else usual
    except ValueError:
        found = float("nan")
    if not -100 <= found <= 100:
        raise studies.BadQuestion("A threshold is a number of bits from -100 to 100.")
    return found


def shown() -> dict[str, Any]:
    """Everything the page tells."""
    in_force = document_in_force()
    return {
        "version": in_force,
        "drawn": weights.drawing(in_force.document),
        "thresholds": thresholds(),
        "probability": probability,
        "joined": expected.joined(),
        "between": expected.waiting(),
        "answers": expected.answers(),
        "versions": model_versions.versions(),
        "activations": model_versions.activations(limit=20),
        **asked(),
    }


def asked() -> dict[str, Any]:
    """The last studies, and who is who of the records in their examples."""
    found = studies.latest(limit=STUDIES_SHOWN)
    contacts = {c for study in found for each in examples(study) for part in each["before"] for c in part}
    homes = identity.profile_ids(contacts)
    return {
        "studies": found,
        "homes": homes,
        "people": profiles.golden(set(homes.values())),
        "sources": identity.contacts(contacts),
        "waits": any(study.finished_at is None for study in found),
    }


def examples(study: Study) -> list[dict[str, Any]]:
    """The changes a what-if was answered with."""
    return list(study.answer.get("examples", []))

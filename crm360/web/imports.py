"""The import wizard: upload, columns, dry run with repair, the run itself, its report, and taking it back."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from crm360.accounts import audit
from crm360.flows import import_runs
from crm360.imports import operations, queries
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.kernel.errors import DomainError
from crm360.web import import_view as view
from crm360.web.blueprint import door
from crm360.web.policy import is_fragment, requires
from crm360.web.visitors import actor


@door.get("/imports")
@requires("imports.read")
def imports() -> str:
    return render_template("imports/list.html", **view.listing())


@door.post("/imports")
@requires("imports.run")
def upload_import() -> AnyResponse | tuple[str, int]:
    try:
        run = view.taken_in(request.files.get("file"), request.form.get("source", ""), now=clock.now())
    except DomainError as error:
        db.session.rollback()
        return render_template("imports/list.html", **view.listing(error)), error.status
    return redirect(url_for("web.import_page", run_id=run.id), 303)


@door.get("/imports/<int:run_id>")
@requires("imports.read")
def import_page(run_id: int) -> str | Response:
    run = queries.get(run_id)
    if run.status in queries.ACTIVE:
        part = "progress_part" if is_fragment() else "progress"
        return render_template(f"imports/{part}.html", **view.progress(run))
    if is_fragment():
        return Response(headers={"HX-Refresh": "true"})
    if run.status == "uploaded":
        return render_template("imports/columns.html", **view.columns_of(run, error=import_runs.unusable(run.mapping)))
    name = "checked" if run.status == "checked" else "report"
    shown = view.checked(run, first=view.first_of(request.args)) if name == "checked" else view.report(run)
    return render_template(f"imports/{name}.html", **shown)


@door.get("/imports/<int:run_id>/columns")
@requires("imports.run")
def import_columns(run_id: int) -> str:
    return render_template("imports/columns.html", **view.columns_of(queries.get(run_id)))


@door.post("/imports/<int:run_id>/columns")
@requires("imports.run")
def plan_import(run_id: int) -> AnyResponse | tuple[str, int]:
    mapping, options = view.chosen(queries.get(run_id), request.form)
    if reason := import_runs.unusable(mapping):
        wrong = view.columns_of(queries.get(run_id), mapping=mapping, error=reason)
        return render_template("imports/columns.html", **wrong), 422
    operations.set_plan(run_id=run_id, mapping=mapping, options=options)
    import_runs.check(run_id=run_id, now=clock.now())
    return _back(run_id)


@door.post("/imports/<int:run_id>/corrections")
@requires("imports.run")
def correct_import(run_id: int) -> AnyResponse:
    cells, values = view.corrections(queries.get(run_id), request.form)
    operations.fix(run_id=run_id, cells=cells, values=values)
    import_runs.check(run_id=run_id, now=clock.now())
    return _back(run_id)


@door.post("/imports/<int:run_id>/start")
@requires("imports.run")
def start_import(run_id: int) -> AnyResponse:
    run = import_runs.start(run_id=run_id, now=clock.now())
    _write_down("file.imported", run_id, file=run.file_name, source=run.source)
    return _back(run_id)


@door.post("/imports/<int:run_id>/pause")
@requires("imports.run")
def pause_import(run_id: int) -> AnyResponse:
    operations.move(run_id=run_id, status="paused", now=clock.now())
    return _back(run_id)


@door.post("/imports/<int:run_id>/resumption")
@requires("imports.run")
def resume_import(run_id: int) -> AnyResponse:
    operations.move(run_id=run_id, status="running", now=clock.now())
    return _back(run_id)


@door.post("/imports/<int:run_id>/reversal")
@requires("imports.run")
def revert_import(run_id: int) -> AnyResponse:
    run = import_runs.revert(run_id=run_id, by=actor().name, now=clock.now())
    _write_down("import.reverted", run_id, file=run.file_name, source=run.source)
    return _back(run_id)


@door.post("/imports/<int:run_id>/discarding")
@requires("imports.run")
def discard_import(run_id: int) -> AnyResponse:
    import_runs.discard(run_id=run_id, folder=view.folder(), now=clock.now())
    flash(gettext("Given up. Nothing of the file was kept."))
    return redirect(url_for("web.imports"), 303)


@door.get("/imports/<int:run_id>/errors.csv")
@requires("imports.read")
def import_errors(run_id: int) -> Response:
    run = queries.get(run_id)
    return send_file(view.errors(run), "text/csv", as_attachment=True, download_name=f"import-{run.id}-errors.csv")


def _back(run_id: int) -> AnyResponse:
    return redirect(url_for("web.import_page", run_id=run_id), 303)


def _write_down(action: str, run_id: int, **details: str) -> None:
    audit.record(
        actor=actor(), action=action, subject_kind="import", subject_id=run_id, details=details, now=clock.now()
    )

"""What the pages of the import wizard show, and what their forms say."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath
from tempfile import NamedTemporaryFile, SpooledTemporaryFile
from typing import IO, Any, NamedTuple

from flask import current_app
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import FileStorage

from crm360.flows import import_preview, import_runs
from crm360.flows.import_files import IGNORED, UnusableFile
from crm360.identity import queries as identity
from crm360.imports import queries
from crm360.imports.models import Issue, Run
from crm360.inbox import queries as inbox
from crm360.kernel import clock
from crm360.kernel.csvfile import safe_row
from crm360.kernel.errors import DomainError
from crm360.profiles import queries as profiles
from crm360.sources import columns
from crm360.sources.contacts_csv import CHANNEL
from crm360.web import labels
from crm360.web.visitors import actor

_ROWS_SHOWN = 25
_CELLS_SHOWN = 6
STATUS: dict[str, Any] = {
    "uploaded": _("waits for its columns"), "checking": _("is looked through"), "checked": _("ready to run"),
    "running": _("runs"), "paused": _("paused"), "resolving": _("customers are compared"), "done": _("done"),
    "failed": _("failed"), "reverting": _("is taken back"), "reverted": _("taken back"), "discarded": _("given up"),
}  # fmt: skip
FIELDS: dict[str, Any] = labels.COMPARED | {
    "external_id": _("Record id of the list"), "middle_name": _("Middle name"), "card_no": _("Loyalty card"),
    "tags": _("Tags"), "consent_email": _("Consent: e-mail"), "consent_sms": _("Consent: SMS"),
    "consent_phone": _("Consent: phone"), "optin_at": _("Opted in at"), "optin_ip": _("Opted in from (IP)"),
    "confirmed_at": _("Confirmed at"), "confirm_ip": _("Confirmed from (IP)"), "unsubscribed_at": _("Unsubscribed at"),
    "unsubscribe_reason": _("Reason to unsubscribe"), "points": _("Points"),
}  # fmt: skip
NUMBERS: dict[str, Any] = {
    "created": _("New customers"), "updated": _("Changed"), "unchanged": _("Known already, unchanged"),
    "joins": _("Of the new: a customer we know"), "alike": _("Of the new: look alike, for review"),
    "consents_proven": _("Consents with evidence"), "consents_claimed": _("Consents only claimed"),
    "consents_refused": _("Refusals and withdrawals"), "refused": _("Rows left out"),
}  # fmt: skip
REASONS: dict[str, Any] = {
    "is no e-mail address": _("is no e-mail address"), "is no phone number": _("is no phone number"),
    "is no credible date of birth": _("is no credible date of birth"), "is no date": _("is no date"),
    "is not a valid number": _("is not a valid number"), "says neither yes nor no": _("says neither yes nor no"),
    "is no time": _("is no time"), "The row is empty.": _("The row is empty."),
    "nothing by which this person could be recognised": _("nothing by which this person could be recognised"),
    "Something else hangs on it now: a purchase, a note, a tag, a decision.": _("Something else hangs on it now: a purchase, a note, a tag, a decision."),
    "Some of it was changed since; that stays.": _("Some of it was changed since; that stays."),
    "A later import says the same.": _("A later import says the same."),
}  # fmt: skip


class Faulty(NamedTuple):
    """A row of the repair: its cells with what is wrong with them."""

    part: int
    line_no: int
    cells: list[Cell]
    rest: str
    reasons: list[str]


class Cell(NamedTuple):
    """A cell to put right: the name of its field in the form, what it says now."""

    header: str
    name: str
    value: str
    reason: str


def folder() -> Path:
    """Where files are kept."""
    kept: Path = current_app.config["SETTINGS"].instance_dir / import_runs.FOLDER
    return kept


def listing(error: DomainError | None = None) -> dict[str, Any]:
    """The list of imports, and the sources a list may belong to."""
    sources = sorted(source.name for source in inbox.all_sources() if source.channel == CHANNEL)
    return {"runs": queries.latest(), "status": STATUS, "sources": sources, "error": error}


def taken_in(file: FileStorage | None, source: str, *, now: datetime) -> Run:
    """An uploaded file kept, its columns guessed. Raises UnusableFile."""
    if file is None or not file.filename:
        raise UnusableFile(gettext("Choose a file."))
    settings = current_app.config["SETTINGS"]
    defaults = {"currency": settings.currency, "timezone": settings.timezone, "region": settings.phone_region}
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    with NamedTemporaryFile(dir=folder(), prefix="upload-") as uploaded:
        file.save(uploaded.name)
        return import_runs.begin(
            Path(uploaded.name), name=PurePosixPath(file.filename.replace("\\", "/")).name, folder=folder(),
            source=source.strip() or "contacts", defaults=defaults, by=actor().name, now=now,
        )  # fmt: skip


def columns_of(run: Run, *, mapping: Mapping[str, str] | None = None, error: str = "") -> dict[str, Any]:
    """Every column with its samples and the field chosen."""
    looked = import_runs.samples(run, folder())
    chosen = mapping or run.mapping
    shown = [
        (number, header, looked.samples[header], chosen.get(header, "")) for number, header in enumerate(run.headers)
    ]
    fields = sorted(
        ((field, str(FIELDS.get(field, field))) for field in columns.CONTACT_FIELDS), key=lambda item: item[1]
    )
    return {"run": run, "columns": shown, "fields": fields, "ignored": IGNORED, "error": error}


def chosen(run: Run, form: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What the form of the columns says: column → field, and how dates are written."""
    known = {*columns.CONTACT_FIELDS, "", IGNORED}
    given = {
        header: form.get(f"column-{number}", run.mapping.get(header, "")) for number, header in enumerate(run.headers)
    }
    mapping = {header: field if field in known else "" for header, field in given.items()}
    order = form.get("date_order", "")
    return mapping, {"date_order": order} if order in ("dmy", "mdy", "ymd") else {}


def progress(run: Run) -> dict[str, Any]:
    """How far it is."""
    waiting = import_runs.remaining(run)
    total = run.rows if run.status != "resolving" else max(run.rows, waiting)
    done = total - waiting if run.status == "resolving" else run.position
    if run.status == "reverting":
        total = sum(run.counts.get(name, 0) for name in ("created", "updated", "unchanged"))
    return {"run": run, "status": STATUS, "done": done, "total": total, "counts": import_runs.outcome(run)}


def checked(run: Run) -> dict[str, Any]:
    """The dry run's numbers with their examples, and the first rows to repair."""
    examples = run.preview.get("examples", {})
    numbers = [(name, NUMBERS[name], run.preview.get(name, 0), examples.get(name, [])) for name in NUMBERS]
    lines = queries.problem_lines(run.id, offset=0, limit=_ROWS_SHOWN)
    by_column = [(header, count) for header, count in sorted(queries.count_issues(run.id).items()) if header]
    return {
        "run": run, "numbers": numbers, "faulty": _faulty(run, lines), "by_column": by_column,
        "probed": run.preview.get("probed", 0), "most_probed": import_preview.MOST_PROBED, "reasons": REASONS,
        "fields": FIELDS, "problems": run.preview.get("problems", 0),
    }  # fmt: skip


def report(run: Run) -> dict[str, Any]:
    """What came of it, whom it touched, what was left when it was taken back."""
    touched = {kind: queries.examples(run.id, kind) for kind in ("created", "updated")}
    left = queries.left(run.id)
    people = _people([change.contact_id for changes in (*touched.values(), left) for change in changes])
    revertible = run.status in ("done", "paused", "failed") and run.stated_at is not None
    return {
        "run": run, "status": STATUS, "counts": import_runs.outcome(run), "touched": touched, "left": left,
        "people": people, "reasons": REASONS, "numbers": NUMBERS, "errors": queries.count_issues(run.id).get("", 0),
        "revertible": revertible and (run.revertible_until or clock.now()) >= clock.now(),
    }  # fmt: skip


def corrections(run: Run, form: Mapping[str, str]) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    """What the repair says: cells of single rows, and texts to be replaced wherever their column has them."""
    cells: dict[str, dict[str, str]] = {}
    values: dict[str, dict[str, str]] = {}
    lines = queries.problem_lines(run.id, offset=0, limit=_ROWS_SHOWN)
    for row in _faulty(run, lines):
        for cell in row.cells:
            meant = form.get(cell.name, cell.value).strip()
            if meant != cell.value and form.get(f"same-{cell.name}"):
                values.setdefault(cell.header, {})[cell.value] = meant
            elif meant != cell.value:
                cells.setdefault(f"{row.part}:{row.line_no}", {})[cell.header] = meant
    return cells, values


def errors(run: Run) -> IO[bytes]:
    """The rows left out as a CSV file: line, reason, the columns as they were."""
    file = SpooledTemporaryFile(max_size=1024**2)  # noqa: SIM115  (closed with the answer)
    text = io.TextIOWrapper(file, "utf-8", newline="")
    writer = csv.writer(text)
    writer.writerow(safe_row(["line", "reason", *run.headers]))
    after = 0
    while batch := queries.issues(run.id, after=after, whole_rows=run.status != "checked"):
        for each in batch:
            reason = f"{each.header}: {each.reason}" if each.header else each.reason
            writer.writerow(safe_row([each.line_no, reason, *each.cells]))
        after = batch[-1].id
    text.flush()
    text.detach()
    file.seek(0)
    return file


def _faulty(run: Run, lines: Sequence[tuple[int, int]]) -> list[Faulty]:
    found: dict[tuple[int, int], list[Issue]] = {line: [] for line in lines}
    for issue in queries.issues_at(run.id, lines):
        found[issue.part, issue.line_no].append(issue)
    return [_faulty_row(run, part, line_no, issues) for (part, line_no), issues in found.items()]


def _faulty_row(run: Run, part: int, line_no: int, issues: Sequence[Issue]) -> Faulty:
    written = dict(zip(run.headers, issues[0].cells, strict=False)) if issues else {}
    mended = run.fixes.get("cells", {}).get(f"{part}:{line_no}", {})
    same = run.fixes.get("values", {})
    cells = []
    for issue in issues:
        if issue.header:
            text = written.get(issue.header, "")
            value = mended.get(issue.header, same.get(issue.header, {}).get(text, text))
            number = run.headers.index(issue.header)
            cells.append(Cell(issue.header, f"cell-{part}-{line_no}-{number}", value, issue.reason))
    faulty = {cell.header for cell in cells}
    rest = [text for header, text in written.items() if text.strip() and header not in faulty]
    whole = [issue.reason for issue in issues if not issue.header]
    return Faulty(part, line_no, cells, " · ".join(rest[:_CELLS_SHOWN]), whole)


def _people(contact_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """contact → (profile, name shown)."""
    of = identity.profile_ids(contact_ids)
    records = profiles.golden(set(of.values()))
    return {contact: (number, records[number].display_name) for contact, number in of.items() if number in records}

"""What the pages of the import wizard show, and what their forms say."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import zip_longest
from pathlib import Path, PurePosixPath
from tempfile import NamedTemporaryFile, SpooledTemporaryFile
from typing import IO, Any, NamedTuple

from flask import current_app
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import FileStorage

from crm360.accounts.disclosure import DOT
from crm360.flows import import_preview, import_runs, left_out
from crm360.flows.import_files import IGNORED, UnusableFile
from crm360.identity import queries as identity
from crm360.imports import queries
from crm360.imports.models import Issue, Run
from crm360.inbox import queries as inbox
from crm360.kernel import clock
from crm360.kernel.csvfile import BOM, safe_row
from crm360.kernel.errors import DomainError
from crm360.profiles import queries as profiles
from crm360.sources import columns
from crm360.sources.contacts_csv import CHANNEL
from crm360.sources.tabular_lines import BROKEN_OFF
from crm360.web import labels
from crm360.web.visitors import NotPermitted, actor, present

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
    "a quotation mark without its partner": _("a quotation mark without its partner"),
    "a character that is not in the file's encoding": _("a character that is not in the file's encoding"),
    BROKEN_OFF: _("the file breaks off here: it is damaged or was not copied whole"),
}  # fmt: skip
_CELLS = re.compile(r"(\d+) cells where the header has (\d+)")


class Faulty(NamedTuple):
    """A row of the repair: the cells something is wrong with, and the others that could make up for it."""

    part: int
    line_no: int
    cells: list[Cell]
    others: list[Cell]
    rest: str
    reasons: list[str]


class Cell(NamedTuple):
    """A cell to put right: the name of its field in the form, what it says now."""

    header: str
    name: str
    value: str
    reason: str


def why(reason: str) -> str:
    """The reason a row or a cell cannot be used, in the reader's language."""
    if counted := _CELLS.fullmatch(reason):
        cells, width = map(int, counted.groups())
        return ngettext(
            "%(num)d cell where the header has %(width)d",
            "%(num)d cells where the header has %(width)d",
            cells,
            width=width,
        )
    return str(REASONS.get(reason, reason))


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
            source=source.strip() or "contacts", defaults=defaults, by=actor().name, by_id=actor().id,
            now=now,
        )  # fmt: skip


def in_full(run: Run) -> bool:
    """Whether the visitor may read what the file says: it may hold anybody's address, and who uploaded it has it anyway."""
    return present().may("contacts.reveal") or run.created_by_id == present().staff.id


def text_of(run: Run, text: str) -> str:
    """What a cell says, as far as the visitor may read it."""
    return text if in_full(run) or not text else DOT * 3


def columns_of(run: Run, *, mapping: Mapping[str, str] | None = None, error: str = "") -> dict[str, Any]:
    """Every column with its samples and the field chosen."""
    looked = import_runs.samples(run, folder())
    chosen = mapping or run.mapping
    shown = [
        (
            number,
            header,
            list(dict.fromkeys(text_of(run, text) for text in looked.samples[header])),
            chosen.get(header, ""),
        )
        for number, header in enumerate(run.headers)
    ]
    fields = sorted(
        ((field, str(FIELDS.get(field, field))) for field in columns.CONTACT_FIELDS), key=lambda item: item[1]
    )
    return {"run": run, "in_full": in_full(run), "columns": shown, "fields": fields, "ignored": IGNORED, "error": error}


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


def checked(run: Run, *, first: int = 0) -> dict[str, Any]:
    """The dry run's numbers with their examples, and some rows to repair from the `first` on."""
    examples = run.preview.get("examples", {})
    numbers = [(name, NUMBERS[name], run.preview.get(name, 0), _examples(run, name, examples)) for name in NUMBERS]
    lines = queries.problem_lines(run.id, offset=first, limit=_ROWS_SHOWN + 1)
    return {
        "run": run, "in_full": in_full(run), "mends": in_full(run) and present().may("imports.run"), "numbers": numbers, "faulty": _faulty(run, lines[:_ROWS_SHOWN]), "first": first,
        "before": max(first - _ROWS_SHOWN, 0) if first else None,
        "after": first + _ROWS_SHOWN if len(lines) > _ROWS_SHOWN else None,
        "probed": run.preview.get("probed", 0), "most_probed": import_preview.MOST_PROBED, "why": why,
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
        "people": people, "why": why, "numbers": NUMBERS, "errors": queries.count_issues(run.id).get("", 0),
        "revertible": revertible and (run.revertible_until or clock.now()) >= clock.now(),
    }  # fmt: skip


def corrections(run: Run, form: Mapping[str, str]) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    """What the repair says: cells of single rows, and texts to be replaced wherever their column has them. Raises NotPermitted."""
    if not in_full(run):
        raise NotPermitted(
            gettext("Only who uploaded the file can put it right: it may hold addresses your role does not see.")
        )
    cells: dict[str, dict[str, str]] = {}
    values: dict[str, dict[str, str]] = {}
    lines = queries.problem_lines(run.id, offset=first_of(form), limit=_ROWS_SHOWN)
    for row in _faulty(run, lines):
        for cell in (*row.cells, *row.others):
            meant = form.get(cell.name, cell.value).strip()
            if (
                meant.split() == cell.value.split()
            ):  # a browser's field keeps neither ends of lines nor what surrounds a text
                continue
            if form.get(f"same-{cell.name}"):
                values.setdefault(cell.header, {})[cell.value] = meant
            else:
                cells.setdefault(f"{row.part}:{row.line_no}", {})[cell.header] = meant
    return cells, values


def first_of(given: Mapping[str, str]) -> int:
    """From which problem on rows are shown."""
    text = given.get("first", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def errors(run: Run) -> IO[bytes]:
    """The rows left out as a CSV file: line, reason, the columns as they were."""
    file = SpooledTemporaryFile(max_size=1024**2)  # noqa: SIM115  (closed with the answer)
    text = io.TextIOWrapper(file, "utf-8", newline="")
    writer = csv.writer(text)
    text.write(BOM)
    writer.writerow(safe_row([*left_out.OURS, *run.headers]))
    after = 0
    while batch := queries.issues(run.id, after=after, whole_rows=run.status != "checked"):
        for each in batch:
            reason = f"{each.header}: {each.reason}" if each.header else each.reason
            writer.writerow(safe_row([each.line_no, reason, *(text_of(run, cell) for cell in each.cells)]))
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
    """Its cells as they stand in the file or were mended; of an unreadable row every column, of others those with a field."""
    whole = [issue.reason for issue in issues if not issue.header]
    reasons = {issue.header: issue.reason for issue in issues if issue.header}
    raw = issues[0].cells if issues else []
    unreadable = len(raw) != len(run.headers)
    mended, same = run.fixes.get("cells", {}).get(f"{part}:{line_no}", {}), run.fixes.get("values", {})
    found = []
    for number, (header, text) in enumerate(zip_longest(run.headers, raw[: len(run.headers)], fillvalue="")):
        if unreadable or header in reasons or run.mapping.get(header) not in ("", IGNORED):
            value = mended.get(header, same.get(header, {}).get(text, text))
            found.append(Cell(header, f"cell-{part}-{line_no}-{number}", text_of(run, value), reasons.get(header, "")))
    rest = [
        text_of(run, text)
        for header, text in zip_longest(run.headers, raw, fillvalue="")
        if text.strip() and header not in reasons
    ]
    cells, others = [each for each in found if each.reason], [each for each in found if not each.reason]
    return Faulty(part, line_no, cells, others, " · ".join(rest[:_CELLS_SHOWN]), whole)


def _examples(run: Run, name: str, examples: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of one of the dry run's numbers: what they say as far as the visitor may read it; of consents, words of ours."""
    if name.startswith("consents_"):
        return list(examples.get(name, []))
    first = 2 if name == "refused" else 1  # before what a row says stands its field, of a refused one the reason, too
    return [
        each
        | {"changes": [[*said[:first], *(text_of(run, text) for text in said[first:])] for said in each["changes"]]}
        for each in examples.get(name, [])
    ]


def _people(contact_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """contact → (profile, name shown)."""
    of = identity.profile_ids(contact_ids)
    records = profiles.golden(set(of.values()))
    return {contact: (number, records[number].display_name) for contact, number in of.items() if number in records}

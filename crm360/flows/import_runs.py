"""An import from the upload to the report, a step at a time; the caller commits after each.

What a step did and how far the file is read are one transaction, so whatever stops a run loses one step at most and
it goes on where it stopped.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing, nullcontext
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import structlog

from crm360.flows import (
    announcing,
    catching_up,
    import_contacts,
    import_files,
    import_preview,
    import_reverting,
    left_out,
    reading_ahead,
)
from crm360.flows.import_contacts import StepRefused
from crm360.flows.import_files import Looked, Part, Read, UnusableFile
from crm360.flows.reading_ahead import Ahead, Order
from crm360.flows.ready_rows import Batch
from crm360.identity import unresolved
from crm360.imports import operations, queries
from crm360.imports.models import Run
from crm360.inbox import operations as inbox
from crm360.inbox import queries as inbox_queries
from crm360.kernel import collecting
from crm360.sources import cards, columns
from crm360.sources.contacts_csv import CHANNEL

log = structlog.get_logger(__name__)

#: Rows of a step, where others wait for the database.
STEP = 2_000
#: Where nobody waits.
LARGE_STEP = 20_000
#: Contacts whose consents other systems are told of in one step, and up to which contact that was done.
TOLD_AT_ONCE = 500
_TOLD = "told_up_to"
_COLUMNS = "columns"
#: Where files are kept, within the instance's folder.
FOLDER = "imports"


def begin(
    path: Path,
    *,
    name: str,
    source: str,
    folder: Path,
    defaults: Mapping[str, str],
    by: str,
    by_id: int | None = None,
    overrides: Sequence[str] = (),
    stated: Mapping[str, str] | None = None,
    now: datetime,
) -> Run:
    """Take a file in and guess its plan: as the source's last file was read, else by the columns' names.

    `overrides`: COLUMN=FIELD words. `defaults`: currency, timezone, region; `stated` (date_order) stands above what the
    rows suggest. Raises UnusableFile; nothing is kept then.
    """
    parts = import_files.keep(path, name=name, folder=folder)
    try:
        looked = import_files.look(parts, folder)
        mapping = guessed(looked, source)
        if overrides:
            mapping |= _overridden(looked, mapping, overrides)
        habits = import_files.habits(parts, folder, mapping)
    except ValueError as error:
        import_files.remove([part.stored for part in parts], folder)
        raise UnusableFile(f"{name}: {error}") from None
    except BaseException:
        import_files.remove([part.stored for part in parts], folder)
        raise
    if digits := known_card_digits(source):
        habits["card_digits"] = str(digits)
    options = {**defaults, **habits, **(stated or {}), "encoding": looked.encoding, "delimiter": looked.delimiter}
    return operations.begin(
        source=source, file_name=name, parts=[part._asdict() for part in parts], headers=looked.headers,
        mapping=mapping, options=options, by=by, by_id=by_id, now=now,
    )  # fmt: skip


def guessed(looked: Looked, source: str) -> dict[str, str]:
    """Column → field, "" for those kept as attributes: all of them where the table is of purchases, not of customers."""
    mapping = dict.fromkeys(looked.headers, "")
    if not columns.is_of_purchases(looked.headers):
        mapping |= columns.guess(looked.headers, "contacts")
    if looked.headers[:2] == left_out.OURS:
        mapping |= dict.fromkeys(left_out.OURS, import_files.IGNORED)
    known = inbox_queries.find_source(source)
    saved = known.settings.get(_COLUMNS, {}) if known else {}
    return mapping | {header: field for header, field in saved.items() if header in mapping}


def _overridden(looked: Looked, mapping: Mapping[str, str], overrides: Sequence[str]) -> dict[str, str]:
    bare = {header: field for header, field in mapping.items() if field not in ("", import_files.IGNORED)}
    changed = columns.apply_overrides(bare, overrides, headers=looked.headers, kind="contacts")
    return {header: changed.get(header, "") for header in looked.headers}


def parts_of(run: Run) -> list[Part]:
    """The files of a run."""
    return [Part(**part) for part in run.parts]


def samples(run: Run, folder: Path) -> Looked:
    """Its columns with a few values each. Raises UnusableFile."""
    return import_files.look(parts_of(run), folder)


def unusable(mapping: Mapping[str, str]) -> str:
    """Why a mapping cannot be imported, or ""."""
    if not any(field not in ("", import_files.IGNORED) for field in mapping.values()):
        if columns.is_of_purchases(list(mapping)):
            return "These columns are of purchases or products, not of customers: a till's export is brought in as receipts."
        return "No column says who the customers are. Choose a field for at least one column."
    fields = [field for field in mapping.values() if field not in ("", import_files.IGNORED, "email", "phone", "tags")]
    twice = sorted({field for field in fields if fields.count(field) > 1})
    return f"Several columns are to be {', '.join(twice)}. Choose one." if twice else ""


def check(*, run_id: int, now: datetime) -> Run:
    """Have the file looked through without changing anything."""
    run = operations.move(run_id=run_id, status="checking", now=now)
    run.preview = {}
    return run


def start(*, run_id: int, now: datetime) -> Run:
    """Have the file brought in, and its columns remembered for the source's next file."""
    run = operations.move(run_id=run_id, status="running", now=now)
    defaults: dict[str, Any] = {name: run.options[name] for name in ("currency", "region") if name in run.options}
    inbox.ensure_source(name=run.source, channel=CHANNEL, settings=defaults, now=now)
    inbox.set_source_settings(name=run.source, settings={_COLUMNS: dict(run.mapping)})
    remember_card_digits(source=run.source, digits=cards.known(run.options.get("card_digits")))
    return run


def known_card_digits(source: str) -> int:
    """How many digits the cards of a source have, as an earlier file of it told; 0: not known."""
    found = inbox_queries.find_source(source)
    return cards.known(found.settings.get("card_digits")) if found else 0


def remember_card_digits(*, source: str, digits: int) -> None:
    """What a file told of the length of its source's cards, for files that do not tell."""
    if digits and digits != known_card_digits(source):
        inbox.set_source_settings(name=source, settings={"card_digits": digits})


def revert(*, run_id: int, by: str, now: datetime) -> Run:
    """Have everything it did taken back. Raises CannotDo when it is too late, or nothing was done."""
    run = operations.move(run_id=run_id, status="reverting", now=now)
    run.reverted_by, run.undone = by, {}
    return run


class Driver:
    """Carries a run on, step by step; keeps the file open between steps, so that it is read once.

    Large steps are bold (see `import_contacts.store`): when one raises StepRefused, the caller takes it back and goes on.
    """

    def __init__(self, run_id: int, *, folder: Path, step: int = STEP, name: str = "") -> None:
        self.run_id, self.folder, self.step, self.name = run_id, folder, step, name
        self._rows: Generator[Read, None, None] | None = None
        self._ahead: Ahead | None = None
        self._at: tuple[str, int] = ("", -1)
        self._alone = self._careful = False

    def advance(self, *, now: datetime) -> bool:
        """One step within the caller's transaction; whether the run is active still, and this driver's.

        The worker, which has no name, leaves a run to whoever began it and takes over when that one is gone.
        """
        run = queries.locked(self.run_id)
        if run.driver != self.name and (self.name or not _is_free(run, now)):
            return False
        run.driver, run.driven_at = self.name, now
        try:
            if run.status == "checking":
                self._check(run, now)
            elif run.status == "running":
                with collecting.after_batch() if self.step >= LARGE_STEP else nullcontext():
                    self._store(run, now)
            elif run.status == "resolving":
                self._resolve(run, now)
            elif run.status == "reverting":
                import_reverting.step(run, now=now)
        except UnusableFile as error:
            operations.move(run_id=run.id, status="failed", now=now).failure = str(error)
        return run.status in queries.ACTIVE

    def close(self) -> None:
        """Let the file go."""
        if self._rows is not None:
            self._rows.close()
        if self._ahead is not None:
            self._ahead.close()
        self._rows, self._ahead, self._at = None, None, ("", -1)

    def _batch(self, run: Run) -> list[Read]:
        if self._rows is None or self._at != (run.status, run.position):
            self.close()
            self._rows = import_files.rows(parts_of(run), self.folder, run.fixes)
            next(islice(self._rows, run.position, run.position), None)
        batch = list(islice(self._rows, self.step))
        self._at = (run.status, run.position + len(batch))
        return batch

    def _check(self, run: Run, now: datetime) -> None:
        batch = self._batch(run)
        import_preview.add(run, batch, now=now)
        run.position += len(batch)
        if len(batch) < self.step:
            run.rows = run.position
            operations.move(run_id=run.id, status="checked", now=now)
            self.close()

    def _store(self, run: Run, now: datetime) -> None:
        batch, count = self._finished(run, now)
        bold, self._careful = self.step >= LARGE_STEP and not self._careful, False
        try:
            counts = import_contacts.store(run, batch, now=now, bold=bold)
        except StepRefused:
            self._careful = True
            raise
        run.counts = {name: run.counts.get(name, 0) + counts[name] for name in {*run.counts, *counts}}
        run.position += count
        if count < self.step:
            operations.move(run_id=run.id, status="resolving", now=now)
            self.close()

    def _finished(self, run: Run, now: datetime) -> tuple[Batch, int]:
        """The next rows, finished; where nobody waits for the processor, further ones are from now on read ahead."""
        if self._ahead is not None and self._at == (run.status, run.position):
            try:
                batch, count = self._ahead.next()
            except reading_ahead.Lost:
                log.warning("reading ahead ended; the rest is read here", run_id=run.id, position=run.position)
                self.close()
                self._alone = True
            else:
                self._at = (run.status, run.position + count)
                return batch, count
        rows = self._batch(run)
        if self.step >= LARGE_STEP and len(rows) == self.step and not self._alone:
            self._read_ahead(run, now)
        return import_contacts.finished(run, rows, now=now), len(rows)

    def _read_ahead(self, run: Run, now: datetime) -> None:
        skip = run.position + self.step
        self.close()
        self._ahead = Ahead(
            Order(
                question=import_contacts.question(run, now=now), parts=parts_of(run), folder=str(self.folder.resolve()),
                fixes=dict(run.fixes), skip=skip, step=self.step,
            )
        )  # fmt: skip
        self._at = (run.status, skip)

    def _resolve(self, run: Run, now: datetime) -> None:
        at_once = sys.maxsize if self.step >= LARGE_STEP else catching_up.MOST_BESIDE_OTHERS
        if not catching_up.some(now=now, at_once=at_once) and not _tell_consents(run, now):
            operations.move(run_id=run.id, status="done", now=now)


def _tell_consents(run: Run, now: datetime) -> bool:
    """Tell other systems of some of the consents a run brought, now that it is known whose they are; whether more wait."""
    if not run.counts.get("consents") or not announcing.consents_wanted():
        return False
    stated, last = queries.statements(run.id, after=run.counts.get(_TOLD, 0), limit=TOLD_AT_ONCE)
    announcing.consents_stated(statement_ids=stated, now=now)
    run.counts = {**run.counts, _TOLD: last}
    return last > 0


def _is_free(run: Run, now: datetime) -> bool:
    return not run.driver or run.driven_at is None or now - run.driven_at > queries.DRIVER_GONE


def drive_as(run: Run, name: str, *, now: datetime) -> None:
    """From now on the driver of this name carries the run on; "" leaves it to the worker."""
    run.driver, run.driven_at = name, now


def remaining(run: Run) -> int:
    """How many contacts wait to be resolved, while the run is at that."""
    return unresolved.count() if run.status == "resolving" else 0


def purge_expired(*, now: datetime, folder: Path) -> int:
    """Drop files and memories of imports that can no longer be taken back; returns how many imports."""
    expired = queries.expired(now)
    for run in expired:
        import_files.remove(operations.purge(run_id=run.id), folder)
    return len(expired)


def discard(*, run_id: int, folder: Path, now: datetime) -> None:
    """Give an import up before it ran."""
    operations.move(run_id=run_id, status="discarded", now=now)
    import_files.remove(operations.purge(run_id=run_id), folder)


def outcome(run: Run) -> dict[str, Any]:
    """The counts of a run, each there."""
    names = ("created", "updated", "unchanged", "repeated", "refused", "consents")
    return {name: run.counts.get(name, 0) for name in names}


def closing_driver(run_id: int, *, folder: Path, step: int = STEP, name: str = "") -> closing[Driver]:
    """A driver that lets the file go at the end of the block."""
    return closing(Driver(run_id, folder=folder, step=step, name=name))

"""What each scheduled job did when it ran last: a small file for each, so that it can be read when the database cannot.

A look that found nothing to do is written down every few seconds at most: some jobs look every second.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from sqlalchemy.exc import DBAPIError

from crm360.kernel import faults
from crm360.kernel.errors import Conflict, DomainError, NotFound
from crm360.upkeep.errors import BackupFailed

FOLDER = "jobs"
SELDOM = timedelta(seconds=10)
_ASKED, _PART = ".asked", ".part"
#: What the operating system says of a full disk, and of a folder that may not be written to.
_FULL, _CLOSED = (errno.ENOSPC, errno.EDQUOT), (errno.EACCES, errno.EPERM, errno.EROFS)

#: What databases say of the same, and of somebody else's lock.
_CODES = {
    "full_disk": {"SQLITE_FULL", "53100"},
    "not_permitted": {"SQLITE_READONLY", "SQLITE_CANTOPEN", "42501"},
    "busy": {"SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT", "SQLITE_LOCKED", "55P03", "40P01", "40001"},
}
#: Kind of failure → its word; the first that fits.
_KINDS: tuple[tuple[type[BaseException], str], ...] = (
    (DBAPIError, "database"), (TimeoutError, "timeout"), (ConnectionError, "unreachable"), (DomainError, "told"),
)  # fmt: skip


class NoSuchJob(NotFound):
    """The worker knows no job of this name, or has not begun yet."""

    def __init__(self) -> None:
        super().__init__("The worker knows no such job. Has it been started?")


class NotByHand(Conflict):
    """Only what harms nobody at any hour is done because somebody asks."""

    def __init__(self) -> None:
        super().__init__("This job runs by the clock alone.")


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why a run failed: a word of `reason_of`, the kind for the log, and what we said ourselves, never a value."""

    at: datetime
    reason: str
    kind: str
    said: str = ""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """The last run of a job, the last that changed something, the last that failed, and how many failed in a row."""

    name: str
    every: float
    by_hand: bool
    at: datetime
    seconds: float
    changed: int = 0
    worked_at: datetime | None = None
    worked: int = 0
    failures: int = 0
    failing_since: datetime | None = None
    failure: Failure | None = None

    @property
    def next_at(self) -> datetime:
        """When it looks again, while the worker is at work."""
        return self.at + timedelta(seconds=self.every)


def all_runs(instance_dir: Path) -> list[Run]:
    """Every job that ran, by name."""
    found = [_read(file) for file in sorted((instance_dir / FOLDER).glob("*.json"))]
    return [run for run in found if run is not None]


def find(instance_dir: Path, name: str) -> Run | None:
    """What is known of one job."""
    return _read(_file(instance_dir, name))


def note(
    instance_dir: Path, *, name: str, every: timedelta, by_hand: bool, at: datetime, seconds: float, changed: int = 0, error: BaseException | None = None
) -> None:  # fmt: skip
    """Write down a run that just ended."""
    before = find(instance_dir, name)
    dull = not (changed or error) and before is not None and not before.failures and not before.changed
    if dull and before is not None and at - before.at < SELDOM:
        return
    _write(instance_dir, _after(before, name=name, every=every, by_hand=by_hand, at=at, seconds=seconds, changed=changed, error=error))  # fmt: skip


def _after(
    before: Run | None, *, name: str, every: timedelta, by_hand: bool, at: datetime, seconds: float, changed: int, error: BaseException | None
) -> Run:  # fmt: skip
    failure = _told(error, at) if error else before.failure if before else None
    failures = (before.failures if before else 0) + 1 if error else 0
    since = (before.failing_since if before and before.failures else at) if error else None
    worked = (at, changed) if changed else (before.worked_at, before.worked) if before else (None, 0)
    return Run(
        name=name, every=every.total_seconds(), by_hand=by_hand, at=at, seconds=round(seconds, 3), changed=changed,
        worked_at=worked[0], worked=worked[1], failures=failures, failing_since=since, failure=failure,
    )  # fmt: skip


def begin(instance_dir: Path, names: Iterable[str]) -> None:
    """The worker starts: jobs of an earlier version are known no more."""
    kept = {_file(instance_dir, name) for name in names}
    for file in (instance_dir / FOLDER).glob("*.json"):
        if file not in kept:
            file.unlink(missing_ok=True)


def ask(instance_dir: Path, *, slug: str) -> Run:
    """Let the worker do a job soon, whether or not it is due. Raises NoSuchJob, NotByHand."""
    run = next((each for each in all_runs(instance_dir) if slug_of(each.name) == slug), None)
    if run is None:
        raise NoSuchJob
    if not run.by_hand:
        raise NotByHand
    (instance_dir / FOLDER / f"{slug}{_ASKED}").write_text(run.name)
    return run


def asked(instance_dir: Path) -> list[str]:
    """Names of jobs somebody asked for."""
    return [file.read_text() for file in sorted((instance_dir / FOLDER).glob(f"*{_ASKED}"))]


def take_asked(instance_dir: Path) -> list[str]:
    """The same; they are asked for no more."""
    names = asked(instance_dir)
    for name in names:
        (instance_dir / FOLDER / f"{slug_of(name)}{_ASKED}").unlink(missing_ok=True)
    return names


def slug_of(name: str) -> str:
    """A job's name as part of an address or of a file's name."""
    return name.replace(" ", "-")


def reason_of(error: BaseException) -> str:
    """A word for why something failed: full_disk, not_permitted, busy, database, timeout, unreachable, told, fault."""
    words = [_reason(each) for each in faults.chain(error)]
    return next((word for word in words if word != "fault"), "fault")


def _reason(error: BaseException) -> str:
    code, number = faults.code_of(error), getattr(error, "errno", None)
    if number in _FULL or code in _CODES["full_disk"]:
        return "full_disk"
    if number in _CLOSED or code in _CODES["not_permitted"]:
        return "not_permitted"
    if code in _CODES["busy"]:
        return "busy"
    return next((word for kind, word in _KINDS if isinstance(error, kind)), "fault")


def _told(error: BaseException, at: datetime) -> Failure:
    """What we say ourselves of a failed backup names no customer; other messages may, and stay out."""
    said = error.message if isinstance(error, BackupFailed) else ""
    return Failure(at=at, reason=reason_of(error), kind=faults.told(error), said=said)


def _file(instance_dir: Path, name: str) -> Path:
    return instance_dir / FOLDER / f"{slug_of(name)}.json"


def _read(file: Path) -> Run | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Run)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None  # never ran, or written by another version


def _write(instance_dir: Path, run: Run) -> None:
    file = _file(instance_dir, run.name)
    file.parent.mkdir(mode=0o700, exist_ok=True)
    part = file.with_suffix(_PART)
    part.write_bytes(msgspec.json.encode(run))
    part.replace(file)

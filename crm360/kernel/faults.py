"""What of a failure may be written to a log: of what kind it was and where, never the values it was about.

Messages of exceptions are made for whoever holds the value: a database repeats the row it refuses, `int("…")` what it
could not read. A log is kept by other people, for other times, and outlives an erasure.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]
MAX_FRAMES = 40
_ROOT = f"{Path(__file__).resolve().parents[2]}/"


def as_text(exc_info: ExcInfo) -> str:
    """The chain of a failure, the first cause first: where each passed, and its kind."""
    return "\n".join(line for each in chain(exc_info[1]) for line in _told(each))


def told(error: BaseException) -> str:
    """A failure's kind, with the code a database or the operating system gave it: `IntegrityError [23505]`."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    code = code_of(error)
    return f"{name} [{code}]" if code else name


def code_of(error: BaseException) -> str:
    """SQLSTATE, SQLite's name of the error, or what the operating system said; empty when there is none."""
    cause = getattr(error, "orig", None) or error
    found = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None)
    if not found and isinstance(cause, OSError):
        found = cause.strerror
    return found if isinstance(found, str) else ""


def chain(error: BaseException) -> list[BaseException]:
    """The failure and what it came from, the first cause first."""
    found: list[BaseException] = []
    each: BaseException | None = error
    while each is not None and each not in found:
        found.append(each)
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    return found[::-1]


def _short(file: str) -> str:
    return file.removeprefix(_ROOT)


def _told(error: BaseException) -> Iterator[str]:
    for frame in traceback.extract_tb(error.__traceback__)[-MAX_FRAMES:]:
        yield f"  {_short(frame.filename)}:{frame.lineno} {frame.name}"
    yield told(error)
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from (f"  | {line}" for line in _told(each))

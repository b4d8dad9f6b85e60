"""Compiles message catalogues (.po → .mo) whose compiled form is missing or older."""

from __future__ import annotations

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_all(folder: Path) -> list[Path]:
    """Compile every `<locale>/LC_MESSAGES/*.po` below `folder` that needs it; returns the files written."""
    return [compile_one(source) for source in sorted(folder.glob("*/LC_MESSAGES/*.po")) if is_stale(source)]


def is_stale(source: Path) -> bool:
    """Whether the compiled form of `source` is missing or older."""
    compiled = source.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime_ns < source.stat().st_mtime_ns


def compile_one(source: Path) -> Path:
    """Write the compiled form in one step, so that another process never reads half a file."""
    compiled = source.with_suffix(".mo")
    unfinished = compiled.with_suffix(f".{os.getpid()}.tmp")
    with source.open("rb") as text, unfinished.open("wb") as out:
        write_mo(out, read_po(text, locale=source.parent.parent.name))
    unfinished.replace(compiled)
    return compiled

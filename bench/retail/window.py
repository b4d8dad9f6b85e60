"""What a stretch of work took: seconds, processor seconds, and the most memory, helper processes included."""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path
from threading import Event, Thread
from time import perf_counter
from typing import Self

_EVERY = 0.5
_MB = 1024.0


class Window:
    """`with Window() as window:` measures the stretch; then `window.figures()`."""

    def __enter__(self) -> Self:
        self._over, self._together = Event(), 0.0
        self._watch = Thread(target=self._watched, daemon=True)
        self._wall, self._cpu = perf_counter(), _processor()
        self._watch.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.seconds, self.cpu = perf_counter() - self._wall, _processor() - self._cpu
        self._over.set()
        self._watch.join()
        self.memory = max(self._together, _own_peak())

    def figures(self) -> dict[str, float]:
        """The figures by column of the table."""
        return {"seconds": self.seconds, "cpu s": self.cpu, "MB": self.memory}

    def _watched(self) -> None:
        while not self._over.wait(_EVERY):
            helpers = sum(map(_private, _children()))
            if helpers:
                self._together = max(self._together, _resident() + helpers)


def _processor() -> float:
    """Processor seconds of this process and of those it has waited for."""
    each = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in each)


def _own_peak() -> float:
    """The most memory this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (_MB if sys.platform != "darwin" else _MB**2)


def _children() -> list[str]:
    return [pid for listed in Path("/proc/self/task").glob("*/children") for pid in _text(listed).split()]


def _resident() -> float:
    return int(_text(Path("/proc/self/statm")).split()[1]) * os.sysconf("SC_PAGE_SIZE") / _MB**2


def _private(pid: str) -> float:
    """What a process has for itself, in MB; what it shares with its parent is counted there."""
    lines = _text(Path(f"/proc/{pid}/smaps_rollup")).splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / _MB


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:  # it has ended meanwhile
        return ""

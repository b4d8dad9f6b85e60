"""SQLite's log copied back into its file by a thread of its own, so that no commit waits for it.

Left alone, the commit that finds the log long copies it back before it returns: beside a base of a million that was a
fifth of the time of all that arrived, and the slowest answers. SQLite's manual names a thread of one's own for it
(sqlite.org/wal.html, "Performance Considerations"). What this one leaves behind a commit still copies, see `dialects`.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from threading import Event, Lock, Thread, current_thread

from structlog import get_logger

log = get_logger(__name__)

#: Seconds between two copies. Longer ones copy fewer pages (what several commits change is copied once), but a commit that
#: finds the log long has more left to copy: with 0.2 a tenth fewer contacts arrived in a second.
PAUSE = 0.05
#: Seconds without a commit after which the thread ends.
IDLE = 2.0

#: Held inside SQLite and while a process forks: SQLite's own locks, copied as held, would stop the new process for ever.
_forking = Lock()
os.register_at_fork(before=_forking.acquire, after_in_parent=_forking.release, after_in_child=_forking.release)


class Checkpointer:
    """Copies the log of one database file back soon after commits; while nobody commits there is no thread."""

    def __init__(self, file: Path):
        self._file = file
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._lock = Lock()
        self._told = Event()
        self._stopping = Event()
        self._commits = 0
        self._thread: Thread | None = None

    def committed(self) -> None:
        """Something was committed."""
        if self._process != os.getpid():  # a forked process has none of its parent's threads
            self._begin()
        with self._lock:
            self._commits += 1
            if self._thread is None:
                self._stopping.clear()
                self._thread = Thread(target=self._work, name=f"checkpointer of {self._file.name}", daemon=True)
                self._thread.start()
        self._told.set()

    def stop(self) -> None:
        """Return when the thread has ended; the next commit begins another."""
        if self._process != os.getpid():
            return
        with self._lock:
            thread = self._thread
        if thread is not None:
            self._stopping.set()
            self._told.set()
            thread.join()

    def _work(self) -> None:
        try:
            with _forking:
                connection = sqlite3.connect(f"{self._file.as_uri()}?mode=rw", uri=True)
            try:
                self._follow(connection)
            finally:
                with _forking:
                    connection.close()
        except sqlite3.Error as error:  # nothing is lost: a commit copies the log when it has grown long
            log.warning("log not copied back", error=type(error).__name__)
        finally:
            with self._lock:
                if self._thread is current_thread():
                    self._thread = None

    def _follow(self, connection: sqlite3.Connection) -> None:
        """Copy right after a commit: what is copied before the next one lets the log begin anew."""
        seen = 0
        while True:
            self._told.clear()
            self._told.wait(IDLE)
            with self._lock:
                if self._stopping.is_set() or self._commits == seen:
                    self._thread = None
                    return
                seen = self._commits
            with _forking:
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            self._stopping.wait(PAUSE)

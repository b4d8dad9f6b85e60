"""How often each sender came, counted in one small mapped file that every worker process of this machine shares.

A database would be asked to write with every event; here counting costs some microseconds. The file is no memory of
anything: it may be deleted whenever the server is stopped.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any

from limits.storage import Storage

from crm360.kernel import clock

#: digest of the key, when its count ends (Unix seconds), count
_SLOT = struct.Struct("<16sdQ")
_SLOTS = 1 << 16
#: A key lies within so many slots of its place; when all are taken the count that ends first gives way.
_REACH = 8


class SharedCounts(Storage):
    """Counters for Flask-Limiter, of which `shared:///path` names the file. POSIX systems only, as the server itself."""

    STORAGE_SCHEME = ["shared"]  # noqa: RUF012  (the base class wants a list)

    def __init__(self, uri: str = "", wrap_exceptions: bool = False, **options: Any) -> None:
        super().__init__(uri, wrap_exceptions, **options)
        self._file = os.open(uri.removeprefix("shared://"), os.O_RDWR | os.O_CREAT, 0o600)
        os.ftruncate(self._file, _SLOTS * _SLOT.size)
        self._counts = mmap.mmap(self._file, _SLOTS * _SLOT.size)
        self._lock = threading.Lock()

    @property
    def base_exceptions(self) -> type[Exception]:
        return OSError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, from nothing when the last span has ended; returns the count."""
        digest, now = _digest(key), clock.now().timestamp()
        with self._locked():
            at, until, count = self._find(digest, now)
            if until <= now:
                until, count = now + expiry, 0
            _SLOT.pack_into(self._counts, at, digest, until, count + amount)
        return count + amount

    def get(self, key: str) -> int:
        with self._locked():
            return self._find(_digest(key), clock.now().timestamp())[2]

    def get_expiry(self, key: str) -> float:
        with self._locked():
            return self._find(_digest(key), clock.now().timestamp())[1] or clock.now().timestamp()

    def check(self) -> bool:
        return not self._counts.closed

    def reset(self) -> int | None:
        """Forget every count."""
        with self._locked():
            self._counts[:] = bytes(len(self._counts))
        return None

    def clear(self, key: str) -> None:
        with self._locked():
            at, _, _ = self._find(_digest(key), clock.now().timestamp())
            _SLOT.pack_into(self._counts, at, bytes(16), 0.0, 0)

    def _find(self, digest: bytes, now: float) -> tuple[int, float, int]:
        """(offset, end, count) of the key's slot; of the one to take, with end and count 0, when it has none."""
        place = int.from_bytes(digest[:4], "little")
        best, soonest = 0, float("inf")
        for step in range(_REACH):
            at = (place + step) % _SLOTS * _SLOT.size
            held, until, count = _SLOT.unpack_from(self._counts, at)
            if held == digest and until > now:
                return at, until, count
            if (ends := until if until > now else 0.0) < soonest:
                best, soonest = at, ends
        return best, 0.0, 0

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Against other threads, then against other processes: a file lock holds for a whole process."""
        with self._lock:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)


def _digest(key: str) -> bytes:
    return blake2b(key.encode(), digest_size=16).digest()

"""A process that reads and finishes rows of a file a batch ahead of the one that stores them.

Reading and finishing is a third of an import's work and needs no database. `Ahead` starts this module as a program and
takes its batches in their order; whatever stops it, its caller goes on reading by itself where it had come to.
"""

from __future__ import annotations

import signal
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import IO, Any, BinaryIO

import msgspec

from crm360.flows import import_files, ready_rows
from crm360.flows.import_files import Part, Read, UnusableFile
from crm360.flows.plain_rows import PlainRows
from crm360.flows.ready_rows import Batch, Question, Ready
from crm360.kernel import collecting

_ROOT = Path(__file__).resolve().parents[2]
_LENGTH = struct.Struct(">Q")


class Order(msgspec.Struct, kw_only=True):
    """What is to be read: parts of a run in a folder with what was put right in them, from row `skip`, `step` at a time."""

    question: Question
    parts: list[Part]
    folder: str
    fixes: dict[str, Any]
    skip: int
    step: int


class _Told(msgspec.Struct, array_like=True):
    """A batch on its way: its rows packed once more, as most batches need none of them; or why the file is unusable."""

    ready: Ready = msgspec.field(default_factory=Ready)
    others: list[int] = []
    count: int = 0
    rows: bytes = b""
    unusable: str = ""


class Lost(Exception):
    """The reading process is gone, or could not tell what it read."""


class Ahead:
    """The reading process, seen from who stores. `close` ends it."""

    def __init__(self, order: Order) -> None:
        command = [sys.executable, "-m", __name__]
        self._process = subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        with suppress(BrokenPipeError), self._pipe(self._process.stdin) as to:  # ended already: `next` says so
            to.write(msgspec.json.encode(order))
        self._from = self._pipe(self._process.stdout)

    @staticmethod
    def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
        if stream is None:
            raise Lost
        return stream

    def next(self) -> tuple[Batch, int]:
        """The next batch, and how many rows it has. Raises UnusableFile, Lost."""
        try:
            told = _TOLD.decode(_taken(self._from))
        except (msgspec.MsgspecError, OSError) as error:
            raise Lost from error
        if told.unusable:
            raise UnusableFile(told.unusable)
        return Batch(_Packed(told.rows, told.count), told.ready, told.others), told.count

    def close(self) -> None:
        """It keeps nothing, so it may be ended at any moment."""
        self._process.kill()
        self._from.close()
        self._process.wait()


_TOLD = msgspec.msgpack.Decoder(_Told)
_ROWS = msgspec.msgpack.Decoder(list[Read])


class _Packed(Sequence[Read]):
    """Rows unpacked when the first is asked for."""

    def __init__(self, packed: bytes, count: int) -> None:
        self._packed, self._count = packed, count
        self._rows: list[Read] = []

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, place: Any) -> Any:
        if not self._rows:
            self._rows = _ROWS.decode(self._packed)
        return self._rows[place]


def _taken(stream: IO[bytes]) -> bytes:
    size = stream.read(_LENGTH.size)
    if len(size) < _LENGTH.size:
        raise Lost
    told = stream.read(_LENGTH.unpack(size)[0])
    if len(told) < _LENGTH.unpack(size)[0]:
        raise Lost
    return told


def _packed(order: Order, rows: Iterator[Read], reader: PlainRows) -> tuple[int, bytes]:
    some = list(islice(rows, order.step))
    batch = ready_rows.finish(some, reader, order.question.listed)
    packed = msgspec.msgpack.encode(some)
    return len(some), msgspec.msgpack.encode(_Told(batch.ready, batch.others, len(some), packed))


def told(order: Order) -> Iterator[bytes]:
    """Every batch of an order, packed; the last is shorter than a step, or empty."""
    reader = order.question.reader()
    try:
        rows = import_files.rows(order.parts, Path(order.folder), order.fixes)
        next(islice(rows, order.skip, order.skip), None)
        count = order.step
        while count == order.step:
            with collecting.after_batch():
                count, packed = _packed(order, rows, reader)
            yield packed
    except UnusableFile as error:
        yield msgspec.msgpack.encode(_Told(unusable=str(error)))


def main(asked: BinaryIO, answer: BinaryIO) -> None:
    """The program: an order as JSON, then batches, each after its length."""
    # The terminal's Ctrl+C is for who stores; who reads ends when nobody listens any more.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    order = msgspec.json.decode(asked.read(), type=Order)
    collecting.seldom()
    try:
        for packed in told(order):
            answer.write(_LENGTH.pack(len(packed)))
            answer.write(packed)
            answer.flush()
    except BrokenPipeError:
        sys.stdout = None  # or Python would complain at its end that it cannot be flushed


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)

"""SQLite's log is copied back beside the commits."""

from __future__ import annotations

import multiprocessing
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from structlog.testing import capture_logs

from crm360.kernel import checkpointing, dialects
from crm360.kernel.checkpointing import Checkpointer
from tests.processes import wait_until

FORKS = 20


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpointing, "PAUSE", 0.01)
    monkeypatch.setattr(checkpointing, "IDLE", 0.05)


@pytest.fixture
def engine(on_file: Engine) -> Engine:
    with on_file.begin() as connection:
        connection.execute(text("CREATE TABLE word (said TEXT)"))
    return on_file


def say(engine: Engine, word: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO word VALUES (:word)"), {"word": word})


def is_in_file(file: Path, word: str) -> bool:
    return word.encode() in file.read_bytes()


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "checkpointer of kept.sqlite3"]


def test_what_is_committed_comes_into_the_file_while_the_connection_stays_open(file: Path, engine: Engine) -> None:
    for word in ("anemone", "bergamot", "cardamom"):
        say(engine, word)
    wait_until(lambda: is_in_file(file, "cardamom"), what="the log is copied")
    assert is_in_file(file, "anemone")


def test_the_thread_ends_when_nobody_commits_and_the_next_commit_begins_another(file: Path, engine: Engine) -> None:
    say(engine, "anemone")
    wait_until(lambda: not threads(), what="the thread ends")
    assert is_in_file(file, "anemone")
    say(engine, "bergamot")
    wait_until(lambda: is_in_file(file, "bergamot"), what="the log is copied again")


def test_the_log_stays_short_under_a_writer_that_never_rests(
    file: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.dispose()
    monkeypatch.setitem(dialects._CHECKPOINTS, "FULL", 300)
    for number in range(4_000):
        say(engine, f"{number:06}" * 200)
    pages = file.with_name(f"{file.name}-wal").stat().st_size // 4096
    assert pages < 4_000  # of some 7,000 that are written: what the thread leaves behind a commit copies


def test_a_closed_engine_leaves_no_thread(engine: Engine) -> None:
    say(engine, "anemone")
    engine.dispose()
    assert not threads()


def test_readers_and_hasty_writers_begin_none(file: Path, engine: Engine) -> None:
    wait_until(lambda: not threads(), what="the thread ends")
    with dialects.reading(), engine.begin() as connection:
        connection.execute(text("SELECT * FROM word")).all()
    with dialects.hasty():
        say(engine, "anemone")
    assert not threads()
    assert not is_in_file(file, "anemone")


def test_a_database_in_memory_has_none() -> None:
    engine = create_engine("sqlite://")
    dialects.prepare_engine(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE word (said TEXT)"))
    assert not threads()


def test_a_forked_process_has_a_thread_of_its_own(file: Path, engine: Engine) -> None:
    checkpointer = Checkpointer(file)

    def work() -> None:
        checkpointer.committed()
        assert len(threads()) == 1
        checkpointer.stop()

    for _ in range(FORKS):  # some while the thread is inside SQLite
        checkpointer.committed()
        child = multiprocessing.get_context("fork").Process(target=work)
        child.start()
        child.join()
        checkpointer.stop()
        assert child.exitcode == 0


def test_a_file_that_cannot_be_opened_is_told_and_tried_again(file: Path) -> None:
    checkpointer = Checkpointer(file)
    with capture_logs() as told:
        checkpointer.committed()
        checkpointer.stop()
        assert [line["event"] for line in told] == ["log not copied back"]
        with closing(sqlite3.connect(file)):
            checkpointer.committed()
            wait_until(lambda: not threads(), what="the thread ends")
        assert len(told) == 1

"""Fixtures every test may ask for: both databases, the application, its visitors, the named cast, real processes.

`app` (and whatever uses it) runs once on SQLite and once on PostgreSQL; the schema is made by the migrations, once per
test process, and what a test writes is rolled back, commits of the application included.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from argon2 import PasswordHasher
from flask import Flask

import config
from crm360.accounts import passwords
from crm360.kernel.db import db as flask_db
from tests import applications, cast, databases, processes, spreading
from tests.identity import plain_model as plain

#: Helpers that assert tell what they compared, as tests do.
pytest.register_assert_rewrite(
    *(f"tests.{each}" for each in ("consents.twin", "full_shop", "profiles.people", "stories.planted")),
    *(f"tests.{each}" for each in ("stories.told", "web.scene")),
)

DATABASES = ("sqlite", "postgresql")

#: A busy machine must not fail a property; CI tries the same examples every time, developers' machines new ones.
hypothesis.settings.register_profile(
    "crm360",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    derandomize=os.environ.get("CI") == "true",
    print_blob=True,
)
hypothesis.settings.load_profile("crm360")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """In CI nothing may be skipped: what a machine lacks must be installed there."""
    report: Any = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_xdist_auto_num_workers() -> Iterator[None]:
    """`-n auto`: one test process more than processors, as a quarter of the tests' time is spent waiting for other processes."""
    found: Any = yield
    return found if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ else found + 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What starts processes comes first, a part of it to each test process."""
    parts = int(getattr(config, "workerinput", {}).get("workercount", 1))
    items[:] = spreading.spread(items, parts=parts, weight=weight, module=lambda item: item.nodeid.partition("::")[0])


def weight(item: pytest.Item) -> int:
    """About how long a test waits: for a browser and a server, for a server, for nothing."""
    return 2 if item.get_closest_marker("browser") else 1 if item.get_closest_marker("server") else 0


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """The modules and tests stay to the end: the garbage collector need not go through them, now or during the tests."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are named by their length: packed data differs from process to process, which parallel runs refuse."""
    return f"{argname}-{len(val)}-bytes" if isinstance(val, bytes) else None


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Passwords cost next to nothing in tests, where a third of a page's time was their hash; servers keep the real price."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session", params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    """The kind of database: every test that reaches it runs on both."""
    return str(request.param)


@pytest.fixture(scope="session")
def migrated_app(database: str, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Flask]:
    """One application per test process and kind of database."""
    with applications.migrated(database, tmp_path_factory.mktemp(database), worker_id) as app:
        yield app


@pytest.fixture
def app(migrated_app: Flask) -> Iterator[Flask]:
    """The application on an empty database. What a test writes is undone."""
    with applications.undone(migrated_app):
        yield migrated_app


@pytest.fixture
def db(app: Flask) -> Any:
    """The Flask-SQLAlchemy bridge, bound to the test's transaction."""
    return flask_db


@pytest.fixture
def session(app: Flask) -> Any:
    """The session of the test's own context."""
    return flask_db.session


@pytest.fixture
def client(app: Flask) -> Any:
    """A visitor with a cookie jar (`tests.visits.Visitor`)."""
    return app.test_client()


@pytest.fixture
def runner(app: Flask) -> Any:
    """An operator at the command line (`tests.visits.Operator`)."""
    return app.test_cli_runner()


@pytest.fixture
def plain_model() -> Iterator[None]:
    """Identity is resolved by round weights (`tests.identity.plain_model`) in place of the shipped ones."""
    with plain.in_force():
        yield


@pytest.fixture
def now() -> datetime:
    """The moment at which tests take place."""
    return datetime(2026, 3, 2, 10, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return config.ROOT


@pytest.fixture
def alice(app: Flask, now: datetime) -> cast.Colleague:
    """Sales."""
    return cast.hire("alice", now)


@pytest.fixture
def bob(app: Flask, now: datetime) -> cast.Colleague:
    """Marketing."""
    return cast.hire("bob", now)


@pytest.fixture
def charlie(app: Flask, now: datetime) -> cast.Colleague:
    """Privacy."""
    return cast.hire("charlie", now)


@pytest.fixture
def dana(app: Flask, now: datetime) -> cast.Colleague:
    """Administration."""
    return cast.hire("dana", now)


@pytest.fixture
def sign_in() -> Callable[[Any, cast.Colleague], Any]:
    """`sign_in(client, alice)`."""
    return cast.sign_in


@pytest.fixture(scope="session")
def migrated_postgresql(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """The name of a PostgreSQL database with the schema, which nobody is connected to: others are copied from it."""
    with databases.fresh_postgresql(f"{worker_id}_whole") as url:
        processes.Instance(tmp_path_factory.mktemp("whole"), url).migrate()
        yield url.rpartition("/")[2]


@pytest.fixture
def instance(
    request: pytest.FixtureRequest, database: str, tmp_path: Path, worker_id: str
) -> Iterator[processes.Instance]:
    """A migrated installation of its own, for processes of their own; on both databases."""
    if database == "sqlite":
        yield processes.Instance(tmp_path, f"sqlite:///{tmp_path / 'test.sqlite3'}").migrate()
        return
    template = request.getfixturevalue("migrated_postgresql")
    with databases.fresh_postgresql(worker_id, template) as url:
        yield processes.Instance(tmp_path, url)


@pytest.fixture
def running_server() -> Iterator[Callable[[processes.Instance], processes.RunningServer]]:
    """`running_server(instance)` starts the real server and worker; they are ended with the test."""
    with ExitStack() as started:
        yield lambda instance: started.enter_context(processes.running(instance))

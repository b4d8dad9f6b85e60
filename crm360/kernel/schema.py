"""The database's schema as the migrations make it: bring it up to date, or say what is missing."""

from __future__ import annotations

from contextlib import nullcontext
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def upgrade(engine: Engine) -> None:
    """Run every migration `engine`'s database has not seen, in one transaction."""
    command.upgrade(config_for(engine), "head")


def is_current(bind: Engine | Connection) -> bool:
    """Whether the database has seen every migration."""
    with bind.connect() if isinstance(bind, Engine) else nullcontext(bind) as connection:
        seen = MigrationContext.configure(connection).get_current_heads()
    return set(seen) == set(_scripts().get_heads())


def current(bind: Engine | Connection) -> str:
    """The migration the database is at; "" before the first."""
    with bind.connect() if isinstance(bind, Engine) else nullcontext(bind) as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def newest() -> str:
    """The migration this version of crm360 brings a database to."""
    return _scripts().get_current_head() or ""


def knows(revision: str) -> bool:
    """Whether a migration is one of ours: a database of a newer version is at one we have not heard of."""
    return not revision or any(each.revision == revision for each in _scripts().walk_revisions())


@cache
def _scripts() -> ScriptDirectory:
    """The migrations of this version: some forty files, which monitors that ask for readiness must not have read each time."""
    return ScriptDirectory(str(MIGRATIONS))


def config_for(engine: Engine) -> Config:
    """Alembic's configuration, bound to `engine`."""
    config = Config(str(MIGRATIONS / "alembic.ini"))
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["engine"] = engine
    return config

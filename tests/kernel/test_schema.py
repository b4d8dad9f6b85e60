"""The schema made by the migrations, and the transaction every test runs in."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, func, insert, select

from crm360.inbox.models import Source
from crm360.kernel import dialects, schema
from crm360.models import Base
from tests.processes import Instance


def add_source(session, name, now):
    session.execute(insert(Source).values(name=name, channel="tracking", secret="", settings={}, created_at=now))


def count_sources(session):
    return session.scalar(select(func.count()).select_from(Source))


def test_migrations_make_exactly_the_tables_of_the_models(db):
    context = MigrationContext.configure(db.session.connection(), opts={"compare_type": True})
    assert compare_metadata(context, Base.metadata) == []


def test_the_schema_is_current_after_the_upgrade_and_not_before(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path}/empty.sqlite3")
    dialects.prepare_engine(engine)
    assert not schema.is_current(engine)
    schema.upgrade(engine)
    assert schema.is_current(engine)
    engine.dispose()


class TestWhatATestWritesIsRolledBack:
    """The two tests are the same: whichever runs second would see what the first committed."""

    def test_once(self, session, now):
        self.write(session, now)

    def test_twice(self, session, now):
        self.write(session, now)

    def write(self, session, now):
        assert count_sources(session) == 0
        add_source(session, "kept", now)
        session.commit()
        add_source(session, "lost", now)
        session.rollback()
        assert count_sources(session) == 1


def test_flask_db_upgrade_makes_the_same_schema(tmp_path):
    instance = Instance(tmp_path, f"sqlite:///{tmp_path}/by_command.sqlite3")
    instance.flask("db", "upgrade")
    engine = create_engine(instance.database_url)
    assert schema.is_current(engine)
    engine.dispose()

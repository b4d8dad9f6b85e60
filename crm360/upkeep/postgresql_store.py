"""PostgreSQL: a copy by pg_dump in a snapshot we count in, too; a restore into a database beside, exchanged by renaming."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import IsolationLevel, sql
from sqlalchemy import URL, make_url

from crm360.upkeep import postgresql_tools as tools
from crm360.upkeep.errors import BackupFailed, CannotRestore
from crm360.upkeep.manifest import Manifest
from crm360.upkeep.stores import Progress, Taken

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
_ROLES = (
    "SELECT DISTINCT grantee FROM information_schema.role_table_grants"
    " WHERE table_schema = current_schema() AND grantee <> grantor AND grantee <> 'PUBLIC' ORDER BY grantee"
)
_OTHERS = (
    "SELECT count(*), string_agg(DISTINCT nullif(application_name, ''), ', ') FROM pg_stat_activity"
    " WHERE datname = %s AND pid <> pg_backend_pid()"
)
#: The longest name PostgreSQL keeps is 63 bytes; what we append needs 23.
_LONGEST = 40


class PostgresqlStore:
    """The database of an address `postgresql+psycopg://…`."""

    dialect = "postgresql"

    def __init__(self, url: str) -> None:
        self.url = make_url(url)

    def version(self) -> str:
        with _connected(self._maintenance()) as connection:
            return f"PostgreSQL {connection.execute('SHOW server_version').fetchone()[0].split()[0]}"

    def take(self, target: Path, tell: Progress) -> Taken:
        with _connected(self.url, autocommit=False) as connection:
            program = tools.program("pg_dump", _major(connection))
            connection.isolation_level, connection.read_only = IsolationLevel.REPEATABLE_READ, True
            snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()[0]
            taken = Taken(_migration(connection), _counts(connection), [row[0] for row in connection.execute(_ROLES)])
            self._dump(program, snapshot, target, lambda done: tell(min(done, len(taken.rows)), len(taken.rows)))
            target.chmod(0o600)
            return taken

    def _dump(self, program: str, snapshot: str, target: Path, tell: Any) -> None:
        """Run pg_dump; it says on which table it is, which is how far we are."""
        command = [
            program,
            "--format=custom",
            "--verbose",
            "--lock-wait-timeout=60s",
            f"--snapshot={snapshot}",
            f"--file={target}",
        ]
        said: list[str] = []
        with subprocess.Popen(
            command, env=tools.environment(self.url), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace"
        ) as process:  # fmt: skip
            for line in process.stderr or ():
                if "dumping contents of table" in line:
                    said.append("")
                    tell(len(said))
                elif "error" in line.lower():
                    said.append(line)
        if process.returncode:
            raise BackupFailed(f"pg_dump failed: {tools.last_words(said, process.returncode)}")

    def count(self, url: str) -> dict[str, int]:
        with _connected(make_url(url)) as connection:
            return _counts(connection)

    def is_empty(self) -> bool:
        if not self._exists():
            return True
        with _connected(self.url) as connection:
            return connection.execute(_TABLES).fetchone() is None

    def user(self) -> str:
        with _connected(self._maintenance()) as connection:
            count, names = connection.execute(_OTHERS, [self.url.database]).fetchone()
        return f"{count} connections to the database {self.url.database} ({names or 'unnamed'})" if count else ""

    def beside(self, label: str, stamp: str) -> str:
        name = f"{str(self.url.database)[:_LONGEST]}_{label}_{stamp}"
        with _connected(self._maintenance()) as connection:
            row = connection.execute(
                "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database WHERE datname = %s", [self.url.database]
            ).fetchone()  # fmt: skip
            made = sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))
            if row:
                like = [
                    sql.SQL(f" {word} ") + sql.Literal(value)
                    for word, value in zip(("ENCODING", "LC_COLLATE", "LC_CTYPE"), row, strict=True)
                    if value
                ]
                made = sql.Composed([made, *like])
            try:
                connection.execute(made)
            except psycopg.errors.InsufficientPrivilege:
                raise CannotRestore(
                    f"The role {self.url.username} may create no database, which a drill and a restore need."
                    f" As a superuser: ALTER ROLE {self.url.username} CREATEDB;"
                ) from None
        return self.url.set(database=name).render_as_string(hide_password=False)

    def fill(self, url: str, dump: Path, manifest: Manifest) -> list[str]:
        target, remarks = make_url(url), []
        with _connected(self._maintenance()) as connection:
            program = tools.program("pg_restore", _major(connection))
            there = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
        command = [program, "--exit-on-error", "--single-transaction", "--no-owner", f"--dbname={target.database}"]
        if missing := [role for role in manifest.roles if role not in there]:
            command.append("--no-privileges")
            remarks.append(
                f"Rights were not taken over, for these roles are not here: {', '.join(missing)}. Create them and run `flask ledger grants ROLE`."
            )
        tools.run([*command, str(dump)], url=target, doing="pg_restore")
        with _connected(target) as connection:
            connection.execute("ANALYZE")
        return remarks

    def check(self, url: str) -> list[str]:
        """Loading it has checked every constraint and made every index anew."""
        with _connected(make_url(url)) as connection:
            unsound = connection.execute(
                "SELECT conrelid::regclass, conname FROM pg_constraint WHERE NOT convalidated"
            ).fetchall()
        return [f"the constraint {name} of {table} is not validated" for table, name in unsound]

    def discard(self, url: str) -> None:
        with _connected(self._maintenance()) as connection:
            name = sql.Identifier(str(make_url(url).database))
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def exchange(self, url: str, stamp: str) -> str:
        old, new = str(self.url.database), str(make_url(url).database)
        kept = f"{old[:_LONGEST]}_before_{stamp}" if self._exists() else ""
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        try:
            with _connected(self._maintenance(), autocommit=False) as connection:  # both names change, or none
                if kept:
                    connection.execute(rename.format(sql.Identifier(old), sql.Identifier(kept)))
                connection.execute(rename.format(sql.Identifier(new), sql.Identifier(old)))
        except psycopg.Error as error:
            raise CannotRestore(f"The databases could not be exchanged: {str(error).splitlines()[0]}.") from None
        return kept

    def tidy(self, label: str) -> None:
        begin = f"{str(self.url.database)[:_LONGEST]}_{label}_"
        with _connected(self._maintenance()) as connection:
            for (name,) in connection.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [begin]
            ).fetchall():
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _exists(self) -> bool:
        with _connected(self._maintenance()) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.url.database]).fetchone()
        return found is not None

    def _maintenance(self) -> URL:
        return self.url.set(database="postgres")


@contextmanager
def _connected(url: URL, *, autocommit: bool = True) -> Iterator[Any]:
    """A connection of our own; the driver's complaints become words. Errors of statements pass through."""
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        connection = psycopg.connect(address, autocommit=autocommit, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise BackupFailed(f"The database {url.database} cannot be reached: {str(error).splitlines()[0]}") from None
    with connection:
        yield connection


def _major(connection: Any) -> int:
    return int(connection.info.server_version) // 10_000


def _counts(connection: Any) -> dict[str, int]:
    names = [row[0] for row in connection.execute(_TABLES)]
    count = sql.SQL("SELECT count(*) FROM {}")
    return {name: connection.execute(count.format(sql.Identifier(name))).fetchone()[0] for name in names}


def _migration(connection: Any) -> str:
    if connection.execute("SELECT to_regclass('alembic_version')").fetchone()[0] is None:
        return ""
    found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return found[0] if found else ""


def unreadable(dump: Path) -> str:
    """Read a dump to its end with pg_restore, writing nothing; what it complains of, "" when it can be read."""
    try:
        tools.run(
            [tools.program("pg_restore", 0), "--file=/dev/null", str(dump)],
            url=make_url("postgresql://"),
            doing="pg_restore",
        )
    except BackupFailed as error:
        return error.message
    return ""

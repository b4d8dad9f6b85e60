"""`python -m crm360.cli.serve [--demo]`: checks the settings, migrates, starts the web server and the worker."""

from __future__ import annotations

import argparse
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, select
from sqlalchemy.exc import DBAPIError

import config
from crm360.accounts.models import Staff
from crm360.cli.processes import Child, Supervisor, answers, server_command, worker_command
from crm360.demo import shop
from crm360.demo.staff import SIGN_INS, SignIn
from crm360.identity.models import Contact
from crm360.inbox.models import Payload, Source
from crm360.kernel import dialects, metering, schema
from crm360.privacy import tombstones

#: A server whose supervisor was killed outright needs this long at most to let the port go.
PORT_PATIENCE_SECONDS = 10.0
#: Whose letters the demo writes; the domain is nobody's.
DEMO_SENDER = "hello@lipowa-oak.example"


def main(arguments: list[str] | None = None) -> int:
    """Run crm360 until Ctrl-C or SIGTERM. Exit codes: 0 stopped, 1 the server failed, 2 it could not start."""
    parser = argparse.ArgumentParser(prog="python -m crm360.cli.serve", description=__doc__)
    parser.add_argument("--demo", action="store_true", help="load the demo shop into an empty database")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))  # until the supervisor takes over, both interrupt
    try:
        return serve(config.load(), demo=options.demo)
    except (config.SettingError, CannotStart) as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"crm360 cannot use {error.filename or 'this machine'}: {error.strerror}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped before the start was complete; the next start goes on from here.", file=sys.stderr)
        return 130


class CannotStart(Exception):
    """Why crm360 cannot start here, in words the operator can act on."""


def serve(settings: config.Settings, *, demo: bool) -> int:
    """Prepare the database and run both processes; returns the exit code. Raises CannotStart."""
    check_port(settings)
    metering.begin_anew(settings.instance_dir)
    prepare_database(settings)
    bury_again(settings)
    if demo and has_room_for_demo(settings):
        load_demo()
    sign_ins = demo_sign_ins(settings)
    if demo and sign_ins and not settings.smtp_url:
        write_letters_down(settings)
    children = [
        Child("web server", server_command(settings), essential=True),
        Child("worker", worker_command(), essential=False),
    ]
    return Supervisor(children, say=say).run(tick=announce_once(settings, sign_ins))


def write_letters_down(settings: config.Settings) -> None:
    """Let the processes of a demo without a mail server write letters into a folder: a campaign can be seen to its end."""
    os.environ["SMTP_URL"] = letters_folder(settings).as_uri()
    os.environ.setdefault("MAIL_FROM", DEMO_SENDER)


def letters_folder(settings: config.Settings) -> Path:
    return settings.instance_dir.absolute() / "letters"


def say(text: str) -> None:
    print(text, flush=True)


def check_port(settings: config.Settings, *, patience: float = PORT_PATIENCE_SECONDS) -> None:
    """Refuse to go on when the address cannot be listened on, also not once a killed installation has had time to end.

    Raises CannotStart.
    """
    last, told = time.monotonic() + patience, False
    while (error := _bind_error(settings)) is not None:
        if error.errno != errno.EADDRINUSE or time.monotonic() >= last:
            raise CannotStart(
                f"crm360 cannot listen on HOST={settings.host} PORT={settings.port}: {error.strerror}.\n"
                f"Stop what uses the port, or choose another: PORT={settings.port % 65535 + 1} make run"
            )
        if not told:
            print(f"PORT={settings.port} is in use; waiting up to {patience:g} s for it.", file=sys.stderr, flush=True)
            told = True
        time.sleep(0.25)


def _bind_error(settings: config.Settings) -> OSError | None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            return error
    return None


def prepare_database(settings: config.Settings) -> None:
    """Bring the schema up to date. Raises CannotStart."""
    try:
        with database(settings) as engine:
            schema.upgrade(engine)
    except DBAPIError as error:
        raise CannotStart(f"The database of DATABASE_URL cannot be used: {error.orig}") from None


def bury_again(settings: config.Settings) -> None:
    """A restored backup is older than some erasures: they are done again before anybody is answered. Raises CannotStart."""
    with database(settings) as engine, engine.connect() as connection:
        if not tombstones.missing(settings.tombstone_file, connection):
            return
    say("People were erased since this database was saved; they are erased again.")
    done = subprocess.run([sys.executable, "-m", "flask", "privacy", "erase-again"], cwd=config.ROOT, check=False)
    if done.returncode:
        raise CannotStart(f"Erasing again failed (exit code {done.returncode}); nobody is answered until it is done.")


@contextmanager
def database(settings: config.Settings) -> Iterator[Engine]:
    """The database without the application, which the supervisor's own process does not need."""
    settings.instance_dir.mkdir(parents=True, exist_ok=True)
    engine = create_engine(settings.database_url, hide_parameters=True)
    dialects.prepare_engine(engine)
    try:
        yield engine
    finally:
        engine.dispose()


def has_room_for_demo(settings: config.Settings) -> bool:
    """Whether nothing is in the database yet, or a load of the demo that was interrupted."""
    with database(settings) as engine, engine.connect() as connection:
        begun = connection.scalar(select(Source.settings).where(Source.name == shop.SHOP))
        if begun and "demo" in begun:
            return not begun["demo"]["loaded"]
        return not any(connection.scalar(select(table.id).limit(1)) for table in (Contact, Payload))


def load_demo() -> None:
    """Load the demo shop by the operator's own command, progress bar included. Raises CannotStart."""
    code = subprocess.run([sys.executable, "-m", "flask", "demo", "load"], cwd=config.ROOT, check=False).returncode
    if code:
        raise CannotStart(f"Loading the demo shop failed (exit code {code}).")


def demo_sign_ins(settings: config.Settings) -> list[SignIn]:
    """The demo's colleagues, as far as they are in this database."""
    with database(settings) as engine, engine.connect() as connection:
        here = set(connection.scalars(select(Staff.email).where(Staff.disabled_at.is_(None))))
    return [sign_in for sign_in in SIGN_INS if sign_in.email in here]


def announce_once(settings: config.Settings, sign_ins: list[SignIn]) -> Callable[[], None]:
    """A tick that says where crm360 is as soon as its port answers."""
    everywhere = settings.host in ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
    host = "localhost" if everywhere else settings.host
    by_default = settings.public_url == f"http://{settings.host}:{settings.port}"
    url = f"http://{host}:{settings.port}" if by_default else settings.public_url
    told: list[bool] = []

    def tick() -> None:
        if not told and answers(host, settings.port):
            told.append(True)
            say(welcome(url, sign_ins, letters="" if settings.smtp_url else str(letters_folder(settings))))

    return tick


def welcome(url: str, sign_ins: list[SignIn], *, letters: str = "") -> str:
    """What the operator reads when everything runs. `letters`: the folder a demo's mail is written to."""
    lines = ["", f"  crm360 is running at {url}", ""]
    if sign_ins:
        lines += ["  Sign in to the demo shop as", ""]
        lines += [f"    {one.role:<10} {one.email:<28} {one.password}" for one in sign_ins]
        lines.append("")
        if letters:
            lines += [f"  Mail reaches nobody: letters are written to {letters}", ""]
    return "\n".join([*lines, "  Ctrl-C stops it.", ""])


if __name__ == "__main__":
    sys.exit(main())

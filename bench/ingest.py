"""How many events a second are acknowledged and have their effect, and how soon one is seen, beside a naive application.

python -m bench.ingest [EVENTS] sends that many (20,000 by default) in batches of 100 over the loopback to a server and a
worker of its own on a temporary SQLite file, then a quarter of them to the usual marshmallow + ORM application.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import marshmallow as ma
from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, DateTime, Integer, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

ROOT = Path(__file__).resolve().parents[1]
BATCH, SENDERS, PEOPLE, SEEN = 100, 2, 2_000, 20
SERVER = (sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "4")


def main(events: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        acked, processed, delays = _ours(events, Path(folder))
        naive = _naive(events // 4, Path(folder))
    print(f"{events:,} events in batches of {BATCH}, {SENDERS} senders, load {os.getloadavg()[0]:.1f}")
    print(f"{'acknowledged, durable':32}{acked:10,.0f} events/s   {acked / naive:6.1f} x naive")
    print(f"{'processed, the whole inbox':32}{processed:10,.0f} events/s   {processed / naive:6.1f} x naive")
    print(f"{'naive application, stored only':32}{naive:10,.0f} events/s")
    print(
        f"{'visible after, p50 and p95':32}{delays[len(delays) // 2]:10.2f} s {delays[int(len(delays) * 0.95)]:8.2f} s"
    )


def _ours(events: int, folder: Path) -> tuple[float, float, list[float]]:
    port = _free_port()
    env = os.environ | {"INSTANCE_DIR": str(folder), "DATABASE_URL": "", "PORT": str(port), "WEB_WORKERS": "1"}
    with _process([sys.executable, "-m", "crm360.cli.serve"], env, port):
        write_key = _key(env, "write", "web")
        api_key = _key(env, "api", "bench", "--role", "sales")
        basic = base64.b64encode(f"{write_key}:".encode()).decode()
        headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/json"}
        started = time.monotonic()
        _send(port, "/v1/batch", headers, events)
        acknowledged = time.monotonic() - started
        while _get(port, "/healthz", {})["inbox_waiting"]:
            time.sleep(0.05)
        processed = time.monotonic() - started
        seen = {"Authorization": f"Bearer {api_key}"}
        delays = sorted(_delay(port, headers, seen, number) for number in range(SEEN))
    return events / acknowledged, events / processed, delays


def _naive(events: int, folder: Path) -> float:
    port = _free_port()
    env = os.environ | {"NAIVE_DATABASE": str(folder / "naive.sqlite3")}
    command = [*SERVER, "--port", str(port), "--factory", "bench.ingest:naive_application"]
    with _process(command, env, port):
        started = time.monotonic()
        _send(port, "/v1/batch", {"Content-Type": "application/json"}, events)
        return events / (time.monotonic() - started)


def _send(port: int, path: str, headers: dict[str, str], events: int) -> None:
    """Raises RuntimeError when a batch is not acknowledged."""
    bodies = [json.dumps({"batch": [_event(n) for n in range(at, at + BATCH)]}) for at in range(0, events, BATCH)]

    def sender(mine: list[str]) -> None:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            for body in mine:
                _answer(connection, "POST", path, headers, body)

    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(sender, [bodies[number::SENDERS] for number in range(SENDERS)]))


def _event(number: int) -> dict[str, Any]:
    return {
        "type": "track",
        "event": "Product Viewed",
        "messageId": f"m-{number}",
        "userId": f"user-{number % PEOPLE}",
        "timestamp": datetime.fromtimestamp(1_770_000_000 + number, UTC).isoformat(),
        "properties": {"product_id": f"p-{number % 500}", "name": "Oak lamp", "price": 129.9, "currency": "EUR"},
        "context": {"page": {"url": f"https://shop.example/p/{number % 500}"}, "locale": "pl-PL"},
    }


def _delay(port: int, headers: dict[str, str], seen: dict[str, str], number: int) -> float:
    """Seconds from sending a new customer until the API finds them."""
    email = f"seen{number}@visible.example"
    call = {"type": "identify", "messageId": f"i-{number}", "userId": f"new-{number}", "traits": {"email": email}}
    started = time.monotonic()
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        _answer(connection, "POST", "/v1/identify", headers, json.dumps(call))
    while email not in json.dumps(_get(port, f"/api/v1/profiles?q={email}", seen)):
        time.sleep(0.02)
    return time.monotonic() - started


def _get(port: int, path: str, headers: dict[str, str]) -> Any:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        return _answer(connection, "GET", path, headers, None)


def _answer(
    connection: http.client.HTTPConnection, method: str, path: str, headers: dict[str, str], body: str | None
) -> Any:
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    told = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status} {told[:300]!r}")
    return json.loads(told)


def _key(env: dict[str, str], kind: str, name: str, *options: str) -> str:
    command = [sys.executable, "-m", "flask", "keys", "create", "--kind", kind, "--name", name, *options]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    return done.stdout.split()[-1]


@contextlib.contextmanager
def _process(command: list[str], env: dict[str, str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:  # not up yet: ask again
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Base(DeclarativeBase):
    pass


class NaiveEvent(_Base):
    __tablename__ = "event"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    message_id: Mapped[str] = mapped_column(String, unique=True)
    user_id: Mapped[str] = mapped_column(String, index=True)
    name: Mapped[str] = mapped_column(String)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    properties: Mapped[dict[str, Any]] = mapped_column(JSON)


class NaiveSchema(ma.Schema):
    class Meta:
        unknown = ma.EXCLUDE

    message_id = ma.fields.String(required=True, data_key="messageId")
    user_id = ma.fields.String(required=True, data_key="userId")
    name = ma.fields.String(required=True, data_key="event")
    at = ma.fields.AwareDateTime(required=True, data_key="timestamp")
    properties = ma.fields.Dict(load_default=dict)


def naive_application() -> Flask:
    """What one would write first: every event checked by a schema, looked up, added as an object, one commit each."""
    app = Flask("naive")
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{os.environ['NAIVE_DATABASE']}"
    database = SQLAlchemy(app, model_class=_Base)
    schema = NaiveSchema()
    with app.app_context():
        database.create_all()

    @app.post("/v1/batch")
    def receive() -> dict[str, bool]:
        for item in request.get_json()["batch"]:
            said = schema.load(item)
            if database.session.query(NaiveEvent).filter_by(message_id=said["message_id"]).first() is None:
                database.session.add(NaiveEvent(**said))
            database.session.commit()
        return {"success": True}

    return app


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)

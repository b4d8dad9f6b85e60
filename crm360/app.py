"""Opens the doors: builds the Flask application, gives every visit one transaction and one request id."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import msgspec
from flask import Flask, Response, current_app, g, request
from flask_migrate import Migrate
from sqlalchemy.exc import SQLAlchemyError
from structlog import get_logger
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import Rule

import config
from crm360 import api, cli, intake, models, public, web
from crm360.accounts import audit, reads
from crm360.kernel import clock, dialects, logs, metering
from crm360.kernel.db import db
from crm360.kernel.errors import Unavailable

MAX_BODY_BYTES = 64 * 1024 * 1024
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


logger = get_logger(__name__)


class NotSettled(Unavailable):
    """The visit's transaction could not be committed; nothing of it was kept."""


class LateRule(Rule):
    """A rule whose addresses are put together by what is compiled when the first is: compiling all of them took a fifth
    of a second of every process, and most commands and workers name none."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled = cache(partial(super()._compile_builder, append_unknown))

        def build(rule: Rule | None, **values: Any) -> tuple[str, str]:
            return compiled()(rule, **values)

        return build


class House(Flask):
    """Flask, with failures nobody foresaw logged by the page's name: its address may hold a customer's or a key."""

    url_rule_class = LateRule

    def log_exception(self, exc_info: Any) -> None:
        logger.error(
            "visit failed", page=request.endpoint, method=request.method, request_id=g.get("request_id", ""),
            exc_info=exc_info,
        )  # fmt: skip


def create_app(settings: config.Settings | None = None) -> Flask:
    """The application for `settings` (from the environment by default)."""
    settings = settings or config.load()
    logs.configure(settings.log_level, settings.log_format)
    app = House(
        "crm360", template_folder=str(config.ROOT / "templates"), static_folder=str(config.ROOT / "crm360/static")
    )
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(
            settings.database_url, settings.trusted_sources, settings.suppression_keys, settings.timezone
        ),
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
    )
    app.url_map.strict_slashes = False  # a machine that posts to the other spelling must not be redirected
    app.wsgi_app = ProxyFix(app.wsgi_app, *[settings.trusted_proxies] * 3) if settings.trusted_proxies else app.wsgi_app  # type: ignore[method-assign]
    open_database(app, settings)
    if settings.metrics_token:
        app.extensions["meters"] = metering.Meters(settings.instance_dir / metering.FOLDER)
    for door in (web, api, intake, public, cli):
        door.register(app)
    app.before_request(begin_visit)
    app.after_request(settle_visit)
    app.teardown_request(leave_visit)
    return app


def engine_options(
    url: str, trusted_sources: tuple[str, ...] = (), suppression_keys: tuple[str, ...] = (), timezone: str = "UTC"
) -> dict[str, object]:
    """Connection pool settings that suit the database of `url`, the quick JSON codec, and what its rooms must know."""
    always = {
        "hide_parameters": True,  # an error of the database must not repeat what was to be stored
        "json_serializer": dialects.to_json,
        "json_deserializer": msgspec.json.decode,
        "execution_options": {
            "trusted_sources": trusted_sources,
            "suppression_keys": suppression_keys,
            "timezone": timezone,
        },
    }
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": 30, "check_same_thread": False}, "pool_use_lifo": True, **always}
    return {"pool_size": 8, "max_overflow": 8, "pool_pre_ping": True, "pool_use_lifo": True, **always}


def open_database(app: Flask, settings: config.Settings) -> None:
    """Bind the session to the application's database and let migrations find it."""
    settings.instance_dir.mkdir(parents=True, exist_ok=True)
    db.init_app(app)
    Migrate(app, db, directory=str(config.ROOT / "migrations"), compare_type=True, render_as_batch=True)
    with app.app_context():
        dialects.prepare_engine(db.engine)


def begin_visit() -> None:
    """One id per request for logs and the audit trail; readers do not wait for SQLite's writer."""
    g.begun = time.perf_counter()
    g.request_id = secrets.token_hex(8)
    dialects.set_may_write(request.method not in SAFE_METHODS)


def settle_visit(response: Response) -> Response:
    """An answer returned commits; an error raised was rolled back by the door that mapped it.

    A sender takes the answer for a promise, so when the commit fails the door answers anew, with the failure.
    """
    try:
        db.session.commit()
        record_reads(response)
    except SQLAlchemyError as error:
        db.session.rollback()
        logger.error("commit failed", request_id=g.get("request_id", ""), exc_info=error)
        failure = current_app.handle_user_exception(NotSettled("The change could not be stored. Please try again."))
        response = current_app.make_response(failure)
    response.headers["X-Request-Id"] = g.get("request_id", "")
    if meters := current_app.extensions.get("meters"):
        seconds = time.perf_counter() - g.begun
        meters.visit(page=request.endpoint or "", status=response.status_code, seconds=seconds)
    return response


def record_reads(response: Response) -> None:
    """Visits that read run in a read-only transaction; what they showed is recorded in one of its own, or not shown."""
    acts = reads.taken()
    if not acts or response.status_code != 200:
        return
    dialects.set_may_write(True)
    audit.record_all(acts=acts, request_id=g.get("request_id", ""), now=clock.now())
    db.session.commit()


def leave_visit(_error: BaseException | None) -> None:
    """Whatever was not settled is gone; the thread may write again (jobs and tests share it)."""
    db.session.rollback()
    dialects.set_may_write(True)


__all__ = ["create_app", "models"]

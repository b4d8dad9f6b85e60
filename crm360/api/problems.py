"""Failures as RFC 9457 problems: one shape for whatever goes wrong below /api, never HTML, never a stack trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, jsonify, request
from sqlalchemy.exc import OperationalError
from structlog import get_logger
from werkzeug.exceptions import HTTPException

from crm360.kernel.db import db
from crm360.kernel.errors import DomainError

MEDIA_TYPE = "application/problem+json"
PREFIX = "/api"
RETRY_SECONDS = "2"
_CHALLENGE = 'Bearer realm="crm360"'
_KEPT_HEADERS = ("retry-after", "allow")

logger = get_logger(__name__)


def prepare(app: Flask) -> None:
    """Addresses below /api that belong to no view answer like this door; others as whoever maps errors says."""
    elsewhere = app.error_handler_spec[None][None].get(HTTPException)

    def answer(error: HTTPException) -> Any:
        if is_ours(request.path):
            return of_http_error(error)
        return elsewhere(error) if elsewhere else error

    app.register_error_handler(HTTPException, answer)


def is_ours(path: str) -> bool:
    """Whether an address lies behind this door."""
    return path == PREFIX or path.startswith(f"{PREFIX}/")


def problem(
    status: int, detail: str, *, title: str = "", errors: Mapping[str, Sequence[str]] | None = None
) -> Response:
    """The answer to a failure; whatever the visit had begun is undone."""
    db.session.rollback()
    said = {"type": "about:blank", "title": title or HTTPStatus(status).phrase, "status": status, "detail": detail}
    answer = jsonify(said | {"errors": dict(errors or {}), "request_id": g.get("request_id", "")})
    answer.status_code, answer.mimetype = status, MEDIA_TYPE
    if status == HTTPStatus.UNAUTHORIZED:
        invalid = ', error="invalid_token"' if "Authorization" in request.headers else ""
        answer.headers["WWW-Authenticate"] = _CHALLENGE + invalid
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = RETRY_SECONDS
    return answer


def of_domain_error(error: DomainError) -> Response:
    """An anticipated failure: its own words, with its kind's status."""
    return problem(error.status, error.message, title=error.title, errors=error.errors)


def of_http_error(error: HTTPException) -> Response:
    """What the framework refused: unknown address, method, size, media type."""
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    answer = problem(status, error.description or "The request cannot be answered.", title=error.name)
    for name, value in error.get_headers(request.environ):
        if name.lower() in _KEPT_HEADERS:
            answer.headers[name] = value
    return answer


def of_database_error(error: OperationalError) -> Response:
    """The database is away or busy; nothing was kept."""
    logger.error("api database error", request_id=g.get("request_id", ""), exc_info=error)
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, "Not available now; nothing was kept. Please try again.")


def of_unexpected(error: Exception) -> Response:
    """A fault of ours: told in the log, under the number the integrator gets."""
    logger.error("api failure", request_id=g.get("request_id", ""), page=request.endpoint, exc_info=error)
    detail = "Something broke on our side; nothing was kept. The log tells more under the request_id."
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail)

"""What machines are answered: exactly 200 and `success`, or an error some clients only accept with code and message."""

from __future__ import annotations

from flask import Response, jsonify, request
from sqlalchemy.exc import SQLAlchemyError
from structlog import get_logger
from werkzeug.exceptions import HTTPException

from crm360.inbox import refusals
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.kernel.errors import DomainError

logger = get_logger(__name__)

_CODES = {
    400: "invalid_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    422: "not_accepted",
    429: "too_many_requests",
    500: "internal_error",
    503: "unavailable",
}


def success() -> Response:
    """Kept. Some clients resend on any other answer, 202 and 204 too."""
    return jsonify(success=True)


def failure(status: int, message: str) -> Response:
    """An error as every tracking client understands it."""
    answer = jsonify(success=False, code=_CODES.get(status, "error"), message=message)
    answer.status_code = status
    return answer


def _count(status: int, source_id: int | None = None) -> None:
    """Nothing of the request is kept, so it is counted with its reason, for the source it named too. Who comes too often
    will come again."""
    if request.method == "POST" and 400 <= status < 500 and status != 429:
        door = f"POST /{request.path.split('/')[1][:20]}"
        refusals.count(door=door, code=_CODES.get(status, "error"), now=clock.now())
        if source_id is not None:
            refusals.count(door=refusals.of(source_id), code=_CODES.get(status, "error"), now=clock.now())


def answer_domain_error(error: DomainError) -> Response:
    db.session.rollback()
    _count(error.status, getattr(error, "source_id", None))
    return failure(error.status, error.message)


def answer_http_error(error: HTTPException) -> Response:
    db.session.rollback()
    _count(error.code or 500)
    answer = failure(error.code or 500, error.description or "The request cannot be answered.")
    for name, value in error.get_headers(request.environ):
        if name.lower() in ("retry-after", "allow"):
            answer.headers[name] = value
    return answer


def answer_database_error(error: SQLAlchemyError) -> Response:
    """Nothing was kept, so the sender must come again."""
    db.session.rollback()
    logger.error("intake database error", exc_info=error)
    answer = failure(503, "Not kept; please send again.")
    answer.headers["Retry-After"] = "2"
    return answer


def answer_unexpected(error: Exception) -> Response:
    db.session.rollback()
    logger.error("intake failure", exc_info=error)
    return failure(500, "Not kept; please send again.")

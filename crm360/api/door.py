"""The blueprint every call hangs on: how bodies and parameters are read, and what every answer carries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, NoReturn

import marshmallow as ma
from flask import Request, Response, request
from flask_smorest import Blueprint
from webargs.core import missing
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import UnsupportedMediaType

from crm360.kernel.errors import Invalid
from crm360.sources import json_fields
from crm360.sources.base import Unreadable

MAX_BODY_BYTES = 4 * 1024 * 1024


class BodyUnreadable(Invalid):
    """The body is no JSON object."""

    status, title = 400, "Bad Request"


class NotAccepted(Invalid):
    """Fields of the body or parameters of the address cannot be accepted."""

    title = "Unprocessable Content"


class Parser(FlaskParser):
    """Refuses what it does not know, in the address too: a mistyped parameter must not pass for a wish fulfilled."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": ma.RAISE}  # noqa: RUF012

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        return body_of(req) if req.get_data(cache=True) else missing

    def handle_error(self, error: ma.ValidationError, *_args: Any, **_kwargs: Any) -> NoReturn:
        told = dict(_flat(next(iter(error.normalized_messages().values()), {})))
        raise NotAccepted("Some fields cannot be accepted; `errors` says which and why.", errors=told)


class Door(Blueprint):
    """A blueprint whose calls are documented, strict, and fail in one shape."""

    ARGUMENTS_PARSER = Parser()


door = Door("api", __name__, url_prefix="/api/v1")


def body_of(req: Request) -> dict[str, Any]:
    """The body as one JSON object without what no database stores. Raises BodyUnreadable."""
    try:
        return json_fields.load(req.get_data(cache=True))
    except Unreadable as error:
        raise BodyUnreadable(str(error)) from None


def failing(*statuses: HTTPStatus) -> Any:
    """Document the problems a view may answer with."""

    def decorate(view: Any) -> Any:
        for status in statuses:
            view = door.alt_response(status, response=status.name)(view)
        return view

    return decorate


@door.before_request
def refuse_other_media() -> None:
    """Bodies are JSON and of a size a reader survives."""
    request.max_content_length = MAX_BODY_BYTES
    if request.method == "POST" and request.get_data(cache=True) and not request.is_json:
        raise UnsupportedMediaType("Send the body as application/json.")


@door.after_request
def keep_out_of_caches(response: Response) -> Response:
    """Answers hold personal data."""
    response.headers["Cache-Control"] = "no-store"
    return response


def _flat(messages: Any, path: str = "") -> Iterator[tuple[str, list[str]]]:
    """Nested messages as ("events.0.type", ["…"])."""
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            yield from _flat(inner, f"{path}.{name}".strip(".") if name != "_schema" else path)
    else:
        yield path or "body", [str(text) for text in (messages if isinstance(messages, list) else [messages])]

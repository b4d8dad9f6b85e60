"""The five kinds of anticipated failure. A room subclasses beside the function that raises; a door maps kinds once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class DomainError(Exception):
    """An anticipated failure with a message fit for the person who caused it."""

    status = 500
    title = "Error"

    def __init__(self, message: str, *, errors: Mapping[str, Sequence[str]] | None = None):
        super().__init__(message)
        self.message = message
        self.errors = {name: list(texts) for name, texts in (errors or {}).items()}


class NotFound(DomainError):
    status, title = 404, "Not found"


class Invalid(DomainError):
    """The input cannot be accepted; `errors` says which fields and why."""

    status, title = 422, "Not accepted"


class Conflict(DomainError):
    status, title = 409, "Conflict"


class Forbidden(DomainError):
    status, title = 403, "Not allowed"


class Unavailable(DomainError):
    status, title = 503, "Not available now"

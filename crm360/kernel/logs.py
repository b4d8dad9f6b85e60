"""One way of logging: a line per event to stderr, key=value pairs or JSON. Never a customer's data, only ids and counts."""

from __future__ import annotations

import logging
import sys
from typing import TextIO

import structlog
from structlog.typing import Processor

from crm360.kernel import faults

#: Failures are told without their messages (see `faults`), wherever a library or we log one.
_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.ExceptionRenderer(faults.as_text),
)
_ORDER = ["timestamp", "level", "logger", "event"]
#: How a line is written, by LOG_FORMAT.
RENDERERS: dict[str, Processor] = {
    "text": structlog.processors.KeyValueRenderer(key_order=_ORDER),
    "json": structlog.processors.JSONRenderer(ensure_ascii=False),
}
#: The logger whose level the operator chooses. Libraries tell from warnings on: what they say in detail is what passes
#: through them, which is customers' data.
OURS = "crm360"


class ToStderr(logging.StreamHandler[TextIO]):
    """Writes to what stderr is when a line is written, not what it was when the process began."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


def _is_told(record: logging.LogRecord) -> bool:
    """A library's details (addresses asked for, statements) name people; some set a level of their own to tell them."""
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] == OURS


def configure(level: str, form: str = "text") -> None:
    """Send every logger's lines of at least `level` (debug, info, warning, error) to stderr, as `form` says.

    Calling again is harmless.
    """
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = ToStderr()
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, RENDERERS[form]],
    )
    handler.setFormatter(formatter)
    handler.set_name(OURS)
    handler.addFilter(_is_told)
    root = logging.getLogger()
    root.handlers = [kept for kept in root.handlers if kept.get_name() != OURS] + [handler]
    root.setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level.upper()]))
    logging.getLogger(OURS).setLevel(level.upper())

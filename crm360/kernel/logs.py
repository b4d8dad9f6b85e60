"""One way of logging: a line of key=value pairs to stderr. Never a customer's data, only ids and counts."""

from __future__ import annotations

import logging
import sys

import structlog

_SHARED = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
)


def configure(level: str) -> None:
    """Send every logger's lines of at least `level` (debug, info, warning, error) to stderr. Calling again is harmless."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    renderer = structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "logger", "event"])
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
    )
    handler.setFormatter(formatter)
    handler.set_name("crm360")
    root = logging.getLogger()
    root.handlers = [kept for kept in root.handlers if kept.get_name() != "crm360"] + [handler]
    root.setLevel(level.upper())
    for chatty in ("apscheduler", "sqlalchemy", "alembic", "werkzeug", "weasyprint", "fontTools"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))

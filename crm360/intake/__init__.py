"""The machines' door: tracking calls and webhooks, checked by write key or signature."""

from __future__ import annotations

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from crm360.intake import answers, browser, cors, health, hooks, pixel, shared_counts, site, tracking
from crm360.kernel.errors import DomainError

BLUEPRINTS = (tracking.blueprint, browser.blueprint, pixel.blueprint, site.blueprint, hooks.blueprint)
for _blueprint in BLUEPRINTS:  # once, not per application
    _blueprint.register_error_handler(DomainError, answers.answer_domain_error)
    _blueprint.register_error_handler(HTTPException, answers.answer_http_error)
    _blueprint.register_error_handler(SQLAlchemyError, answers.answer_database_error)
    _blueprint.register_error_handler(Exception, answers.answer_unexpected)


def register(app: Flask) -> None:
    """Open the door on `app`: routes, the shape of errors, CORS, and the rate limit when one is set."""
    limiter = _limiter(app)
    for blueprint in BLUEPRINTS:
        if limiter is not None:
            limiter.limit(app.config["SETTINGS"].intake_limit, exempt_when=cors.is_preflight)(blueprint)
        app.register_blueprint(blueprint)
    app.register_blueprint(health.blueprint)
    app.after_request(cors.allow_any_origin)


def _limiter(app: Flask) -> Limiter | None:
    if not app.config["SETTINGS"].intake_limit:
        return None
    counts = f"{shared_counts.SharedCounts.STORAGE_SCHEME[0]}://{app.config['SETTINGS'].instance_dir}/intake-limits"
    limiter = Limiter(get_remote_address, storage_uri=counts, headers_enabled=True)
    limiter.init_app(app)
    return limiter

"""The integrators' door: REST behind an API key."""

from __future__ import annotations

from flask import Flask
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from crm360.api import (
    campaigns,
    consent_decisions,
    decisions,
    docs,
    groups,
    identity,
    ingestion,
    matching_models,
    opendsr,
    passings,
    problems,
    product_reviews,
    profiles,
    regulations,
    reviews,
    rules,
    segments,
    surveys,
    webhooks,
)
from crm360.api.door import door
from crm360.kernel.errors import DomainError

__all__ = ["register"]

VIEWS = (
    profiles,
    groups,
    identity,
    reviews,
    decisions,
    rules,
    matching_models,
    ingestion,
    webhooks,
    campaigns,
    product_reviews,
    surveys,
    segments,
    consent_decisions,
    passings,
    opendsr,
    regulations,
)
for _blueprint in (door, docs.blueprint):  # once, not per application
    _blueprint.register_error_handler(DomainError, problems.of_domain_error)
    _blueprint.register_error_handler(HTTPException, problems.of_http_error)
    _blueprint.register_error_handler(OperationalError, problems.of_database_error)
    _blueprint.register_error_handler(Exception, problems.of_unexpected)


def register(app: Flask) -> None:
    """Open the door on `app`: routes, their document, and problems for addresses below /api that nobody answers."""
    app.register_blueprint(door)
    app.register_blueprint(docs.blueprint)
    problems.prepare(app)

"""Whether the house is well, for load balancers and monitors: counts and ages, nothing about a customer."""

from __future__ import annotations

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from crm360.inbox import queries as inbox
from crm360.intake.policy import public
from crm360.kernel import clock, heartbeat
from crm360.kernel.db import db

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """200 while the database answers, else 503. `worker_seconds`: since the worker's last sign of life, or null."""
    beat = heartbeat.age(current_app.config["SETTINGS"].instance_dir, now=clock.now())
    worker = {"worker": heartbeat.state(beat), "worker_seconds": beat}
    try:
        counts = inbox.counts()
    except SQLAlchemyError:
        db.session.rollback()
        return jsonify(status="unavailable", database="unreachable", **worker), 503
    inbox_now = {"inbox_waiting": counts.waiting, "quarantined": counts.quarantined}
    return jsonify(status="ok", database="ok", **worker, **inbox_now)

"""Whether the house is well, for load balancers and monitors: counts and ages, nothing about a customer."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from crm360.inbox import queries as inbox
from crm360.intake import vitals
from crm360.intake.policy import public, signed_by
from crm360.kernel import clock, heartbeat, metering, schema
from crm360.kernel.db import db

blueprint = Blueprint("health", __name__)


@blueprint.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """200 while visits can be sent here: the database answers and has the schema this version needs; else 503."""
    try:
        ready = schema.is_current(db.session.connection())
    except SQLAlchemyError:
        db.session.rollback()
        return jsonify(status="unavailable", database="unreachable"), 503
    if not ready:
        return jsonify(status="unavailable", database="ok", schema="behind"), 503
    return jsonify(status="ready", database="ok", schema="current")


@blueprint.get("/metrics")
@signed_by("token")
def metrics() -> ResponseReturnValue:
    """Counts and durations as Prometheus reads them, for who sends METRICS_TOKEN; without the setting there are none."""
    token = current_app.config["SETTINGS"].metrics_token
    if not token:
        return jsonify(status="not measured", setting="METRICS_TOKEN"), 404
    shown = request.authorization
    if shown is None or shown.type != "bearer" or not hmac.compare_digest((shown.token or "").encode(), token.encode()):
        return jsonify(status="unauthorized"), 401, {"WWW-Authenticate": 'Bearer realm="crm360 metrics"'}
    now = vitals.gauges(instance=current_app.config["SETTINGS"].instance_dir, now=clock.now())
    text, media_type = metering.exposition(now)
    return Response(text, content_type=media_type)


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

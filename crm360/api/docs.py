"""The document of this door for machines, and the same document as a page for people."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify, render_template

from crm360.api import openapi, reference
from crm360.api.policy import public

blueprint = Blueprint("api_docs", __name__, url_prefix="/api/v1")


@blueprint.get("/openapi.json")
@public
def openapi_document() -> Response:
    return jsonify(openapi.document())


@blueprint.get("/docs")
@public
def page() -> str:
    document = openapi.document()
    address = current_app.config["SETTINGS"].public_url
    return render_template("api/docs.html", **reference.of(document, address=address))

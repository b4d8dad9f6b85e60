"""Browsers of any site may post events: every answer of the tracking door says so, errors and preflights too."""

from __future__ import annotations

from flask import Response, request

#: Everything a browser on another site asks of this door.
PREFIXES = (
    "/v1/", "/beacon/v1/", "/pixel/v1/", "/sourceConfig", "/api/s/", "/analytics.js/", "/analytics-next/", "/p.js",
    "/site.js", "/site/",
)  # fmt: skip
_MAX_AGE_SECONDS = "900"


def is_preflight() -> bool:
    """Whether a browser only asks if it may send."""
    return request.method == "OPTIONS"


def allow_any_origin(response: Response) -> Response:
    """Add the CORS headers to an answer of the tracking door."""
    if not request.path.startswith(PREFIXES):
        return response
    origin = request.headers.get("Origin")
    response.headers["Access-Control-Allow-Origin"] = origin or "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if origin:
        response.headers["Access-Control-Allow-Credentials"] = "true"
        response.headers.add("Vary", "Origin")
    if is_preflight():
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
        asked = request.headers.get("Access-Control-Request-Headers")
        response.headers["Access-Control-Allow-Headers"] = asked or "Authorization, Content-Type"
        response.headers["Access-Control-Max-Age"] = _MAX_AGE_SECONDS
    return response

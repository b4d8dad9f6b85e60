"""Security headers: what a browser may load, frame and remember of our pages."""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, request

POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def prepare(app: Flask) -> None:
    """Every answer gets the headers; a door may set its own first."""
    app.after_request(protect)
    app.context_processor(lambda: {"csp_nonce": nonce})


def nonce() -> str:
    """One unguessable word per request that marks our own scripts."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def protect(response: Response) -> Response:
    """Add what is missing. Pages hold personal data, so no cache keeps them."""
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", POLICY.format(nonce=nonce()))
    if request.blueprint == "web":
        response.headers["Cache-Control"] = "no-store"
        response.vary.update(["Cookie", "HX-Request", "Accept-Language"])
    return response

"""Addresses of style sheets, scripts and icons that change when the file does, so browsers may keep them."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, Response, current_app, g, request, url_for

STYLES = (
    "tokens", "reset", "base", "layout", "controls", "blocks", "search", "signin", "customer", "timeline", "compare", "drawn", "pins", "identity", "sources", "imports", "insights", "sales", "segments", "lists",
    "outreach", "privacy", "cases", "upkeep", "utilities", "print",
)  # fmt: skip
#: What the pages for customers need; nothing of the staff's desk.
PUBLIC_STYLES = ("tokens", "reset", "base", "controls", "public")
YEAR = 365 * 24 * 3600


def prepare(app: Flask) -> None:
    """Templates find files by `asset(path)`; the style sheets in their order by `styles`."""
    app.jinja_env.globals.update(asset=asset, styles=STYLES, public_styles=PUBLIC_STYLES)
    app.after_request(let_browsers_keep)


def asset(path: str) -> str:
    """The address of a static file with its version. `path` is relative to the static folder.

    Made once a visit: a list names its file of icons two hundred times.
    """
    known: dict[str, str] = g.setdefault("assets", {})
    if path not in known:
        file = Path(current_app.static_folder or "") / path
        known[path] = url_for("static", filename=path, v=f"{file.stat().st_mtime_ns:x}" if file.exists() else None)
    return known[path]


def let_browsers_keep(response: Response) -> Response:
    """A versioned file never changes."""
    if request.endpoint == "static" and "v" in request.args and response.status_code == 200:
        response.cache_control.public = True
        response.cache_control.max_age = YEAR
        response.cache_control.immutable = True
        response.cache_control.no_cache = None
    return response

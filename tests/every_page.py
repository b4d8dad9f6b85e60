"""Every page that can be reached by links: who signs in, follows them as a visitor would, and meets each route once.

`Pages` knows the routes of an application; whoever walks gives it the addresses a page links to and gets back the ones of
routes not met yet. What no link leads to shows at the end (`unmet`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

#: Addresses of one route with different questions (`?show=cart`) that are looked at.
VARIANTS = 1


@dataclass
class Pages:
    """The routes of the staff's door, what was met of them and what is still to be looked at."""

    app: Flask
    blueprint: str = "web"
    waiting: deque[str] = field(default_factory=deque)
    met: dict[str, list[str]] = field(default_factory=dict)

    def note(self, addresses: Iterable[str], *, base: str = "/") -> None:
        """Remember those of `addresses` (as written on the page `base`) whose route was met less than `VARIANTS` times."""
        for address in addresses:
            parts = urlsplit(urljoin(base, address))
            endpoint = "" if parts.netloc else self.endpoint(parts.path)
            if not endpoint.startswith(f"{self.blueprint}."):
                continue
            known = self.met.setdefault(endpoint, [])
            whole = parts.path + (f"?{parts.query}" if parts.query else "")
            if len(known) < VARIANTS and whole not in known:
                known.append(whole)
                self.waiting.append(whole)

    def endpoint(self, path: str) -> str:
        """The endpoint that answers a GET of `path`; empty when none does."""
        try:
            return str(self.app.url_map.bind("").match(path, method="GET")[0])
        except HTTPException:
            return ""

    def unmet(self) -> list[str]:
        """Endpoints that answer a GET and that no link led to."""
        rules: Iterable[Rule] = self.app.url_map.iter_rules()
        own = {
            rule.endpoint
            for rule in rules
            if rule.endpoint.startswith(f"{self.blueprint}.") and "GET" in (rule.methods or ())
        }
        return sorted(own - set(self.met))


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        for name in ("href", "hx-get", "src", "data-graph", "data-href"):
            if value := given.get(name):
                self.found.append(value)


def links(html: str) -> list[str]:
    """Every address a page refers to, parts that come later included."""
    parser = _Links()
    parser.feed(html)
    return parser.found

"""Every page that can be reached by links: a visitor follows them and meets each route once; what no link leads to shows."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.test import TestResponse


@dataclass
class Pages:
    """The routes of the staff's door, and the endpoints met of them."""

    app: Flask
    blueprint: str = "web"
    met: set[str] = field(default_factory=set)

    def walk(self, client: FlaskClient) -> Iterator[tuple[str, TestResponse]]:
        """Each page with its address, from the desk on, as the signed-in `client` gets it."""
        waiting = deque(self._new(["/"], base="/"))
        while waiting:
            address = waiting.popleft()
            answer = client.get(address)
            yield address, answer
            if answer.location and self.endpoint(urlsplit(answer.location).path).startswith(f"{self.blueprint}."):
                waiting.append(answer.location)
            elif answer.mimetype == "text/html":
                waiting.extend(self._new(links(answer.get_data(as_text=True)), base=address))

    def _new(self, addresses: Iterable[str], *, base: str) -> Iterator[str]:
        """Those of `addresses` (as written on the page `base`) whose route was not met yet."""
        for address in addresses:
            parts = urlsplit(urljoin(base, address))
            endpoint = "" if parts.netloc else self.endpoint(parts.path)
            if endpoint.startswith(f"{self.blueprint}.") and endpoint not in self.met:
                self.met.add(endpoint)
                yield parts.path + (f"?{parts.query}" if parts.query else "")

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
        return sorted(own - self.met)


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        for name in ("href", "hx-get", "src"):
            if value := given.get(name):
                self.found.append(value)


def links(html: str) -> list[str]:
    """Every address a page refers to, parts that come later included."""
    parser = _Links()
    parser.feed(html)
    return parser.found

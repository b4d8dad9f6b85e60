"""Speaking HTTP to addresses that people type in: guarded, bounded, and told apart how it failed.

The host is resolved once, every address is checked, and the connection goes to the very address that was checked, so
a name that answers differently the second time (DNS rebinding) gains nothing. Redirects are never followed: the
caller sees the 3xx. Only doors speak; a room imports nothing of this.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

import certifi
from urllib3 import exceptions
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import BaseHTTPResponse
from urllib3.util import Url, parse_url

from crm360.kernel import addresses

Symbol = Literal["bad_url", "dns_failed", "refused_address", "timeout", "tls_failed", "connection_failed", "too_large"]

_CHUNK = 65_536
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to send. `url` is absolute, http or https; the host header is made from it."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What came back, whatever its status. Names of headers are lower case; `elapsed` counts seconds."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    elapsed: float
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how much: seconds per step and in total, bytes of the (decompressed) body.

    With `cut` a body beyond `largest` is cut there; without it the answer is refused as `too_large`.
    """

    connect: float = 5.0
    read: float = 10.0
    total: float = 30.0
    largest: int = 10_000_000
    cut: bool = False


class Failed(Exception):
    """No usable answer; `symbol` says which way it failed, in a word that may be stored, counted and translated."""

    def __init__(self, symbol: Symbol, detail: str = ""):
        super().__init__(f"{symbol}: {detail}" if detail else symbol)
        self.symbol: Symbol = symbol
        self.detail = detail
        self.elapsed = 0.0


class Client:
    """Speaks to public addresses, and to private ones only inside the `private_targets` an operator listed."""

    def __init__(self, *, private_targets: Sequence[addresses.Network] = (), ca_file: str | None = None):
        self.private_targets = tuple(private_targets)
        self._tls = ssl.create_default_context()
        self._tls.load_verify_locations(ca_file or certifi.where())

    def send(self, request: Request, limits: Limits | None = None) -> Response:
        """Send and read the whole answer. Raises Failed."""
        limits = limits or Limits()
        started = time.monotonic()
        try:
            with _Watch(limits.total) as watch, _explained(watch):
                url = _target(request.url)
                with (
                    closing(self._connected(url, self._permitted(url, limits), limits, watch)) as connection,
                    closing(_exchange(connection, request, url, limits)) as answer,
                ):
                    body, cut = _body(answer, limits)
        except Failed as failure:
            failure.elapsed = time.monotonic() - started
            raise
        elapsed = time.monotonic() - started
        return Response(status=answer.status, headers=_lower(answer.headers), body=body, cut=cut, elapsed=elapsed)

    def _permitted(self, url: Url, limits: Limits) -> list[str]:
        """Addresses of the host that may be spoken to."""
        found = addresses.resolve(str(url.host), within=limits.total)
        permitted = [address for address in found if addresses.is_permitted(address, self.private_targets)]
        if not permitted:
            raise Failed("refused_address", f"{url.host} is {', '.join(found)}")
        return permitted

    def _connected(self, url: Url, permitted: Sequence[str], limits: Limits, watch: _Watch) -> HTTPConnection:
        """A connection to the first address that takes one. TLS is checked against the name, not the address."""
        last: Exception = OSError("no address")
        for address in permitted:
            connection = self._connection(url, address, limits, watch)
            try:
                connection.connect()
            except (OSError, exceptions.HTTPError) as error:
                connection.close()
                if watch.rang or isinstance(error, ssl.SSLError):
                    raise
                last = error
            else:
                return connection
        raise last

    def _connection(self, url: Url, address: str, limits: Limits, watch: _Watch) -> HTTPConnection:
        host, port = str(url.host), url.port or _PORTS[str(url.scheme)]
        if url.scheme == "http":
            made = _Pinned(host, port, timeout=limits.connect)
        else:
            made = _PinnedTls(host, port, timeout=limits.connect, ssl_context=self._tls)
        made.address, made.watch = address, watch
        return made


class _Pinned(HTTPConnection):
    """A connection that goes to one checked address, under a watch from its first moment."""

    address: str
    watch: _Watch

    def _new_conn(self) -> socket.socket:
        made = socket.create_connection((self.address, self.port), float(self.timeout or 0))
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.watch.over(made)
        return made


class _PinnedTls(_Pinned, HTTPSConnection):
    """The same with TLS on top, checked against the host's name."""


class _Watch:
    """Shuts the connection when time is up: a socket's own timeout starts anew with every byte that drips in."""

    def __init__(self, seconds: float):
        self.rang = False
        self._twin: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._ring)
        self._timer.daemon = True

    def __enter__(self) -> _Watch:
        self._timer.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._timer.cancel()
        with self._lock:
            self._forget()

    def over(self, made: socket.socket) -> None:
        """Watch this connection. TLS takes the socket's handle over; a twin of it reaches the same connection."""
        with self._lock:
            if self.rang:
                raise TimeoutError
            self._forget()
            self._twin = made.dup()

    def _ring(self) -> None:
        with self._lock:
            self.rang = True
            if self._twin is not None:
                with suppress(OSError):  # the other side closed it first
                    self._twin.shutdown(socket.SHUT_RDWR)

    def _forget(self) -> None:
        if self._twin is not None:
            self._twin.close()
            self._twin = None


@contextmanager
def _explained(watch: _Watch) -> Iterator[None]:
    """Whatever goes wrong inside leaves as Failed."""
    try:
        yield
    except Failed:
        raise
    except addresses.NoAddress as error:
        raise Failed("dns_failed", str(error)) from None
    except (OSError, ValueError, http.client.HTTPException, exceptions.HTTPError) as error:
        raise Failed("timeout" if watch.rang else _symbol(error), str(error)) from error
    if watch.rang:
        raise Failed("timeout", "the answer came to its end only because it was cut off")


def _symbol(error: Exception) -> Symbol:
    if isinstance(error, TimeoutError | exceptions.TimeoutError):
        return "timeout"
    if isinstance(error, ssl.SSLError | exceptions.SSLError):
        return "tls_failed"
    return "connection_failed"


def _target(text: str) -> Url:
    try:
        url = parse_url(text)
    except exceptions.LocationParseError:
        raise Failed("bad_url") from None
    if url.scheme not in _PORTS or not url.host or url.auth is not None:
        raise Failed("bad_url")
    return url


def _exchange(connection: HTTPConnection, request: Request, url: Url, limits: Limits) -> BaseHTTPResponse:
    """Say the request and hear the head of the answer."""
    connection.timeout = limits.read
    connection.sock.settimeout(limits.read)
    headers = {"user-agent": "crm360", **_lower(request.headers)}
    connection.request(request.method, url.request_uri, request.body or None, headers, preload_content=False)
    return connection.getresponse()


def _body(answer: BaseHTTPResponse, limits: Limits) -> tuple[bytes, bool]:
    """The decompressed body as far as it may go, and whether it was cut there."""
    body = bytearray()
    for chunk in answer.stream(_CHUNK, decode_content=True):
        body += chunk
        if len(body) > limits.largest:
            if not limits.cut:
                raise Failed("too_large", f"more than {limits.largest} bytes")
            return bytes(body[: limits.largest]), True
    return bytes(body), False


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}

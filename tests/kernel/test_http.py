"""The guarded client against real servers: what it reaches, what it refuses, how it says that it failed."""

from __future__ import annotations

import gzip
import ipaddress
import socket
import ssl
import time
from pathlib import Path

import pytest
import trustme

from crm360.kernel import addresses, http
from tests import peers
from tests.peers import Answer

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128")]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[trustme.CA, str]:
    """A certificate authority and the file its certificate lies in."""
    made = trustme.CA()
    file = tmp_path_factory.mktemp("authority") / "ca.pem"
    made.cert_pem.write_to_path(str(file))
    return made, str(file)


def tls(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    """What a server of these names shows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def get(url: str, *, limits: http.Limits | None = None, client: http.Client | None = None) -> http.Response:
    return (client or http.Client(private_targets=LOOPBACK)).send(http.Request(method="GET", url=url), limits)


def symbol(url: str, *, limits: http.Limits | None = None, client: http.Client | None = None) -> str:
    """The word for how it failed."""
    with pytest.raises(http.Failed) as failed:
        get(url, limits=limits, client=client)
    assert failed.value.elapsed >= 0
    return failed.value.symbol


def test_a_request_arrives_as_it_was_made():
    with peers.listening(Answer(201, {"X-Made": "yes"}, b"done")) as peer:
        request = http.Request(method="POST", url=peer.url + "/a/b?c=%20d", headers={"X-One": "1"}, body=b'{"k":1}')
        answer = http.Client(private_targets=LOOPBACK).send(request)
    (heard,) = peer.heard
    assert (heard.method, heard.path, heard.body, heard.headers["x-one"]) == ("POST", "/a/b?c=%20d", b'{"k":1}', "1")
    assert (heard.headers["host"], heard.headers["user-agent"]) == (peer.url.removeprefix("http://"), "crm360")
    assert (answer.status, answer.headers["x-made"], answer.body, answer.cut) == (201, "yes", b"done", False)
    assert 0 < answer.elapsed < 60


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"])
def test_private_addresses_are_refused_and_nothing_is_sent(host: str):
    with peers.listening(shown=host) as peer:
        assert symbol(peer.url, client=http.Client()) == "refused_address"
    assert peer.heard == []


def test_a_name_is_asked_once_and_the_connection_goes_to_that_answer(monkeypatch: pytest.MonkeyPatch):
    """A name server that answers something else the second time is never asked a second time."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def answers(host: str, *rest: object, **more: object) -> object:
        if host == "shop.example":
            asked.append(host)
            host = "127.0.0.1" if len(asked) == 1 else "169.254.169.254"
        return real(host, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", answers)
    with peers.listening(shown="shop.example") as peer:
        assert get(peer.url).status == 200
    assert asked == ["shop.example"]
    assert peer.heard[0].headers["host"] == peer.url.removeprefix("http://")


def test_of_several_addresses_only_permitted_ones_are_tried(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(addresses, "resolve", lambda host, within: ["10.255.255.1", "::1", "127.0.0.1"])
    with peers.listening(shown="shop.example") as peer:
        assert get(peer.url, client=http.Client(private_targets=LOOPBACK[:1])).status == 200
        assert get(peer.url).status == 200  # nobody listens on ::1 there: the next one is tried


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_told_and_not_followed(status: int):
    with peers.listening(Answer(status, {"Location": "/elsewhere"})) as peer:
        assert get(peer.url).status == status
    assert len(peer.heard) == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.example",
        "ftp://shop.example/",
        "file:///etc/passwd",
        "http://",
        "http:///x",
        "http://a:b@shop.example/",
        "http://[::1",
        "gopher://x/",
    ],
)
def test_what_is_no_address_of_the_web(url: str):
    assert symbol(url) == "bad_url"


def test_names_nobody_has():
    assert symbol("http://nobody.invalid/") == "dns_failed"


def test_where_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert symbol(f"http://127.0.0.1:{port}/") == "connection_failed"


def test_a_server_that_hangs_up():
    with peers.listening(Answer(None)) as peer:
        assert symbol(peer.url) == "connection_failed"


def test_a_server_that_does_not_speak_http():
    with peers.dripping(b"SSH-2.0-nothing\r\n\r\n", every=5) as place:
        assert symbol(f"http://{place}/") == "connection_failed"


def test_a_silent_server_times_out():
    with peers.dripping(b"", every=5) as place:
        assert symbol(f"http://{place}/", limits=http.Limits(read=0.2)) == "timeout"


HEADS = {
    "the head": b"HTTP/1.1 200 OK\r\nX-Slow: ",
    "the body": b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n",
    "a body without a length": b"HTTP/1.0 200 OK\r\n\r\n",
}


@pytest.mark.parametrize("part", HEADS)
def test_a_server_that_drips_is_cut_off(part: str):
    started = time.monotonic()
    with peers.dripping(HEADS[part], every=0.05) as place:
        assert symbol(f"http://{place}/", limits=http.Limits(read=5, total=0.4)) == "timeout"
    assert time.monotonic() - started < 60  # it would drip for hours


def test_a_handshake_that_drips_is_cut_off():
    with peers.dripping(b"\x16\x03\x03\x40\x00", every=0.05) as place:
        assert symbol(f"https://{place}/", limits=http.Limits(connect=5, total=0.4)) == "timeout"


@pytest.mark.parametrize("compressed", [False, True])
def test_answers_are_capped_after_unpacking(compressed: bool):
    body = b"a" * 300_000
    said = Answer(200, {"Content-Encoding": "gzip"}, gzip.compress(body)) if compressed else Answer(200, {}, body)
    with peers.listening(said) as peer:
        assert get(peer.url).body == body
        assert symbol(peer.url, limits=http.Limits(largest=100_000)) == "too_large"
        cut = get(peer.url, limits=http.Limits(largest=100_000, cut=True))
        assert (cut.status, len(cut.body), cut.cut) == (200, 100_000, True)


def test_tls_is_checked_against_the_name(authority: tuple[trustme.CA, str]):
    trusted, file = authority
    ours = http.Client(private_targets=LOOPBACK, ca_file=file)
    with peers.listening(tls=tls(trusted, "localhost"), shown="localhost") as peer:
        assert get(peer.url, client=ours).status == 200
        assert symbol(peer.url) == "tls_failed"  # an authority the machine does not know
        assert symbol(peer.url.replace("localhost", "127.0.0.1"), client=ours) == "tls_failed"  # another name
    with peers.listening(tls=tls(trusted, "127.0.0.1")) as peer:
        assert get(peer.url, client=ours).status == 200


def test_plain_http_on_the_other_side(authority: tuple[trustme.CA, str]):
    with peers.listening() as peer:
        assert symbol(peer.url.replace("http:", "https:")) == "tls_failed"


def test_the_environment_has_no_say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """A proxy would resolve the name again, behind our back."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with peers.listening() as peer:
        assert get(peer.url).status == 200

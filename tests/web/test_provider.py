"""The company's provider as we see it: what is sent to it, and what is not believed of what comes back."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from crm360.kernel import http
from crm360.web import provider
from crm360.web.provider import Asked, NotProved, NotReached, Provider
from tests import peers
from tests.peers import Answer, Peer

ASKED = Asked("state", "nonce", "v" * 43)
BACK = "https://crm.example/sign-in/provider/return"
KEY = ECKey.generate_key("P-256", {"kid": "one", "use": "sig"})
OTHER = ECKey.generate_key("P-256", {"kid": "two", "use": "sig"})


@dataclass
class Settings:
    oidc_issuer: str
    oidc_client_id: str = "crm"
    oidc_client_secret: str = "s3cret:/"
    oidc_scopes: str = "openid email"


def said(document: Any, status: int = 200) -> Answer:
    return Answer(status, {"content-type": "application/json"}, json.dumps(document).encode())


def claims(issuer: str, **other: Any) -> dict[str, Any]:
    now = int(time.time())
    return {"iss": issuer, "sub": "7", "aud": "crm", "exp": now + 300, "iat": now, "nonce": "nonce"} | other


def signed(found: dict[str, Any], key: Any = KEY, algorithm: str = "ES256") -> str:
    return jwt.encode({"alg": algorithm, "kid": key.kid}, found, key, algorithms=[algorithm])


@contextmanager
def answering(make: Callable[[str], Any], *, keys: Any = (KEY,), **metadata: Any) -> Iterator[tuple[Provider, Peer]]:
    """A provider that says its metadata, then what `make(issuer)` gives for a code, then its keys."""
    with peers.listening(Answer(500)) as peer:
        issuer = peer.url.rstrip("/")
        told = {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/go?x=1",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/keys",
        } | metadata
        listed = {"keys": [key.as_dict(private=False) for key in keys]}
        peer.answers[:] = [said(told), make(issuer), said(listed)]
        client = http.Client(private_targets=[ip_network("127.0.0.0/8")])
        yield Provider(Settings(issuer), client), peer


def test_what_is_asked_and_what_is_sent_for_the_code() -> None:
    with answering(lambda issuer: said({"id_token": signed(claims(issuer)), "access_token": "a"})) as (there, peer):
        address = there.address(ASKED, back=BACK)
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert query == {
            "x": "1", "response_type": "code", "client_id": "crm", "redirect_uri": BACK, "scope": "openid email", "state": "state", "nonce": "nonce",
            "code_challenge": create_s256_code_challenge(ASKED.verifier), "code_challenge_method": "S256",
        }  # fmt: skip
        assert there.claims("c0de", ASKED, back=BACK, now=time.time())["sub"] == "7"
        form = parse_qs(peer.heard[1].body.decode())
        assert form == {
            "grant_type": ["authorization_code"],
            "code": ["c0de"],
            "redirect_uri": [BACK],
            "code_verifier": [ASKED.verifier],
        }
        assert peer.heard[1].headers["authorization"] == "Basic Y3JtOnMzY3JldCUzQSUyRg=="
        assert [each.path for each in peer.heard] == ["/.well-known/openid-configuration", "/token", "/keys"]


def test_where_only_the_body_is_taken_the_secret_goes_there() -> None:
    with answering(
        lambda issuer: said({"id_token": signed(claims(issuer))}),
        token_endpoint_auth_methods_supported=["client_secret_post"],
    ) as (there, peer):
        there.claims("c0de", ASKED, back=BACK, now=time.time())
        form = parse_qs(peer.heard[1].body.decode())
        assert (form["client_id"], form["client_secret"], peer.heard[1].headers["authorization"]) == (
            ["crm"],
            ["s3cret:/"],
            None,
        )


def test_to_be_asked_again_there() -> None:
    with answering(lambda issuer: said({})) as (there, _peer):
        query = parse_qs(urlsplit(there.address(ASKED, back=BACK, again=True)).query)
        assert (query["prompt"], query["max_age"]) == (["login"], ["0"])


FORGED: dict[str, Callable[[str], str]] = {
    "another issuer": lambda issuer: signed(claims(f"{issuer}/other")),
    "another audience": lambda issuer: signed(claims(issuer, aud="shop")),
    "several audiences, made for another": lambda issuer: signed(claims(issuer, aud=["crm", "shop"], azp="shop")),
    "another sign-in": lambda issuer: signed(claims(issuer, nonce="other")),
    "no nonce": lambda issuer: signed({name: value for name, value in claims(issuer).items() if name != "nonce"}),
    "run out": lambda issuer: signed(claims(issuer, exp=int(time.time()) - 120)),
    "no end": lambda issuer: signed({name: value for name, value in claims(issuer).items() if name != "exp"}),
    "not yet": lambda issuer: signed(claims(issuer, nbf=int(time.time()) + 600)),
    "nobody": lambda issuer: signed({name: value for name, value in claims(issuer).items() if name != "sub"}),
    "a stranger's key": lambda issuer: signed(claims(issuer), OTHER),
    "our secret as a key": lambda issuer: signed(
        claims(issuer), OctKey.import_key("s3cret:/", {"kid": "one"}), "HS256"
    ),
    "no signature": lambda issuer: signed(claims(issuer)).rpartition(".")[0] + ".",
    "nothing of the kind": lambda _issuer: "token",
    "another access token": lambda issuer: signed(claims(issuer, at_hash="x" * 22)),
}


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("why", FORGED)
def test_what_is_not_believed(why: str) -> None:
    with (
        answering(lambda issuer: said({"id_token": FORGED[why](issuer), "access_token": "a"})) as (there, _peer),
        pytest.raises(NotProved),
    ):
        there.claims("c0de", ASKED, back=BACK, now=time.time())


def test_a_code_that_is_refused_and_an_answer_without_a_token() -> None:
    for answer in (said({"error": "invalid_grant"}, 400), said({"access_token": "a"})):
        with answering(lambda _issuer, answer=answer: answer) as (there, _peer), pytest.raises(NotProved):
            there.claims("c0de", ASKED, back=BACK, now=time.time())


def test_keys_the_provider_changed_are_asked_for_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    rsa = RSAKey.generate_key(2048, {"kid": "new", "use": "sig"})
    with answering(lambda issuer: said({"id_token": signed(claims(issuer))})) as (there, peer):
        there.claims("c0de", ASKED, back=BACK, now=time.time())
        token = said({"id_token": signed(claims(there.settings.oidc_issuer), rsa, "RS256")})
        peer.answers[:] = [token, said({"keys": [rsa.as_dict(private=False)]})]
        with pytest.raises(NotProved):  # just asked for: whoever sends forged tokens makes nobody ask again and again
            there.claims("c0de", ASKED, back=BACK, now=time.time())
        monkeypatch.setattr(provider, "KEYS_AGAIN_SECONDS", 0.0)
        peer.answers[:] = [token, said({"keys": [rsa.as_dict(private=False)]})]
        assert there.claims("c0de", ASKED, back=BACK, now=time.time())["sub"] == "7"


@pytest.mark.parametrize(
    "metadata",
    [{"issuer": "https://other.example"}, {"authorization_endpoint": None}, {"authorization_endpoint": "javascript:alert(1)"}],
    ids=["calls itself otherwise", "tells no address", "tells no web address"],
)  # fmt: skip
def test_a_provider_that_is_none(metadata: dict[str, Any]) -> None:
    with answering(lambda _issuer: said({}), **metadata) as (there, _peer), pytest.raises(NotReached):
        there.address(ASKED, back=BACK)


def test_one_with_tls_sends_nobody_where_there_is_none() -> None:
    there = Provider(Settings("https://id.example"), http.Client())
    there._metadata, there._asked_at = {"authorization_endpoint": "http://id.example/go"}, time.monotonic()
    with pytest.raises(NotReached):
        there.address(ASKED, back=BACK)


def test_private_addresses_are_not_spoken_to_and_a_silent_one_is_not_asked_by_everybody() -> None:
    with peers.listening(Answer(500)) as peer:
        there = Provider(Settings(peer.url.rstrip("/")), http.Client())
        with pytest.raises(NotReached):
            there.address(ASKED, back=BACK)
        there.client = http.Client(private_targets=[ip_network("127.0.0.0/8")])
        with pytest.raises(NotReached):
            there.address(ASKED, back=BACK)
        assert peer.heard == []

"""An OpenID Connect provider as we see it: what it says of itself, where to send people, and who it says came back.

Everything goes through the guarded client of `kernel/http.py`, outside a transaction. Signatures and claims are checked
by authlib and joserfc; only asymmetric signatures count, so nobody who knows our client secret can name a person.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote, urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from structlog import get_logger

from crm360.kernel import http
from crm360.kernel.errors import Forbidden, Unavailable

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
LIMITS = http.Limits(connect=5.0, read=10.0, total=15.0, largest=500_000)
#: What the provider says of itself is asked again after this.
KEPT_SECONDS = 3600.0
#: Keys it has since changed are asked for again, but not by everybody who sends a forged token.
KEYS_AGAIN_SECONDS = 30.0
#: One that did not answer is not asked again at once: each of those who wait holds a process up.
FAILED_SECONDS = 5.0
#: Its clock may differ from ours by so much.
LEEWAY_SECONDS = 60
WELL_KNOWN = "/.well-known/openid-configuration"

log = get_logger(__name__)


class ProviderSettings(Protocol):
    """The settings it is spoken to by."""

    @property
    def oidc_issuer(self) -> str: ...

    @property
    def oidc_client_id(self) -> str: ...

    @property
    def oidc_client_secret(self) -> str: ...

    @property
    def oidc_scopes(self) -> str: ...


class NotReached(Unavailable):
    """The provider does not answer, or not as a provider does."""

    def __init__(self) -> None:
        super().__init__("The sign-in provider cannot be reached at the moment.")


class NotProved(Forbidden):
    """What came back does not prove who it is. `why` is for the audit trail."""

    def __init__(self, why: str) -> None:
        super().__init__("The sign-in provider’s answer could not be verified. Please try again.")
        self.why = why


class Asked(NamedTuple):
    """What one sign-in is known by when it comes back."""

    state: str
    nonce: str
    verifier: str


class Provider:
    """One provider; what it says of itself is kept for an hour."""

    def __init__(self, settings: ProviderSettings, client: http.Client) -> None:
        self.settings, self.client = settings, client
        self._lock = threading.Lock()
        self._metadata: dict[str, Any] = {}
        self._keys = KeySet([])
        self._asked_at = self._keys_at = self._failed_at = float("-inf")

    def address(self, asked: Asked, *, back: str, again: bool = False) -> str:
        """Where to send somebody; `again`: who is signed in there has to prove it anew. Raises NotReached."""
        query = {
            "response_type": "code", "client_id": self.settings.oidc_client_id, "redirect_uri": back, "scope": self.settings.oidc_scopes,
            "state": asked.state, "nonce": asked.nonce, "code_challenge": create_s256_code_challenge(asked.verifier),
            "code_challenge_method": "S256", **({"prompt": "login", "max_age": "0"} if again else {}),
        }  # fmt: skip
        target = self._endpoint("authorization_endpoint")
        return f"{target}{'&' if '?' in target else '?'}{urlencode(query)}"

    def claims(self, code: str, asked: Asked, *, back: str, now: float) -> Mapping[str, Any]:
        """Who came back with `code`, from the verified ID token. Raises NotReached, NotProved."""
        found = self._exchanged(code, asked, back)
        token = found.get("id_token")
        if not isinstance(token, str):
            raise NotProved("no id_token")
        return self._verified(token, asked, str(found.get("access_token") or ""), now)

    def _exchanged(self, code: str, asked: Asked, back: str) -> dict[str, Any]:
        """The code for tokens; the client proves itself in the header, or in the body where only that is taken."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": asked.verifier}
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        who, secret = self.settings.oidc_client_id, self.settings.oidc_client_secret
        ways = self._known().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if secret and "client_secret_basic" in ways:
            pair = f"{quote(who, safe='')}:{quote(secret, safe='')}"
            headers["authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            form |= {"client_id": who} | ({"client_secret": secret} if secret else {})
        answer = self._send("POST", self._endpoint("token_endpoint"), headers, urlencode(form).encode())
        if answer.status in (400, 401, 403):
            raise NotProved(f"the code was refused ({answer.status})")
        return _object(answer)

    def _verified(self, token: str, asked: Asked, access_token: str, now: float) -> Mapping[str, Any]:
        """The claims of an ID token with a right signature, issuer, audience, time and nonce. Raises NotProved."""
        try:
            found = self._decoded(token)
            known = {
                "iss": {"essential": True, "value": self.settings.oidc_issuer},
                "aud": {"essential": True, "value": self.settings.oidc_client_id},
            }
            params = {"nonce": asked.nonce, "client_id": self.settings.oidc_client_id, "access_token": access_token}
            claims = CodeIDToken(found.claims, found.header, known, params)
            claims.validate(now=int(now), leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise NotProved(getattr(error, "error", "") or type(error).__name__) from None
        return dict(found.claims)

    def _decoded(self, token: str) -> jwt.Token:
        """The token, its signature checked; once more with keys asked for anew, for providers change theirs."""
        keys, age = self._known_keys(KEPT_SECONDS)
        try:
            return jwt.decode(token, keys, algorithms=list(ALGORITHMS))
        except (JoseError, ValueError):
            if age < KEYS_AGAIN_SECONDS:
                raise
        return jwt.decode(token, self._known_keys(0.0)[0], algorithms=list(ALGORITHMS))

    def _known_keys(self, kept: float) -> tuple[KeySet, float]:
        """The provider's keys, asked for when those we have are older than `kept` seconds; and their age."""
        with self._lock:
            age = time.monotonic() - self._keys_at
            if age < kept:
                return self._keys, age
        document = _object(self._send("GET", self._endpoint("jwks_uri"), {"accept": "application/json"}))
        try:
            listed = [key for key in document["keys"] if key.get("use", "sig") == "sig" and key.get("kty") != "oct"]
            keys = KeySet.import_key_set({"keys": listed})
        except (JoseError, KeyError, ValueError, TypeError, AttributeError):
            raise NotReached from None
        with self._lock:
            self._keys, self._keys_at = keys, time.monotonic()
        return keys, 0.0

    def _endpoint(self, name: str) -> str:
        """An address the provider tells. One that speaks TLS does not send people or codes to one that does not."""
        found = self._known().get(name)
        if not isinstance(found, str) or not found.startswith(("https://", "http://")):
            raise NotReached
        if self.settings.oidc_issuer.startswith("https://") and not found.startswith("https://"):
            raise NotReached
        return found

    def _known(self) -> dict[str, Any]:
        """What the provider says of itself. It must call itself what we call it."""
        with self._lock:
            if time.monotonic() - self._asked_at < KEPT_SECONDS:
                return self._metadata
        address = self.settings.oidc_issuer.rstrip("/") + WELL_KNOWN
        found = _object(self._send("GET", address, {"accept": "application/json"}))
        if found.get("issuer") != self.settings.oidc_issuer:
            raise NotReached
        with self._lock:
            self._metadata, self._asked_at = found, time.monotonic()
        return found

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> http.Response:
        if time.monotonic() - self._failed_at < FAILED_SECONDS:
            raise NotReached
        try:
            return self.client.send(http.Request(method=method, url=url, headers=headers, body=body), LIMITS)
        except http.Failed as failure:
            self._failed_at = time.monotonic()
            log.warning("sign-in provider not reached", why=failure.symbol)
            raise NotReached from None


def _object(answer: http.Response) -> dict[str, Any]:
    """The JSON object of a good answer. Raises NotReached."""
    try:
        found = json.loads(answer.body) if answer.status == 200 else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise NotReached
    return found

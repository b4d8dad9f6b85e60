"""Who passes requests on, and answers under this installation's signature, which its certificate checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, current_app, jsonify

from crm360.api.policy import key
from crm360.flows import requesting
from crm360.flows.requesting import Caller
from crm360.kernel import certificates


def caller() -> Caller:
    """The key of this call."""
    return Caller(key().name, str(current_app.config["SETTINGS"].phone_region))


def domain() -> str:
    """The host this installation answers under."""
    return requesting.domain(_public_url())


def signed(said: Mapping[str, Any], status: int) -> Response:
    """An answer whose bytes anybody can check against the certificate."""
    answer = jsonify(dict(said))
    answer.status_code = status
    answer.headers.update(requesting.signature(answer.get_data(), public_url=_public_url(), seed=_seed()))
    return answer


def certificate() -> bytes:
    """What checks the signatures, in PEM."""
    return certificates.certificate(domain(), seed=_seed())


def _public_url() -> str:
    return str(current_app.config["SETTINGS"].public_url)


def _seed() -> bytes:
    found: bytes = current_app.config["SETTINGS"].ledger_key
    return found

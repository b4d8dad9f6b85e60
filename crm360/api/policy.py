"""Who may call a view: every view names the permission its API key's role must hold."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import g, request

from crm360.accounts import queries
from crm360.accounts.audit import Actor
from crm360.accounts.models import Key
from crm360.accounts.permissions import GRANTS, allows
from crm360.api.door import door
from crm360.flows import restricted
from crm360.kernel import clock
from crm360.kernel.errors import Forbidden

View = Callable[..., Any]


class Unauthenticated(Forbidden):
    """The request carries no API key, or none that is valid."""

    status, title = 401, "Unauthorized"


class NotPermitted(Forbidden):
    """The key's role lacks a permission."""


def requires(permission: str) -> Callable[[View], View]:
    """Only API keys whose role holds `permission`."""
    if permission not in GRANTS:
        raise KeyError(permission)

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            g.api_key = key = _presented()
            if not allows(key.role, permission):
                raise NotPermitted(f"The role {key.role} of this key lacks the permission {permission}.")
            profile_id = kwargs.get("profile_id")
            if profile_id is not None and request.method not in (
                "GET",
                "HEAD",
            ):  # what is read is checked as it is shown
                desk = allows(key.role, restricted.PERMISSION)
                restricted.check(profile_id, desk=desk, changing=True, now=clock.now())
            return view(*args, **kwargs)

        guarded.policy = f"requires:{permission}"  # type: ignore[attr-defined]
        return door.doc(**{"x-permission": permission})(guarded)

    return decorate


def public(view: View) -> View:
    """Anybody may ask: the answer tells nothing about a customer."""
    view.policy = "public"  # type: ignore[attr-defined]
    return view


def key() -> Key:
    """The key of this call. Raises Unauthenticated outside a view that requires one."""
    found: Key | None = g.get("api_key")
    if found is None:
        raise Unauthenticated("Send an API key as `Authorization: Bearer KEY`.")
    return found


def may(permission: str) -> bool:
    """Whether the key of this call holds a permission."""
    return allows(key().role, permission)


def actor() -> Actor:
    """The key as the audit trail names one."""
    return Actor(kind="key", id=key().id, name=key().name)


def _presented() -> Key:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Unauthenticated("Send an API key as `Authorization: Bearer KEY`.")
    found = queries.find_key(secret.strip(), "api")
    if found is None:
        raise Unauthenticated("The API key is unknown or revoked.")
    return found

"""Who may see a page: every view carries a policy, and a house rule checks that none lacks one."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from crm360.accounts.permissions import GRANTS
from crm360.flows import restricted
from crm360.kernel import clock
from crm360.web.visitors import NotPermitted, me

View = Callable[..., Any]


def public(view: View) -> View:
    """Anybody may see this page."""
    view.policy = "public"  # type: ignore[attr-defined]
    return view


def requires(permission: str) -> Callable[[View], View]:
    """Only staff whose role holds `permission`; others sign in first, or are told no."""
    if permission not in GRANTS:
        raise KeyError(permission)

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            visitor = me()
            if visitor is None:
                return ask_to_sign_in()
            if not visitor.may(permission):
                raise NotPermitted(gettext("Your role does not allow this."), permission=permission)
            if (profile_id := kwargs.get("profile_id")) is not None:
                changing = request.method not in ("GET", "HEAD")
                restricted.check(
                    profile_id, desk=visitor.may(restricted.PERMISSION), changing=changing, now=clock.now()
                )
            return view(*args, **kwargs)

        guarded.policy = f"requires:{permission}"  # type: ignore[attr-defined]
        return guarded

    return decorate


def signed_in(view: View) -> View:
    """Any staff member, whatever the role: for one's own preferences."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs) if me() else ask_to_sign_in()

    guarded.policy = "signed_in"  # type: ignore[attr-defined]
    return guarded


def ask_to_sign_in() -> AnyResponse:
    """The sign-in page, which leads back here afterwards."""
    back = request.full_path.rstrip("?") if request.method == "GET" and not is_fragment() else None
    address = url_for("web.sign_in_form", next=back if back != "/" else None)
    return Response(status=401, headers={"HX-Redirect": address}) if is_fragment() else redirect(address, 303)


def is_fragment() -> bool:
    """Whether htmx asks for a part of a page."""
    return request.headers.get("HX-Request") == "true"

"""How a person likes to see pages: language and theme."""

from __future__ import annotations

from flask import redirect, request, session, url_for
from werkzeug.wrappers import Response

from crm360.accounts import operations
from crm360.web.blueprint import door
from crm360.web.language import LOCALES, THEMES
from crm360.web.policy import public
from crm360.web.sign_in import safe_address
from crm360.web.visitors import me


@door.post("/preferences")
@public
def save_preferences() -> Response:
    """Kept with the person when signed in, else for this session."""
    wanted = {
        "locale": chosen("locale", LOCALES),
        "theme": chosen("theme", THEMES),
    }
    given = {name: value for name, value in wanted.items() if value is not None}
    session.update(given)
    if visitor := me():
        operations.set_preferences(staff_id=visitor.staff.id, **given)
    return redirect(safe_address(request.form.get("back")) or url_for("web.desk"), 303)


def chosen(name: str, allowed: tuple[str, ...]) -> str | None:
    """What the form says, unless it says nothing or nonsense."""
    value = request.form.get(name)
    return value if value in allowed else None

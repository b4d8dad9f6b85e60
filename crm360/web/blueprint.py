"""The blueprint every staff page hangs on, and its guard against forged forms."""

from __future__ import annotations

from flask import Blueprint
from flask_wtf.csrf import CSRFProtect

door = Blueprint("web", __name__)

#: Checks this door alone: integrators and machines bring keys and signatures, never cookies.
csrf = CSRFProtect()


@door.before_request
def refuse_forged_forms() -> None:
    """A changing request must carry the token of the session it claims to come from."""
    csrf.protect()

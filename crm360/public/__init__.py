"""The customers' door: pages without a sign-in, opened by signed links or by anybody; nothing here says who is a customer."""

from __future__ import annotations

from flask import Flask

from crm360.public import answering, confirming, counting, preference_centre, requests, taking_data, unsubscribing
from crm360.public.door import door

__all__ = [
    "answering",
    "confirming",
    "counting",
    "preference_centre",
    "register",
    "requests",
    "taking_data",
    "unsubscribing",
]


def register(app: Flask) -> None:
    """Open the customers' door of `app`."""
    app.register_blueprint(door)

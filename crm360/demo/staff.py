"""The colleagues of the demo shop, one per role. Their passwords are public: they exist for looking around only."""

from __future__ import annotations

from typing import NamedTuple


class SignIn(NamedTuple):
    """Who may sign in to the demo, and with what."""

    role: str
    email: str
    password: str
    name: str


SIGN_INS = (
    SignIn("sales", "alice@lipowa-oak.example", "demo-sales-alice", "Alice Sikora"),
    SignIn("marketing", "bob@lipowa-oak.example", "demo-marketing-bob", "Bob Marczak"),
    SignIn("privacy", "charlie@lipowa-oak.example", "demo-privacy-charlie", "Charlie Pryk"),
    SignIn("admin", "dana@lipowa-oak.example", "demo-admin-dana", "Dana Admińska"),
)

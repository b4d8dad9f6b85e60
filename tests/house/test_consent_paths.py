"""Nothing goes out, and nobody is counted as reachable, but by the one decision: `consents.asking` and what is built on it.

Modules that put something on the wire to a customer are named here with what they ask; one that is new fails until it asks.
"""

from __future__ import annotations

import ast

from tests.house.sources import Module, ours

#: Raw rules and rows below the one decision: known inside the room alone.
BELOW = {
    "crm360.consents.policy": {"decide", "gravest"},
    "crm360.consents.judging": {"judge"},
}
#: What speaks to a person's mailbox, phone or browser → the module that asks whether it may.
SENDERS = {
    "crm360/jobs/send_letters.py": "crm360/jobs/posting.py",
    "crm360/flows/pushing.py": "crm360/flows/pushing.py",
}
#: The way of mail out of the house, and who may take it: the sender, and what tries a server out. (Push has its one sender.)
WIRES = {"crm360.kernel.smtp"}
ALLOWED = {
    "crm360/jobs/send_letters.py", "crm360/jobs/mail_server.py", "crm360/jobs/posting.py",
    "crm360/doctor/queues.py", "config.py",
}  # fmt: skip


def imports(module: Module) -> set[tuple[str, str]]:
    """(module, name) of every import."""
    return {
        (node.module, alias.name)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


def test_the_rules_of_consent_are_applied_in_one_place() -> None:
    around = [
        f"{module.path}: {source}.{name}"
        for module in ours()
        if not module.path.startswith("crm360/consents/")
        for source, name in imports(module)
        if name in BELOW.get(source, ())
    ]
    assert around == []


def test_every_sender_asks() -> None:
    by_path = {module.path: module for module in ours()}
    for sender, asker in SENDERS.items():
        assert sender in by_path, f"{sender} is gone: say here what sends now"
        asked = imports(by_path[asker])
        assert ("crm360.consents", "asking") in asked, f"{asker} must ask before {sender} sends"
        assert "asking.ask(" in by_path[asker].text
        if sender != asker:
            name = asker.rpartition("/")[2].removesuffix(".py")
            assert name in by_path[sender].text, f"{sender} must go through {asker}"


def test_nothing_else_reaches_the_wire() -> None:
    using = {
        module.path
        for module in ours()
        for source, name in imports(module)
        if f"{source}.{name}" in WIRES or source in WIRES
    }
    assert using - {path for path in using if path.startswith("crm360/kernel/")} <= ALLOWED

"""Write docs/roles.md: every address of the staff's door and of the REST API with the roles that may use it.

From the policies the views carry, so that a change of who may what shows in a review as a changed line:
`python tools/list_roles.py`.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from flask import Flask

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs/roles.md"
sys.path.insert(0, str(ROOT))

from crm360.accounts.permissions import GRANTS, ROLES  # noqa: E402 - after the path is set

VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")
HEAD = """# Who may do what

Every colleague and every API key has one role. A role holds permissions, and each address asks for one. A page offers only what its reader may do; who
types an address that is not for their role is refused, and signed out they are asked to sign in.

`contacts.reveal` stands beside the others: roles without it see e-mail addresses and telephone numbers masked, on pages, in the API and in errors.

This file is written by `python tools/list_roles.py`; a test compares it with the addresses there are and visits each of them as each role.

## Permissions

"""


class Row(NamedTuple):
    """An address and who may use it: roles, or everybody signed in, or everybody."""

    method: str
    address: str
    endpoint: str
    policy: str

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that may."""
        return GRANTS[self.policy.removeprefix("requires:")] if self.policy.startswith("requires:") else ROLES


def rows(app: Flask) -> Iterator[Row]:
    """The addresses of the two doors that know roles, those open to everybody left out."""
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("web.") and not rule.rule.startswith("/api/v1/"):
            continue
        for method in sorted(set(rule.methods or ()) & set(VERBS), key=VERBS.index):
            policy = policy_of(app.view_functions[rule.endpoint], method)
            if policy != "public":
                yield Row(method, rule.rule, rule.endpoint, policy)


def policy_of(view: object, method: str) -> str:
    """What the view of an address, or the method of its class, says of who may use it."""
    methods = getattr(view, "view_class", None)
    return str(getattr(getattr(methods, method.lower(), view), "policy", ""))


def written(app: Flask) -> str:
    """The whole document."""
    lines = [HEAD.rstrip(), "", f"| Permission | {' | '.join(ROLES)} |", f"|---|{'---|' * len(ROLES)}"]
    lines += [f"| `{name}` | {marks(roles)} |" for name, roles in GRANTS.items()]
    for title, begins in (("Pages", "web."), ("REST API", "")):
        lines += [
            "",
            f"## {title}",
            "",
            f"| Address | {' | '.join(ROLES)} | asks for |",
            f"|---|{'---|' * len(ROLES)}---|",
        ]
        shown = sorted(row for row in rows(app) if row.endpoint.startswith("web.") == bool(begins))
        shown.sort(key=lambda row: (row.address, VERBS.index(row.method)))
        lines += [
            f"| `{row.method} {row.address}` | {marks(row.roles)} | {row.policy.removeprefix('requires:')} |"
            for row in shown
        ]
    return "\n".join([*lines, ""])


def marks(roles: tuple[str, ...]) -> str:
    """A column per role."""
    return " | ".join("✓" if role in roles else "" for role in ROLES)


def main() -> None:
    """Write the file."""
    import config
    from crm360.app import create_app

    with tempfile.TemporaryDirectory() as folder:
        app = create_app(config.load({"INSTANCE_DIR": folder, "SECRET_KEY": "x" * 40}))
        TARGET.write_text(written(app), encoding="utf-8")


if __name__ == "__main__":
    main()

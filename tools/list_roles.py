"""Write docs/roles.md: every address of the staff's door and of the REST API with the roles that may use it.

From the policies the views carry, so that a change of who may what shows in a review as a changed line:
`python tools/list_roles.py`.
"""

from __future__ import annotations

import re
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

`contacts.reveal` stands beside the others: roles without it see e-mail addresses and telephone numbers masked, on pages, in the API, in files and in errors.
One file is the exception, and a decision: `POST /segments/<id>/export` and the scheduled files need `segments.export`, which marketing holds without
`contacts.reveal`. They hold the addresses in full of those members alone whom consents let us reach for the purpose and channel of the file, and each
stands on the audit trail as `segment.exported` with who, which segment, channel, purpose, and how many ([why](outreach.md#who-may-hand-a-segment-out)).

This file is written by `python tools/list_roles.py`. Tests compare it with the addresses there are, and visit each address as each role in a shop that
has a little of everything, made by other people (`tests/web/test_every_page.py`, `tests/stories/test_roles.py`).

## Permissions

"""

#: A hole of an address: its name is what `WHOSE` goes by.
HOLE = re.compile(r"<(?:[^:<>]*:)?(\w+)>")
SHARED, OWN, OFFERED, EACH, TWO = "shared", "own", "offered", "each", "two people"
#: What the rules of `WHOSE` mean.
RULES = {
    SHARED: "whoever may use the address may use it on everybody's: the team works together, and who did what stands beside it or on the audit trail",
    OWN: "the one person it is for; for everybody else, administrators included, it is as if it did not exist, and nothing changes",
    OFFERED: "its owner's; for others it does not exist until it is offered to all, who may then read it. Changed and removed by its owner, and once it is offered by administrators",
    EACH: "everybody acts for themselves, once; nobody sees or changes what another said",
    TWO: "whoever may use the address, but never the one who asked",
}
#: What an address names, by its hole: the rule, and in words what it is. A new hole must be entered here before tests pass.
WHOSE: dict[str, tuple[str, str]] = {
    "action_id": (SHARED, "something done to many customers; undone by whoever may do the same"),
    "attachment_id": (SHARED, "a paper kept as proof of a consent"),
    "breach_id": (SHARED, "a breach"), "campaign_id": (SHARED, "a campaign"), "case_id": (SHARED, "a privacy request"),
    "channel": (SHARED, "a kind of source"), "code": (SHARED, "a purpose, a notice"), "contact_id": (SHARED, "one source's view of a customer"),
    "deal_id": (SHARED, "a deal, whoever's it is"), "decision_id": (SHARED, "a decision of who is who"), "delivery_id": (SHARED, "a delivery of a webhook"),
    "drop_id": (SHARED, "a scheduled file"), "endpoint_id": (SHARED, "an endpoint of webhooks"), "entry_id": (SHARED, "an entry of a timeline"),
    "form": (SHARED, "a form of file"), "hold_id": (TWO, "a legal hold: approving it; releasing and reviewing are shared"), "identifier_id": (SHARED, "an address or a number of a customer"),
    "key_id": (SHARED, "a key, whoever made it: it belongs to a program"), "kind": (SHARED, "a kind of stop, of data"), "letter_id": (SHARED, "a letter of a privacy request"),
    "list_id": (OFFERED, "a list of customers kept under a name"), "mention_id": (OWN, "a note that names a colleague"), "model_id": (SHARED, "a version of the matching model"),
    "name": (SHARED, "a backup, a field of a customer"), "number": (SHARED, "an answer to a suggested next step, whoever gave it"), "order_id": (SHARED, "a purchase"), "other_id": (SHARED, "the other of two customers"), "payload_id": (SHARED, "a payload as it came"),
    "profile_id": (SHARED, "a customer, whoever owns them: the owner is whom to ask, not who may look"), "pulse_id": (EACH, "a question to all colleagues"),
    "regulation": (SHARED, "a regulation of Segment's"), "review_id": (SHARED, "a review of a product"), "rule_id": (SHARED, "a rule for a value many share"), "run_id": (SHARED, "an import; what its file says is in full for who uploaded it and for roles with `contacts.reveal`, hidden from others"),
    "segment_id": (SHARED, "a segment"), "slug": (SHARED, "a job of the worker"), "source": (SHARED, "a source's name"), "source_id": (SHARED, "a source"), "staff_id": (SHARED, "a colleague, for who manages staff"),
    "subject_request_id": (SHARED, "a privacy request another system passed on"), "survey_id": (SHARED, "a survey"), "task_id": (SHARED, "a task, whoever is to do it"), "template_id": (SHARED, "a template"),
}  # fmt: skip


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

    @property
    def holes(self) -> list[str]:
        """Names of what the address leaves open."""
        return HOLE.findall(self.address)


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
    return "\n".join([*lines, *whose(), ""])


def whose() -> Iterator[str]:
    """The second table: of each thing an address names, who of those whose role allows the address may use it."""
    yield from (
        "",
        "## Whose it is",
        "",
        "A role is not all: what an address names may be somebody's own. What shows or changes one's own things",
    )
    yield "without naming them (the desk, security, language and appearance, the list used last, one's work in figures) goes by who is signed in, whatever is sent along."
    yield from ("", "| Rule | Who |", "|---|---|")
    yield from (f"| {rule} | {words} |" for rule, words in RULES.items())
    yield from ("", "| In the address | What it is | Rule |", "|---|---|---|")
    yield from (f"| `{hole}` | {words} | {rule} |" for hole, (rule, words) in WHOSE.items())


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

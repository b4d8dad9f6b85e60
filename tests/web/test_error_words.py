"""Every sentence a room can refuse with is found again and has Polish words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import pytest
from flask_babel import force_locale

from crm360.doctor.findings import Finding
from crm360.kernel.counting import counted
from crm360.kernel.errors import DomainError
from crm360.web import finding_words
from crm360.web.error_words import translated
from tests.house import sources

#: Rooms whose refusals a person at a page can meet.
ROOMS = ("crm360/accounts/", "crm360/identity/deciding", "crm360/identity/value_rules", "crm360/identity/limit_setting", "crm360/identity/studies", "crm360/identity/model_versions", "crm360/identity/queries", "crm360/profiles/", "crm360/inbox/",
         "crm360/flows/by_staff", "crm360/flows/review", "crm360/kernel/paging", "crm360/web/visitors")  # fmt: skip


def kinds(of: type) -> Iterator[str]:
    for each in of.__subclasses__():
        yield each.__name__
        yield from kinds(each)


def refusals() -> Iterator[str]:
    """Sentences given to errors, or kept in `text` for one; 7 stands in their holes."""
    names = set(kinds(DomainError))
    for module in sources.ours():
        if module.path.startswith(ROOMS):
            for node in ast.walk(module.tree):
                if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and called(node.exc) in names:
                    yield from sentences(node.exc.args[:1])
                elif isinstance(node, ast.Call) and called(node) == "__init__":
                    yield from sentences(node.args[:1])
                elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "text":
                    yield from sentences([node.value])


def called(call: ast.Call) -> str:
    return str(getattr(call.func, "id", getattr(call.func, "attr", "")))


def sentences(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_refusal_has_polish_words(app):
    said = sorted(set(refusals()))
    assert len(said) > 25
    with app.test_request_context(), force_locale("pl"):
        assert [sentence for sentence in said if translated(sentence) == sentence] == []
    with app.test_request_context(), force_locale("en"):
        assert [translated(sentence) for sentence in said] == said


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_stands_in_the_holes_is_carried_over(app):
    with app.test_request_context(), force_locale("pl"):
        assert translated("There is no customer 12.") == "Nie ma klienta 12."
        assert translated("'a (b' is not an e-mail address.") == "'a (b' to nie jest adres e-mail."
        assert translated("Nobody wrote this sentence.") == "Nobody wrote this sentence."


def test_a_refusal_is_read_in_polish(visit_as, shop):
    answer = visit_as("sales").get("/customers/987654321", headers={"Accept-Language": "pl"})
    assert "Nie ma klienta 987654321." in answer.get_data(as_text=True)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("count", "english", "polish"),
    [(1, "1 endpoint", "1 adres"), (3, "3 endpoints", "3 adresy"), (12, "12 endpoints", "12 adresów")],
)
def test_a_sentence_that_counts_is_read_with_the_right_form(app: Any, count: int, english: str, polish: str) -> None:
    told = Finding("ok", f"webhooks: {counted(count, 'endpoint')}")
    with app.test_request_context(), force_locale("en"):
        assert finding_words.shown([told], ("webhooks",))[0].words == english
    with app.test_request_context(), force_locale("pl"):
        assert finding_words.shown([told], ("webhooks",))[0].words == polish

"""Names say what a thing is; nothing is left half done; nothing fails in silence; every module says what it is for."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.house import sources

BANNED = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "service", "processor"}
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
TEXTS = ("*.py", "*.html", "*.js", "*.css", "*.md", "Makefile", "*.toml", "*.ini", "run", "*.po", "*.txt")
NOT_OURS = {
    ".git",
    ".venv",
    "node_modules",
    "instance",
    "vendor",
    ".mypy_cache",
    ".ruff_cache",
    ".hypothesis",
    "fixtures",
}


def our_files(root: Path) -> list[Path]:
    return [
        path
        for pattern in TEXTS
        for path in root.rglob(pattern)
        if path.is_file() and not NOT_OURS & set(path.relative_to(root).parts)
    ]


def test_names_say_what_a_thing_is():
    words = {(module.path, word) for module in sources.modules() for word in re.split(r"[/_.]", module.path)}
    for module in sources.modules():
        classes = [node.name for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef)]
        words |= {(module.path, word.lower()) for name in classes for word in re.findall(r"[A-Z][a-z]+", name)}
    assert sorted((path, word) for path, word in words if word in BANNED) == []


def test_nothing_is_left_for_later(root: Path):
    found = [str(path.relative_to(root)) for path in our_files(root) if UNFINISHED.search(path.read_text())]
    assert found == []


def test_every_module_says_what_it_is_for():
    silent = [module.path for module in sources.ours() if not ast.get_docstring(module.tree)]
    assert silent == []


def test_no_error_is_swallowed():
    swallowed = [
        f"{module.path}:{handler.lineno}"
        for module in sources.modules()
        for handler in ast.walk(module.tree)
        if isinstance(handler, ast.ExceptHandler) and all(isinstance(node, ast.Pass) for node in handler.body)
    ]
    assert swallowed == []


def test_what_is_suppressed_says_why():
    lines = [
        (module.path, number, line)
        for module in sources.modules()
        for number, line in enumerate(module.text.splitlines(), 1)
        if re.search(r"\bsuppress\(", line) and "import" not in line and module.path != "tests/house/test_words.py"
    ]
    assert [(path, number) for path, number, line in lines if "#" not in line] == []


@pytest.mark.parametrize("call", ["datetime.now(", "datetime.utcnow(", "time.time(", "date.today("])
def test_only_doors_look_at_the_clock(call: str):
    allowed = ("crm360/kernel/clock.py", "tests/", "bench/", "tools/")
    assert [
        module.path for module in sources.modules() if call in module.text and not module.path.startswith(allowed)
    ] == []


def test_rooms_and_flows_never_commit():
    rooms = (
        "accounts",
        "inbox",
        "identity",
        "profiles",
        "commerce",
        "conversations",
        "consents",
        "flows",
        "sources",
        "webhooks",
        "outbox",
        "outreach",
        "lists",
    )
    committing = [
        module.path
        for module in sources.ours()
        if module.path.startswith(tuple(f"crm360/{room}/" for room in rooms))
        and re.search(r"\.commit\(|\.rollback\(", module.text)
    ]
    assert committing == []


def test_tests_do_not_sleep():
    """They wait for what is awaited (`tests.processes.wait_until`)."""
    sleeping = [
        f"{module.path}:{call.lineno}"
        for module in sources.modules()
        if module.path.startswith("tests/")
        for call in ast.walk(module.tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func) in ("time.sleep", "sleep")
    ]
    assert sleeping == []

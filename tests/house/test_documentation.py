"""The README tells every setting and every command."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import click
import pytest
from flask import Flask

from crm360.web import navigation

#: Commands that Flask and Flask-Migrate bring along.
NOT_OURS = {"db", "routes", "run", "shell", "limiter", "openapi"}


@pytest.fixture(scope="module")
def readme(root: Path) -> str:
    return (root / "README.md").read_text()


def test_every_setting_is_in_the_readme_and_nothing_else_is(root: Path, readme: str):
    read = set(re.findall(r'env(?:\.get\(|, (?:instance, )?)"([A-Z_]+)"', (root / "config.py").read_text()))
    told = set(re.findall(r"^\| `([A-Z_]+)` \|", readme, flags=re.MULTILINE))
    assert len(read) > 15
    assert told == read


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_command_is_in_the_readme(app: Flask, readme: str):
    commands = sorted(names(app.cli))
    assert len(commands) > 8
    assert [name for name in commands if f"flask {name}" not in readme] == []


def names(group: click.Group, prefix: str = "") -> Iterator[str]:
    """Full names of the commands below `group`."""
    for name, command in group.commands.items():
        if not prefix and name in NOT_OURS:
            continue
        if isinstance(command, click.Group):
            yield from names(command, f"{prefix}{name} ")
        else:
            yield prefix + name


def test_every_target_of_the_makefile_is_explained(root: Path):
    makefile = (root / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, flags=re.MULTILINE))
    assert targets == set(re.findall(r"^([a-z-]+):.*## ", makefile, flags=re.MULTILINE))
    assert {"help", "setup", "run", "serve", "test", "lint", "format", "bench", "check", "upgrade"} <= targets


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_guide_of_the_desks_tells_of_every_page_of_the_rail(app: Flask, root: Path):
    told = set(re.findall(r"\*\*([^*]+)\*\*", (root / "docs/desks.md").read_text()))
    with app.test_request_context("/"):
        shown = {str(entry.words) for group in navigation.GROUPS for entry in group.entries}
    assert len(shown) > 20
    assert shown - told == set()


def documents(root: Path) -> list[Path]:
    return [*sorted(root.glob("*.md")), *sorted((root / "docs").rglob("*.md"))]


def test_every_link_of_the_documents_leads_somewhere(root: Path):
    dead = []
    for document in documents(root):
        for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
            path, _, anchor = target.partition("#")
            if path.startswith(("http:", "https:", "mailto:")):
                continue
            file = (document.parent / path).resolve() if path else document
            if not file.exists() or (anchor and anchor not in anchors(file.read_text())):
                dead.append(f"{document.relative_to(root)}: {target}")
    assert dead == []


def anchors(text: str) -> set[str]:
    """What a heading is linked by: its words in small letters, joined by hyphens."""
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_file_named_in_the_documents_is_there(root: Path):
    missing = [
        f"{document.name}: {name}"
        for document in (root / "CONTRIBUTING.md", *sorted((root / "docs").glob("*.md")))
        for name in re.findall(r"`([\w.*]+/[\w./*]+\.py)`", document.read_text())
        if not any(any(base.glob(name)) for base in (root, root / "crm360", root / "tests/stories"))
    ]
    assert missing == []


def test_what_runs_imports_only_what_running_installs(root: Path):
    """`make run` installs requirements.txt alone; the packages of tests are not there."""
    text = (root / "requirements.txt").read_text()
    installed = {re.sub(r"[-_.]+", "-", name).lower() for name in re.findall(r"^([\w.-]+)==", text, flags=re.MULTILINE)}
    provides = packages_distributions()
    files = [
        root / "config.py",
        root / "wsgi.py",
        *(root / "crm360").rglob("*.py"),
        *(root / "migrations").rglob("*.py"),
    ]
    missing = {
        f"{file.relative_to(root)}: {name}"
        for file in files
        for name in imported(ast.parse(file.read_text()))
        if name in provides and not installed & {re.sub(r"[-_.]+", "-", each).lower() for each in provides[name]}
    }
    assert missing == set()


def imported(tree: ast.AST) -> Iterator[str]:
    """Names of the packages a module imports, wherever it does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name.partition(".")[0] for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]

"""The README tells every setting and every command."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask import Flask

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

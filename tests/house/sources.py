"""The project's own Python files, each parsed at most once and when somebody looks at its tree, for the rules that do."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("crm360", "migrations", "tools", "bench", "tests")


@dataclass(frozen=True)
class Module:
    """A Python file: where, its text, its lines, its tree."""

    path: str
    text: str
    lines: int

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)


@cache
def modules() -> tuple[Module, ...]:
    """Every Python file of ours."""
    return tuple(_read(path) for path in sorted(_paths()))


def ours() -> tuple[Module, ...]:
    """The application's own modules, without tests, tools and migrations."""
    return tuple(module for module in modules() if module.path.startswith(("crm360/", "config.py", "wsgi.py")))


def functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a module."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its decorators and docstring."""
    body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


def _paths() -> Iterator[Path]:
    yield from (ROOT / name for name in ("config.py", "wsgi.py"))
    for folder in FOLDERS:
        yield from (ROOT / folder).rglob("*.py")


def _read(path: Path) -> Module:
    text = path.read_text()
    return Module(str(path.relative_to(ROOT)), text, text.count("\n"))

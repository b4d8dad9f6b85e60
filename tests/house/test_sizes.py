"""Small modules, small functions, smaller views."""

from __future__ import annotations

import statistics

from tests.house import sources

MODULE_LINES, MODULE_P95 = 400, 250
FUNCTION_LINES, FUNCTION_MEDIAN, FUNCTION_P95 = 60, 8, 30
VIEW_LINES = 15
DOORS = ("crm360/web/", "crm360/api/", "crm360/intake/")
VERBS = {"get", "post", "put", "patch", "delete", "route"}


def modules() -> list[sources.Module]:
    return [module for module in sources.ours() if not module.path.startswith("crm360/demo/")]


def p95(values: list[int]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def test_no_module_is_too_long():
    assert [(m.path, m.lines) for m in sources.modules() if m.lines > MODULE_LINES and "/versions/" not in m.path] == []
    assert p95([module.lines for module in modules()]) <= MODULE_P95


def test_no_function_is_too_long():
    lengths = {
        f"{module.path}:{node.lineno} {node.name}": sources.length(node)
        for module in modules()
        for node in sources.functions(module)
    }
    assert [(where, lines) for where, lines in lengths.items() if lines > FUNCTION_LINES] == []
    assert statistics.median(lengths.values()) <= FUNCTION_MEDIAN
    assert p95(list(lengths.values())) <= FUNCTION_P95


def test_a_view_asks_and_answers_and_leaves_the_rest_to_others():
    views = {
        f"{module.path}:{node.lineno} {node.name}": sources.length(node)
        for module in modules()
        if module.path.startswith(DOORS)
        for node in sources.functions(module)
        if any(name_of(decorator) in VERBS for decorator in node.decorator_list)
    }
    assert len(views) > 10
    assert [(where, lines) for where, lines in views.items() if lines > VIEW_LINES] == []


def name_of(decorator: object) -> str:
    """`post` of `@door.post("/…")`."""
    return str(getattr(getattr(decorator, "func", None), "attr", ""))

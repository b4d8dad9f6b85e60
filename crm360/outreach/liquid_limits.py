"""Liquid as strangers may write it: a fixed set of tags and filters, and a budget of steps, output and time per message.

Liquid reads values of plain dicts and lists only, never attributes of Python objects; what could still be wasted is time
and memory. Every loop, block and filter is charged to one budget, however they are nested.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, cast

from liquid import BoundTemplate, DictLoader, Environment, Mode
from liquid.context import RenderContext
from liquid.exceptions import ResourceLimitError
from liquid.output import LimitedStringIO
from liquid.undefined import FalsyStrictUndefined

#: Of one message: turns of loops and uses of blocks together, calls of filters, bytes of output, seconds.
MOST_TURNS, MOST_CALLS, MOST_BYTES, MOST_SECONDS = 2_000, 20_000, 200_000, 2.0
#: The longest text or list a filter takes or gives, and the greatest number.
LONGEST, GREATEST = 50_000, 10**15
LONGEST_SOURCE = 100_000

#: What templates may use of Liquid; `include` shares variables with whom it includes, so `render` alone stays.
TAGS = frozenset(
    {"if", "unless", "case", "for", "break", "continue", "assign", "capture", "render", "comment", "#", "echo", "liquid",
     "cycle"}
)  # fmt: skip
#: Grow at most in proportion to what they are given; `replace`, `split` and their like may multiply it and are left out.
FILTERS = frozenset(
    {"append", "at_least", "at_most", "capitalize", "ceil", "default", "divided_by", "downcase", "escape", "first",
     "floor", "join", "last", "lstrip", "minus", "modulo", "newline_to_br", "plus", "prepend", "round", "rstrip", "size",
     "slice", "strip", "times", "truncate", "truncatewords", "upcase", "url_encode"}
)  # fmt: skip


class Missing(FalsyStrictUndefined):
    """A value nobody gave: false in a condition, replaced by `default`, an error when it is to be written."""

    force_liquid_default = True


class Budget:
    """What one message may still use up."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self.clock, self.turns, self.calls = clock, MOST_TURNS, MOST_CALLS
        self.until = clock() + MOST_SECONDS

    def turn(self, count: int) -> None:
        """Raises ResourceLimitError."""
        self.turns -= count
        self._check(self.turns, "too many turns of loops and blocks")

    def call(self) -> None:
        """Raises ResourceLimitError."""
        self.calls -= 1
        self._check(self.calls, "too many filters")

    def _check(self, left: int, why: str) -> None:
        if left < 0 or self.clock() > self.until:
            raise ResourceLimitError(why if left < 0 else "too slow", token=None)


class Context(RenderContext):
    """A rendering charged to one budget, that of the message it is part of."""

    budget: Budget

    def raise_for_loop_limit(self, length: int = 1) -> None:
        """Each loop is charged when it is entered, so one inside another is charged each time."""
        self.budget.turn(length)

    def copy(self, *args: Any, **kwargs: Any) -> Context:
        """A block: it goes on with the same budget."""
        self.budget.turn(1)
        made = cast("Context", super().copy(*args, **kwargs))
        made.budget = self.budget
        return made


def environment(
    *, filters: Mapping[str, Callable[..., Any]], blocks: Mapping[str, str], autoescape: bool
) -> Environment:
    """An environment with our limits, our filters beside the harmless ones, and reusable blocks by name."""
    made = _Environment(
        loader=DictLoader(dict(blocks)), undefined=Missing, autoescape=autoescape, tolerance=Mode.STRICT
    )
    made.tags = {name: tag for name, tag in made.tags.items() if name in TAGS or name in _INNER}
    kept = {name: filter_ for name, filter_ in made.filters.items() if name in FILTERS}
    made.filters = {name: _guarded(filter_) for name, filter_ in {**kept, **filters}.items()}
    return made


def run(template: BoundTemplate, values: Mapping[str, Any], budget: Budget) -> str:
    """The text of a template over plain values. Raises LiquidError, ResourceLimitError among them."""
    context = Context(template, globals=values)
    context.budget = budget
    token = _spending.set(budget)
    buffer = LimitedStringIO(limit=MOST_BYTES)
    try:
        template.render_with_context(context, buffer)
    finally:
        _spending.reset(token)
    return str(buffer.getvalue())


class _Environment(Environment):
    context_depth_limit = 8
    block_nesting_limit = 20
    local_namespace_limit = LONGEST * 4
    output_stream_limit = MOST_BYTES


#: Tags of the parser itself: plain text, output, and what is no tag.
_INNER = frozenset({"content", "output", "illegal"})
#: The budget of the message being rendered, for filters, which are not told of it.
_spending: ContextVar[Budget | None] = ContextVar("spending", default=None)


def _guarded(filter_: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(*args: Any, **kwargs: Any) -> Any:
        budget = _spending.get()
        if budget is not None:
            budget.call()
        for each in (*args, *kwargs.values()):
            _small(each)
        return _small(filter_(*args, **kwargs))

    for mark in ("with_context", "with_environment", "filter_async"):
        if hasattr(filter_, mark):
            setattr(guarded, mark, getattr(filter_, mark))
    return guarded


def _small(value: Any) -> Any:
    too_long = isinstance(value, str | list | tuple | range) and len(value) > LONGEST
    too_great = isinstance(value, int | float) and not isinstance(value, bool) and not abs(value) <= GREATEST
    if too_long or too_great:
        raise ResourceLimitError("a value is too long or too great", token=None)
    return value

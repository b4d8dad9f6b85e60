"""Touchpoints in time: the usual paths and where people leave. Pure.

A journey is what a customer did until they were silent for a month; the same thing again in a row is one step, and so is
a cart that goes on being told of after its checkout.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crm360.insights.experience import Answered
from crm360.insights.percentiles import percentile

#: Kinds of timeline lines → steps; a kind that ends with a dot stands for all that begin so.
STEPS: dict[str, str] = {
    "page.": "visit", "cart.viewed": "visit", "cart.added": "cart", "cart.updated": "cart", "cart.checkout": "checkout",
    "order.placed": "purchase", "order.returned": "return", "order.refunded": "return", "message.in": "question",
    "email.opened": "mail", "email.clicked": "mail", "conversation.rated": "answer", "survey.": "answer", "review.": "answer",
}  # fmt: skip
ORDER = ("mail", "visit", "cart", "checkout", "purchase", "question", "return", "answer")
SILENCE = 30 * 86_400
MOST_STEPS, MOST_PATHS, MOST_EXAMPLES = 5, 12, 25
#: Steps of the two funnels; the second is told of the same step again.
TO_PURCHASE = ("visit", "cart", "purchase")

#: (seconds since the epoch, step), ascending
Steps = Sequence[tuple[float, str]]


def step_of(kind: str) -> str | None:
    """The step a line of the timeline is; None for what is no touch."""
    return STEPS.get(kind) or STEPS.get(f"{kind.partition('.')[0]}.")


def journeys(steps: Steps) -> list[tuple[str, ...]]:
    """A customer's journeys, each at most five steps long, repeats in a row dropped."""
    found: list[list[str]] = []
    last = float("-inf")
    for at, step in steps:
        if at - last > SILENCE:
            found.append([])
        before = found[-1][-1] if found[-1] else ""
        if before != step and (before, step) != ("checkout", "cart"):
            found[-1].append(step)
        last = at
    return [tuple(path[:MOST_STEPS]) for path in found]


def flows(touches: Mapping[int, Steps]) -> dict[str, Any]:
    """{"journeys", "links": [[place, from, to, count]], "paths": [{"steps", "count", "bought", "profiles"}]}.

    `to` is "" where a journey of fewer than five steps ended. Paths are the most frequent; `bought` how many of them
    hold a purchase, `profiles` some who went that way.
    """
    links: Counter[tuple[int, str, str]] = Counter()
    paths: Counter[tuple[str, ...]] = Counter()
    examples: dict[tuple[str, ...], list[int]] = {}
    for profile_id in sorted(touches):
        for path in journeys(touches[profile_id]):
            paths[path] += 1
            known = examples.setdefault(path, [])
            if len(known) < MOST_EXAMPLES and profile_id not in known:
                known.append(profile_id)
            ends = (*path, "") if len(path) < MOST_STEPS else path
            links.update((place, ends[place], ends[place + 1]) for place in range(len(ends) - 1))
    ranked = sorted(paths, key=lambda path: (-paths[path], path))[:MOST_PATHS]
    return {
        "journeys": paths.total(),
        "links": [[*link, links[link]] for link in sorted(links)],
        "paths": [
            {"steps": list(path), "count": paths[path], "bought": "purchase" in path, "profiles": examples[path]}
            for path in ranked
        ],
    }


def funnel(touches: Mapping[int, Steps], wanted: Sequence[str]) -> list[dict[str, Any]]:
    """How many customers reach each step after the one before, and the median seconds it took them.

    Each `{"step", "customers", "median"}`; the first step's median is None.
    """
    reached: list[list[float]] = [[] for _ in wanted]
    for steps in touches.values():
        for place, spent in enumerate(_reached(steps, wanted)):
            reached[place].append(spent)
    return [
        {
            "step": step,
            "customers": len(reached[place]),
            "median": percentile(sorted(reached[place]), 0.5) if place else None,
        }
        for place, step in enumerate(wanted)
    ]


def before_answers(touches: Mapping[int, Steps], answers: Iterable[Answered]) -> dict[str, Any]:
    """What happened within 30 days before good and bad answers: {"good", "bad": answers, "steps": [{"step", "good", "bad"}]}.

    Counted are answers before which a step happened at least once; neither good nor bad ones are left out, and those
    nobody is known to have given, or given before the touchpoints begin.
    """
    known: Counter[str] = Counter()
    found: dict[str, Counter[str]] = {"good": Counter(), "bad": Counter()}
    for answer in answers:
        how = "bad" if answer.bad else "good" if answer.good else ""
        steps = touches.get(answer.profile_id or 0, ())
        at = answer.at.timestamp()
        seen = {step for moment, step in steps if at - SILENCE <= moment < at and step != "answer"}
        if how and seen:
            known[how] += 1
            found[how].update(seen)
    steps_told = [step for step in ORDER if found["good"][step] or found["bad"][step]]
    told = [{"step": step, "good": found["good"][step], "bad": found["bad"][step]} for step in steps_told]
    return {"good": known["good"], "bad": known["bad"], "steps": told}


def _reached(steps: Steps, wanted: Sequence[str]) -> Iterable[float]:
    """Seconds from each step to the next, of those that happen in this order."""
    place, before = 0, 0.0
    for at, step in steps:
        if place < len(wanted) and step == wanted[place]:
            yield at - before if place else 0.0
            place, before = place + 1, at

"""A message for one person out of a template: subject, text and HTML, compiled once and rendered for many. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from liquid import BoundTemplate
from liquid.exceptions import LiquidError, ResourceLimitError, UndefinedError

from crm360.kernel.errors import Invalid
from crm360.outreach import dressing, liquid_filters, liquid_limits, vocabulary

#: What a template has in each language.
PARTS = ("subject", "preheader", "text", "html")
LONGEST_SUBJECT = 300


class BadTemplate(Invalid):
    """What somebody wrote cannot be a message. `part`: which of PARTS; `hint`: what Liquid says."""

    def __init__(self, part: str, kind: str, hint: str = "") -> None:
        super().__init__(FAULTS[kind], errors={part: [FAULTS[kind]]})
        self.part, self.kind, self.hint = part, kind, hint


#: kind of fault → English sentence, a key of the translations.
FAULTS = {
    "syntax": "This is not written as Liquid is.",
    "missing": "A value may be missing; give it a default.",
    "unknown": "Nobody has such a value.",
    "limits": "This takes too long or becomes too long.",
    "empty": "A message needs a subject and a text or HTML.",
}


class Rendered(NamedTuple):
    """A message to one person. `html` is a whole document, or "" for a message of text alone."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A template in one language, ready for many people."""

    locale: str
    parts: Mapping[str, BoundTemplate]

    def render(
        self, values: Mapping[str, Any], *, rewrite: Callable[[str], str] = lambda url: url, pixel: str = "",
        foot: Mapping[str, str] = MappingProxyType({}),
    ) -> Rendered:  # fmt: skip
        """The message over `values` (see `vocabulary`). `foot`: "text" and "html" that stand below what was written.

        Raises BadTemplate.
        """
        budget = liquid_limits.Budget()
        made = {part: _run(part, template, values, budget) for part, template in self.parts.items()}
        subject = " ".join(made.get("subject", "").split())[:LONGEST_SUBJECT]
        html, text = made.get("html", ""), made.get("text", "")
        if not subject or not (html.strip() or text.strip()):
            raise BadTemplate("subject" if not subject else "text", "empty")
        text = (text if text.strip() else dressing.as_text(html)).rstrip("\n") + "\n" + foot.get("text", "")
        if not html.strip():
            return Rendered(subject, text, "")
        body, preheader = dressing.dressed(html, rewrite=rewrite), " ".join(made.get("preheader", "").split())
        whole = dressing.document(
            body, locale=self.locale, subject=subject, preheader=preheader, foot=foot.get("html", ""), pixel=pixel
        )
        return Rendered(subject, text, whole)

    def links(self, values: Mapping[str, Any]) -> list[str]:
        """The web links of the HTML over `values`. Raises BadTemplate."""
        html = self.parts.get("html")
        return dressing.links(_run("html", html, values, liquid_limits.Budget())) if html else []


def compiled(
    contents: Mapping[str, str], *, locale: str, blocks: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    zone: str = "UTC", corrections: Mapping[str, str] = MappingProxyType({}),
) -> Compiled:  # fmt: skip
    """A template's parts in one language. `blocks`: name → {"text", "html"}. Raises BadTemplate."""
    ours = liquid_filters.filters(locale, zone=zone, corrections=corrections)
    parts: dict[str, BoundTemplate] = {}
    for part in PARTS:
        source = contents.get(part, "")
        if not source.strip():
            continue
        form = "html" if part == "html" else "text"
        known = {name: said.get(form, "") for name, said in blocks.items()}
        made = liquid_limits.environment(filters=ours, blocks=known, autoescape=part == "html")
        parts[part] = _parsed(part, made, source)
    return Compiled(locale=locale, parts=parts)


def check(compiled_one: Compiled) -> None:
    """A template must be able to speak to somebody of whom everything is known, and of whom nothing. Raises BadTemplate."""
    for part, template in compiled_one.parts.items():
        _check_names(part, template)
    for values in (vocabulary.example(), vocabulary.bare()):
        compiled_one.render(values)


def _check_names(part: str, template: BoundTemplate) -> None:
    try:
        asked = template.analyze(include_partials=True).globals
    except (LiquidError, RecursionError) as error:
        raise BadTemplate(part, "syntax", str(error)[:200]) from None
    for variables in asked.values():
        for variable in variables:
            path = tuple(step for step in variable.segments if isinstance(step, str))
            if not vocabulary.is_known(path):
                raise BadTemplate(part, "unknown", ".".join(path))


def _parsed(part: str, made: Any, source: str) -> BoundTemplate:
    if len(source) > liquid_limits.LONGEST_SOURCE:
        raise BadTemplate(part, "limits")
    try:
        return made.from_string(source)
    except ResourceLimitError as error:
        raise BadTemplate(part, "limits", str(error)[:200]) from None
    except (LiquidError, RecursionError, ValueError) as error:
        raise BadTemplate(part, "syntax", str(error)[:200]) from None


def _run(part: str, template: BoundTemplate, values: Mapping[str, Any], budget: liquid_limits.Budget) -> str:
    try:
        return liquid_limits.run(template, values, budget)
    except UndefinedError as error:
        raise BadTemplate(part, "missing", str(error)[:200]) from None
    except (ResourceLimitError, RecursionError, MemoryError) as error:
        raise BadTemplate(part, "limits", str(error)[:200]) from None
    except (LiquidError, ValueError, TypeError, KeyError, ArithmeticError, AttributeError) as error:
        raise BadTemplate(part, "syntax", f"{type(error).__name__}: {error}"[:200]) from None

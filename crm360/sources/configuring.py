"""What staff told about a new source, checked against what its channel declares. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from crm360.sources.channel import Setting

LONGEST = 4000


class Refused(ValueError):
    """Settings that cannot be used: name → English message ids."""

    def __init__(self, errors: Mapping[str, Sequence[str]]):
        super().__init__("; ".join(f"{name}: {' '.join(texts)}" for name, texts in errors.items()))
        self.errors = {name: list(texts) for name, texts in errors.items()}


class Told(NamedTuple):
    """Settings to keep as they are, and secrets to be sealed."""

    settings: dict[str, str]
    secrets: dict[str, str]


def checked(declared: Sequence[Setting], told: Mapping[str, str], *, kept: Sequence[str] = ()) -> Told:
    """Raises Refused naming every fault. `kept`: secrets the source has already, which need not be told again."""
    errors: dict[str, list[str]] = {
        name: ["There is no such setting."] for name in told.keys() - {setting.name for setting in declared}
    }
    found = Told({}, {})
    for setting in declared:
        value = told.get(setting.name, "").strip() or setting.default
        if fault := _fault(setting, value, setting.name in kept):
            errors[setting.name] = [fault]
        elif value:
            (found.secrets if setting.kind == "secret" else found.settings)[setting.name] = value
    if errors:
        raise Refused(errors)
    return found


def _fault(setting: Setting, value: str, kept: bool) -> str:
    """What is wrong with a value, "" when nothing is."""
    if not value:
        return "This is needed." if setting.required and not kept else ""
    if len(value) > LONGEST or not value.replace("\n", "").replace("\r", "").isprintable():
        return "This is too long or holds unprintable characters."
    return next((words for kind, wrong, words in _WRONG if kind == setting.kind and wrong(setting, value)), "")


_WRONG: tuple[tuple[str, Callable[[Setting, str], bool], str], ...] = (
    ("choice", lambda setting, value: value not in setting.choices, "This is none of the choices."),
    ("number", lambda _, value: not (value.isascii() and value.isdigit()), "This must be a whole number."),
    (
        "url",
        lambda _, value: not value.startswith(("https://", "http://")),
        "This must start with https:// or http://.",
    ),
    ("email", lambda _, value: "@" not in value or " " in value, "This is no e-mail address."),
)

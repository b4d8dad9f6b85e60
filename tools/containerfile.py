"""Reads deploy/Containerfile: the stages it builds and the instructions of each, as container engines read them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "deploy/Containerfile"
KNOWN = ("FROM", "RUN", "WORKDIR", "COPY", "ENV", "VOLUME", "USER", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "CMD")


class Instruction(NamedTuple):
    """One instruction: its word, its flags (`--from=build`), the rest of it."""

    word: str
    flags: dict[str, str]
    rest: str

    @property
    def arguments(self) -> list[str]:
        """The rest as a list: as written in JSON, else its words."""
        return list(json.loads(self.rest)) if self.rest.startswith("[") else self.rest.split()


class Stage(NamedTuple):
    """What is built from one base: its name, the base's image, the instructions that follow."""

    name: str
    image: str
    steps: list[Instruction]

    def last(self, word: str) -> Instruction:
        """The instruction of this word that counts."""
        return [step for step in self.steps if step.word == word][-1]

    def environment(self) -> dict[str, str]:
        """What ENV says."""
        pairs = (pair.partition("=") for step in self.steps if step.word == "ENV" for pair in step.arguments)
        return {name: value for name, _, value in pairs}

    def packages(self) -> set[str]:
        """Debian's packages that RUN installs."""
        found = (re.findall(r"apt-get install ([^&]*)", step.rest) for step in self.steps if step.word == "RUN")
        return {word for each in found for words in each for word in words.split() if not word.startswith("-")}


class NotUnderstood(ValueError):
    """An instruction we cannot carry out, so its result would not be what an engine builds."""


def stages(text: str) -> list[Stage]:
    """The stages of a Containerfile. Raises NotUnderstood."""
    found: list[Stage] = []
    for line in _lines(text):
        step = _instruction(line)
        if step.word == "FROM":
            image, _as, name = [*step.arguments, "", ""][:3]
            found.append(Stage(name or str(len(found)), image, []))
        elif not found:
            raise NotUnderstood(f"{step.word} before FROM")
        else:
            found[-1].steps.append(step)
    return found


def _lines(text: str) -> list[str]:
    """Instructions without comments, each on one line."""
    bare = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return [line.strip() for line in re.sub(r"\\\n", " ", bare).splitlines() if line.strip()]


def _instruction(line: str) -> Instruction:
    word, _, rest = line.partition(" ")
    if word not in KNOWN:
        raise NotUnderstood(f"{word} is not known here: {line[:60]}")
    flags = {}
    while found := re.match(r"\s*--([\w-]+)=(\S+)\s+", rest):
        flags[found[1]] = found[2]
        rest = rest[found.end() :]
    return Instruction(word, flags, rest.strip())


def left_out(names: list[str], ignored: str) -> list[str]:
    """Those of the files `names` that .dockerignore (its text) keeps out of the build."""
    patterns = [line for line in ignored.splitlines() if line and not line.startswith("#")]
    return [name for name in names if any(_matches(name, pattern) for pattern in patterns)]


def _matches(name: str, pattern: str) -> bool:
    """Whether a pattern names a file or a folder above it; `**/` stands for folders of any depth."""
    parts = name.split("/")
    if pattern.startswith("**/"):
        return pattern.removeprefix("**/") in parts
    return parts[0] == pattern

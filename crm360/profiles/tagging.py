"""What makes two tags one, and how a tag is written."""

from __future__ import annotations

from collections.abc import Iterable

from crm360.kernel.errors import Invalid
from crm360.normalise import text

LONGEST = 60


class BadTag(Invalid):
    """The text cannot be a tag."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, errors={"name": [reason]})


def written(name: str, *, existing: Iterable[str] = ()) -> str:
    """A tag as kept: clean, in the spelling of an existing tag where one is the same. Raises BadTag."""
    cleaned = text.clean(name)
    if not cleaned:
        raise BadTag("A tag needs a name.")
    if len(cleaned) > LONGEST:
        raise BadTag(f"A tag has at most {LONGEST} characters.")
    return next((each for each in existing if same(each, cleaned)), cleaned)


def same(left: str, right: str) -> bool:
    """Whether two spellings are one tag: case and spacing do not matter, diacritics do."""
    return text.clean(left).casefold() == text.clean(right).casefold()

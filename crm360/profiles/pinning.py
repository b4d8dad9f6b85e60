"""What a person may pin as the right value of a field."""

from __future__ import annotations

from crm360.kernel.errors import Invalid
from crm360.normalise import dates
from crm360.normalise.text import clean
from crm360.profiles.survivorship import is_real

#: Fields of the golden record that can be pinned: all but e-mail, phone and card, which are identifiers.
FIELDS = (
    "given_name", "family_name", "full_name", "company", "job_title", "gender", "birth_date", "birth_place", "street", "house_number",
    "address_2", "city", "postcode", "state", "country", "locale", "joined_on",
)  # fmt: skip
LONGEST = 200
_DATES = ("birth_date", "joined_on")


class BadPin(Invalid):
    """The value cannot be pinned, or the field is none."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, errors={"value": [reason]})


def written(field: str, value: str) -> str:
    """The value as it is kept: spaces tidied, dates as ISO text. Raises BadPin."""
    cleaned = " ".join(clean(value).split())
    check_field(field)
    if not cleaned or not is_real(cleaned):
        raise BadPin("Choose a value, or type one.")
    if len(cleaned) > LONGEST:
        raise BadPin(f"A value has at most {LONGEST} characters.")
    if field in _DATES:
        day = dates.birth_date(cleaned)
        if day is None:
            raise BadPin("A date is needed, such as 1984-05-06.")
        return day
    return cleaned


def check_field(field: str) -> None:
    """Raises BadPin for a field that cannot be pinned."""
    if field not in FIELDS:
        raise BadPin(f"{field!r} is no field that can be pinned.")

"""Times, money, texts and cursors as they stand in bodies and addresses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from crm360.kernel import money
from crm360.kernel.iso8601 import zulu
from crm360.normalise import dates
from crm360.sources.instants import instant

LONGEST_TEXT = 1000
BIGGEST_ID = 2**63 - 1
_OFFSET = re.compile(r"(?:Z|[+-]\d\d:\d\d)$", re.IGNORECASE)
_AMOUNT = re.compile(r"-?\d{1,13}(?:\.\d{1,4})?")


class Instant(fields.DateTime):
    """A moment: out as `iso8601.zulu`, in as any ISO 8601 with an offset."""

    default_error_messages = {"unreadable": "Not a time of the years 1970 to 2200 such as 2026-03-02T10:30:00Z."}  # noqa: RUF012

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else zulu(datetime.fromisoformat(value) if isinstance(value, str) else value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        found = instant(value) if isinstance(value, str) and _OFFSET.search(value) else None
        if found is None:
            raise self.make_error("unreadable")
        return found


class Text(fields.String):
    """Printable text without line breaks, trimmed."""

    default_error_messages = {"unprintable": "Contains characters that cannot be stored."}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs).strip()
        if not text.isprintable():
            raise self.make_error("unprintable")
        return text


class BirthDate(fields.String):
    """A credible birth date, YYYY-MM-DD."""

    default_error_messages = {"incredible": "Not a credible birth date in the form YYYY-MM-DD."}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if dates.birth_date(text) != text:
            raise self.make_error("incredible")
        return text


class Amount(fields.Field[Any]):
    """An amount in major units beside a currency: a number, or better a text such as "112.48"."""

    default_error_messages = {"no_amount": 'Not an amount such as "112.48".'}  # noqa: RUF012

    def __init__(self, **kwargs: Any) -> None:
        told = {"type": ["string", "number"], "description": 'In major units, such as "112.48".', "example": "112.48"}
        super().__init__(metadata=told, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e13
        if not is_number and not (isinstance(value, str) and _AMOUNT.fullmatch(value)):
            raise self.make_error("no_amount")
        return value


def text(*, most: int = LONGEST_TEXT, least: int = 0, **kwargs: Any) -> Text:
    """A text field of bounded length."""
    return Text(validate=validate.Length(min=least, max=most), **kwargs)


def limit(default: int = 50, most: int = 100) -> fields.Integer:
    """How many items a page holds."""
    told = {"description": "Items on a page at most."}
    return fields.Integer(load_default=default, validate=validate.Range(1, most), metadata=told)


def cursor() -> Text:
    """Where a page goes on."""
    return text(most=512, load_default="", metadata={"description": "`next_cursor` of the page before; opaque."})


def one_of(words: Sequence[str], **kwargs: Any) -> fields.String:
    """A field that knows a few words."""
    return fields.String(validate=validate.OneOf(tuple(words), error="Must be one of {choices}."), **kwargs)


def amount(minor: int | None, currency: str) -> dict[str, Any] | None:
    """Money in minor units as answers show it; None when there is none."""
    if minor is None:
        return None
    return {"amount_minor": minor, "currency": currency, "amount": f"{money.to_major(minor, currency):f}"}


class Said(ma.Schema):
    """What an integrator sends: unknown fields are refused."""

    class Meta:
        unknown = ma.RAISE

    error_messages = {"unknown": "There is no field of this name.", "type": "Must be an object."}  # noqa: RUF012

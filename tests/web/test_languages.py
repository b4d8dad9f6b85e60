"""Both languages are whole: every message has its Polish words, and placeholders survive the translation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask_babel import force_locale

from crm360.web import formats, translations

HOLES = re.compile(r"%\(\w+\)[sd]")
METHODS = [
    ("crm360/web/**.py", "python"),
    ("crm360/public/**.py", "python"),
    ("templates/**.html", "jinja2"),
    ("crm360/jobs/**.py", "python"),
    ("templates/**.txt", "jinja2"),
]
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}


@pytest.fixture(scope="module")
def polish(root: Path):
    with (root / "crm360/translations/pl/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale="pl")


def test_every_message_is_translated(polish, root: Path):
    said = {found[2] for found in extract_from_dir(root, method_map=METHODS, keywords=KEYWORDS)}
    known = {message.id for message in polish if message.id and all(as_tuple(message.string))}
    assert len(said) > 200
    assert sorted(map(str, said - known)) == []


def test_placeholders_survive(polish):
    for message in polish:
        if message.id:
            wanted = set(HOLES.findall(as_tuple(message.id)[-1]))
            for words in as_tuple(message.string):
                assert set(HOLES.findall(words)) == wanted, message.id


def test_polish_has_three_plural_forms(polish):
    assert polish.num_plurals == 3
    assert all(len(message.string) == 3 for message in polish if message.pluralizable)


def test_catalogues_are_compiled_when_missing_and_only_then(tmp_path: Path, root: Path):
    source = root / "crm360/translations/pl/LC_MESSAGES/messages.po"
    target = tmp_path / "pl/LC_MESSAGES/messages.po"
    target.parent.mkdir(parents=True)
    target.write_bytes(source.read_bytes())
    assert translations.compile_all(tmp_path) == [target.with_suffix(".mo")]
    assert translations.compile_all(tmp_path) == []
    assert [file.name for file in target.parent.iterdir() if file.suffix == ".tmp"] == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("locale", "minor", "currency", "whole", "shown"),
    [
        ("pl", 428000, "PLN", False, "4 280,00 zł"),
        ("pl", 1428000, "PLN", True, "14 280 zł"),
        ("en", 428000, "PLN", False, "PLN 4,280.00"),
        ("en", 428000, "EUR", False, "€4,280.00"),
        ("en", -4500, "PLN", False, "-PLN 45.00"),
        ("en", 999, "PLN", True, "PLN 9.99"),
        ("en", 500, "JPY", False, "¥500"),
        ("en", None, "PLN", False, "–"),
    ],
)
def test_money_as_the_reader_writes_it(app, locale, minor, currency, whole, shown):
    with app.test_request_context(), force_locale(locale):
        assert formats.amount(minor, currency, whole).replace("\N{NO-BREAK SPACE}", " ") == shown


def as_tuple(value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else tuple(value) if isinstance(value, list) else (value,)

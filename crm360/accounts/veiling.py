"""Raw payloads as anybody may see them: personal data masked by the names of its keys and by its looks. Pure.

What is no JSON and no form cannot be told apart safely; of it only the outline is shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from crm360.accounts.disclosure import DOT, redacted
from crm360.accounts.outlining import outline
from crm360.kernel import urls

_HIDDEN = DOT * 3
#: Keys whose values are a person's, whatever they look like, in English and Polish.
_PERSONAL = re.compile(
    r"name|imi[eę]|nazwisko|e?mail|phone|mobile|telefon|\btel\b|fax|address|adres|street|ulica|city|miasto|postal|postcode|zip"
    r"|kod_pocztowy|birth|urodzen|pesel|passport|tax|nip|vat|\bip\b|ip_address|latitude|longitude|company|firma|gender"
    r"|content|body|message|note|comment|text|subject|token|secret|password|login|user_?agent|avatar|identifier|card"
    r"|author|assignee|buyer|recipient|sender|owner|contact_person|full_?name|login|nick",
    re.IGNORECASE,
)
#: Of those, keys that say what kind of thing something is.
_HARMLESS = re.compile(
    r"^(event|event_?name|message_?id|messageid|message_type|content_type|product_?name|title|type|text_?format|code)$"
    r"|^(name|email|phone|message)_?(status|state|consent|id|at|type|count)$",
    re.IGNORECASE,
)
#: Below these keys `name` is a thing's.
_THINGS = re.compile(
    r"product|item|line|variant|discount|shipping_line|tax_line|inbox|location|campaign|app|library", re.IGNORECASE
)
_LONG_NUMBER = re.compile(r"(?<![\w.-])\+?\d(?:[ -]?\d){8,14}(?![\w.-])")


def veiled(body: bytes) -> str | None:
    """The payload with personal data masked, as indented JSON, or in outline where it is a mail or a table; None when it is no text."""
    told = _parsed(body)
    return outline(body) if told is None else json.dumps(_veiled(told, "", thing=False), indent=2, ensure_ascii=False)


def _parsed(body: bytes) -> Any:
    try:
        text = body.decode()
        return json.loads(text)
    except UnicodeDecodeError:
        return None
    except (ValueError, RecursionError):
        return (urls.form_fields(text) if _FORM.fullmatch(text) else {}) or None


_FORM = re.compile(r"[\w.~%+*\[\]-]+=[^\s<>{}\"]*(?:&[\w.~%+*\[\]-]+=[^\s<>{}\"]*)*")


def _veiled(value: Any, name: str, *, thing: bool) -> Any:
    if isinstance(value, Mapping):
        below = thing or bool(_THINGS.search(name))
        return {_key(key): _veiled(item, str(key), thing=below) for key, item in value.items()}
    if isinstance(value, list):
        return [_veiled(item, name, thing=thing) for item in value]
    if isinstance(value, bool) or value is None or value == "":
        return value
    if _is_personal(name, thing):
        return _HIDDEN
    if isinstance(value, str):
        inner = _inner(value)
        return _veiled(inner, name, thing=thing) if inner is not None else _without_numbers(str(redacted(value, name)))
    return redacted(value, name)


def _is_personal(name: str, thing: bool) -> bool:
    if _HARMLESS.search(name):
        return False
    return bool(_PERSONAL.search(name)) and not (thing and name.lower() in ("name", "title"))


def _key(key: Any) -> str:
    """A key may be an address itself."""
    return _without_numbers(str(redacted(str(key))))


def _inner(text: str) -> Any:
    """JSON in a text (Amazon SNS and forms carry it so)."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _without_numbers(text: str) -> str:
    return _LONG_NUMBER.sub(_HIDDEN, text)

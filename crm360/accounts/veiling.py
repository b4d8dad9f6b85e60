"""Raw payloads as anybody may see them: shown is what is known to be nobody's, and everything else masked. Pure.

A payload may say anything anywhere: a name under a key nobody foresaw, a card number in a remark. So a text is shown for
its key (a kind, a state, the number of an order), for its form (an amount, a moment), or as part of a thing (a product, a
campaign); words that are none of these are hidden, and so are numbers as long as a phone's, a card's or a person's.
What is no JSON and no form cannot be told apart safely; of it only the outline is shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from crm360.accounts.disclosure import DOT, redacted
from crm360.accounts.outlining import outline
from crm360.kernel import urls

_HIDDEN = DOT * 3
_DEEPEST = 40
#: Whose a part of a payload is: a person's (nothing but kinds and states is shown), a thing's, or not known.
_Place = Literal["person", "thing", ""]

#: Keys whose values are a person's, whatever they look like, in English and Polish.
_PERSONAL = re.compile(
    r"name|imi[eę]|nazwisko|e?mail|phone|mobile|telefon|\btel\b|fax|address|adres|street|ulica|city|miasto|postal|postcode|zip"
    r"|kod_pocztowy|birth|\bborn\b|\bdob\b|urodz|pesel|passport|dow[oó]d|tax|nip|regon|iban|vat|(?<![a-z])ip(?![a-z])|ip_?address"
    r"|clientip|latitude|longitude|^(lat|lng|lon)$|company|firma|gender|content|body|message|note|comment|text|subject|token"
    r"|secret|password|login|user_?agent|avatar|identifier|card|author|assignee|buyer|recipient|sender|owner|contact_person"
    r"|login|nick|signature",
    re.IGNORECASE,
)
#: Of those, keys that say what kind of thing something is.
_HARMLESS = re.compile(
    r"^(event|event_?name|message_?id|message_type|content_type|product_?name|type|text_?format|code)$"
    r"|^(name|email|phone|message)_?(status|state|consent|id|at|type|count)$",
    re.IGNORECASE,
)
#: Keys whose texts say a kind, a state, a place in the shop or a version.
_KINDS = re.compile(
    r"^(event|event_?(name|type|kind)|type|topic|action|kind|channel|method|version|currency|locale|language|time_?zone|verdict"
    r"|platform|library|sku|ean|gtin|brand|variant|category|categories|coupon|reason_code|bounce_?type|record_?type|code)$"
    r"|(status|state|_type|Type|currency|_version|scope|severity)$",
)
#: Keys of ids and numbers that are a thing's or a call's.
_THING_IDS = re.compile(
    r"(message|anonymous|session|request|event|delivery|webhook|order|checkout|cart|product|variant|item|line|transaction"
    r"|invoice|receipt|ticket|conversation|inbox|account|campaign|list|coupon|shop|store|sg_event|sg_message)_?(id|number|no)$",
    re.IGNORECASE,
)
_IDS = re.compile(r"(^|_)(id|ids|uuid|gid|key)$|[a-z]I[dD]$")
_PEOPLES_IDS = re.compile(r"user|customer|client|person|contact|visitor|member|profile|klient", re.IGNORECASE)
_MOMENTS = re.compile(
    r"_at$|At$|_on$|^(at|ts|time|date|created|updated|modified)$|timestamp|_epoch$|_time$|^date_", re.IGNORECASE
)
#: Below these keys everything is a thing's, `name` too; below those a person's.
_THINGS = re.compile(
    r"product|item|line|variant|discount|shipping_line|tax_line|inbox|location|campaign|app|library", re.IGNORECASE
)
_PEOPLE = re.compile(
    r"traits|customer|user|person|people|buyer|client|contact|visitor|member|recipient|sender|owner|author|assignee|agent"
    r"|address|billing|shipping$|klient|guest|merges|kupuj",
    re.IGNORECASE,
)
_NAMES_OF_THINGS = {"name", "title"}

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?([.,]\d+)?\s?(Z|UTC|[+-]\d\d:?\d\d)?)?")
_AMOUNT = re.compile(r"[+-]?\d{1,8}([.,]\d{1,6})?( ?[A-Z]{3})?")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{24,64}", re.IGNORECASE)
#: An id of a few letters and otherwise digits; longer words might be somebody's name.
_NUMBERED = re.compile(r"(?!.*[^\W\d_]{4})(?=.*\d)[\w.:/#-]{1,40}")
_EMAIL = re.compile(r"[^\s@<>\"(),:;/]{1,64}@[\w.-]+\.\w+")
#: Nine digits and more, however they are parted: a phone, a card, an account, a person's or a company's number.
_LONG_NUMBER = re.compile(r"\+?\(?\d(?:[ ()./-]{0,3}\d){8,}")
_LONGEST_PLAIN = 8
#: Two capitalised words or an address: no key of a program.
_NO_KEY = re.compile(r"[^\W\d_a-zà-ž]\w{2,} [^\W\d_a-zà-ž]\w{2,}")
_FORM = re.compile(r"[\w.~%+*\[\]-]+=[^\s<>{}\"]*(?:&[\w.~%+*\[\]-]+=[^\s<>{}\"]*)*")


def veiled(body: bytes) -> str | None:
    """The payload with personal data masked, as indented JSON, or in outline where it is a mail or a table; None when it is no text."""
    told = _parsed(body)
    return outline(body) if told is None else json.dumps(_veiled(told, "", "", 0), indent=2, ensure_ascii=False)


def _parsed(body: bytes) -> Any:
    try:
        text = body.decode("utf-8-sig")
        return json.loads(text)
    except UnicodeDecodeError:
        return None
    except (ValueError, RecursionError):
        return (urls.form_fields(text) if _FORM.fullmatch(text) else {}) or None


def _veiled(value: Any, name: str, place: _Place, depth: int) -> Any:
    if depth > _DEEPEST:
        return _HIDDEN
    if isinstance(value, Mapping):
        below = _below(name, place)
        return dict(
            _distinct((_key(str(key)), _veiled(item, str(key), below, depth + 1)) for key, item in value.items())
        )
    if isinstance(value, list):
        return [_veiled(item, name, place, depth + 1) for item in value]
    inner = _inner(value) if isinstance(value, str) and not _is_personal(name, place) else None
    return _leaf(value, name, place) if inner is None else _veiled(inner, name, place, depth + 1)


def _leaf(value: Any, name: str, place: _Place) -> Any:
    if isinstance(value, bool) or value is None or value == "":
        return value
    if _is_personal(name, place):
        return _HIDDEN
    if isinstance(value, int | float):
        return value if _may_show_number(value, name) else _HIDDEN
    return _text(value, name, place)


def _below(name: str, place: _Place) -> _Place:
    """A customer within an order's line is a person; a line of somebody's order is a thing."""
    if _PEOPLE.search(name):
        return "person"
    return "thing" if _THINGS.search(name) else place


def _is_personal(name: str, place: _Place) -> bool:
    if _HARMLESS.search(name):
        return False
    return bool(_PERSONAL.search(name)) and not (place == "thing" and name.lower() in _NAMES_OF_THINGS)


def _may_show_number(value: float, name: str) -> bool:
    digits = sum(char.isdigit() for char in str(value).partition(".")[0])
    if digits <= _LONGEST_PLAIN:
        return True
    if _IDS.search(name) or _THING_IDS.search(name):
        return not (_PEOPLES_IDS.search(name) and digits <= 12)  # as long as a phone or a national number
    return bool(_MOMENTS.search(name))


def _text(text: str, name: str, place: _Place) -> str:
    """A text as far as it is known to be nobody's: by its form, by its key, or as part of a thing."""
    if _MOMENT.fullmatch(text) or _AMOUNT.fullmatch(text) or _UUID.fullmatch(text):
        return text if place != "person" or _MOMENTS.search(name) or _IDS.search(name) else _HIDDEN
    if _THING_IDS.search(name):
        return _EMAIL.sub(_mask, text)
    if _KINDS.search(name):
        return scrubbed(text)
    return _id(text) if _IDS.search(name) else _words(text, place)


def _words(text: str, place: _Place) -> str:
    if place != "person" and text.startswith(("https://", "http://")):
        return _address(text)
    return scrubbed(text) if place == "thing" else _HIDDEN


def _id(text: str) -> str:
    if _EMAIL.fullmatch(text):
        return str(redacted(text))
    return text if _NUMBERED.fullmatch(text) and not _LONG_NUMBER.search(text) else _HIDDEN


def _address(text: str) -> str:
    """Where a page is, without what was asked of it."""
    (scheme, host), (path, asked) = urls.place(text), urls.path_of(text)
    return f"{scheme}://{host}{'/'.join(map(scrubbed, path.split('/')))}{'?' + _HIDDEN if asked else ''}"


def scrubbed(text: str) -> str:
    """A text without e-mail addresses and long numbers, written plainly or encoded as in an address."""
    decoded = urls.plain(text) if "%" in text else text  # first: of two addresses one may be plain, the other not
    for encoded in (decoded, text):
        if _EMAIL.search(encoded) or _LONG_NUMBER.search(encoded):
            return _LONG_NUMBER.sub(_HIDDEN, _EMAIL.sub(_mask, encoded))
    return text


def _mask(found: re.Match[str]) -> str:
    return str(redacted(found.group()))


def _key(key: str) -> str:
    """A key may be an address, a number or a name itself."""
    return _HIDDEN if _NO_KEY.search(key) else scrubbed(key)


def _distinct(pairs: Iterable[tuple[str, Any]]) -> Iterable[tuple[str, Any]]:
    """Two keys masked to the same stay two."""
    met: dict[str, int] = {}
    for key, value in pairs:
        met[key] = met.get(key, 0) + 1
        yield (key if met[key] == 1 else f"{key} ({met[key]})"), value


def _inner(text: str) -> Any:
    """JSON in a text (Amazon SNS and forms carry it so)."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None

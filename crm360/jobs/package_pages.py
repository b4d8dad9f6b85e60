"""The pages of a package: what the data say to a person who opens the folder, and the same on paper."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, NamedTuple

from flask import current_app
from flask_babel import force_locale, gettext
from markupsafe import Markup

import config
from crm360.consents import definitions
from crm360.evidence.receipts import Controller
from crm360.flows import personal_map
from crm360.flows.access_package import Copy, Part
from crm360.kernel import paper
from crm360.kernel.personal_data import CATEGORIES

#: Rows of a table, and raw payloads, that pages show; data.json holds all.
MOST = 300
#: Fields of the golden record, in the order of a visiting card.
_NAMES = ("display_name", "email", "phone", "company", "street", "postcode", "city", "country", "birth_date")


class Shown(NamedTuple):
    """A table as a page shows it."""

    title: str
    columns: list[str]
    rows: list[list[str]]
    more: int


def pages(copy: Copy, *, controller: Controller, locale: str, case_id: int, now: datetime) -> list[Part]:
    """index.html, info_art15.html and report.pdf. Raises OSError where the PDF's libraries are not installed."""
    with force_locale(locale):
        told = _told(copy, controller, locale, case_id, now)
        # by the environment itself: what pages of staff are told (who is signed in, which theme) has no place here
        index, information = (
            current_app.jinja_env.get_template(f"package/{name}.html").render(told) for name in ("index", "information")
        )
    return [
        Part("index.html", index.encode()),
        Part("info_art15.html", information.encode()),
        Part("report.pdf", paper.pdf(index)),
    ]


def _told(copy: Copy, controller: Controller, locale: str, case_id: int, now: datetime) -> dict[str, Any]:
    style = Markup("<style>{}</style>").format(Markup((config.ROOT / "templates/package/style.css").read_text()))  # noqa: S704 (ours)
    return {
        "copy": copy, "shop": controller.name, "controller": controller, "locale": locale, "case_id": case_id, "made_at": now, "style": style, "most": MOST,
        "names": [(_field(name), copy.names[name].replace("\n", ", ")) for name in _NAMES if copy.names.get(name)],
        "tables": [_shown(name, rows) for name, rows in copy.tables.items() if rows],
        "payloads": [row | {"parts": [_pretty(part) for part in row["content"]]} for row in copy.payloads[:MOST] if row["content"]],
        "purposes": _purposes(locale, now), "categories": _categories(copy), "sources": _sources(copy),
    }  # fmt: skip


def _field(name: str) -> str:
    words = {
        "display_name": gettext("Name"), "email": gettext("E-mail"), "phone": gettext("Phone"),
        "company": gettext("Company"), "street": gettext("Street"), "postcode": gettext("Postcode"),
        "city": gettext("City"), "country": gettext("Country"), "birth_date": gettext("Date of birth"),
    }  # fmt: skip
    return words[name]


def _title(table: str) -> str:
    titles = {
        "identity_contact": gettext("What each source calls you"),
        "identity_identifier": gettext("Addresses and numbers"),
        "commerce_order": gettext("Purchases"), "commerce_order_line": gettext("What you bought"),
        "commerce_refund": gettext("Refunds"), "commerce_cart": gettext("Carts"),
        "commerce_value": gettext("What was computed from your purchases"),
        "conversations_conversation": gettext("Conversations"), "conversations_message": gettext("Messages"),
        "consents_statement": gettext("What was stated about consents"), "consents_stop": gettext("Objections and restrictions"),
        "outbox_letter": gettext("Letters we sent or will send"), "profiles_timeline_entry": gettext("What happened, in order"),
        "profiles_golden_record": gettext("What our colleagues see first"), "profiles_note": gettext("Notes of colleagues"),
        "profiles_tag": gettext("Labels"), "privacy_case": gettext("Requests about your data"),
    }  # fmt: skip
    return titles.get(table, table.replace("_", " ").capitalize())


def _shown(name: str, rows: list[dict[str, Any]]) -> Shown:
    columns = [
        column for column in personal_map.told(name) if any(row.get(column) not in (None, "", {}, []) for row in rows)
    ]
    cells = [[_cell(row.get(column)) for column in columns] for row in rows[:MOST]]
    return Shown(_title(name), [column.replace("_", " ") for column in columns], cells, max(0, len(rows) - MOST))


def _cell(value: Any) -> str:
    if value in (None, "", {}, []):
        return ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _pretty(part: Any) -> str:
    return part if isinstance(part, str) else json.dumps(part, ensure_ascii=False, indent=1)


def _purposes(locale: str, now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "name": each.names.get(locale) or each.names.get("en") or each.code, "basis": each.basis.replace("_", " "),
            "categories": ", ".join(each.categories), "recipients": ", ".join(each.recipients),
            "retention": each.retention, "profiling": each.profiling,
        }
        for each in definitions.catalogue(now=now).known.values()
    ]  # fmt: skip


def _categories(copy: Copy) -> list[str]:
    held = {code for name, rows in copy.tables.items() if rows for code in personal_map.columns()[name].values()}
    return [each.title for code, each in CATEGORIES.items() if code in held and each.told and each.personal]


def _sources(copy: Copy) -> list[str]:
    return sorted({str(row["source"]) for row in copy.tables.get("identity_contact", [])})

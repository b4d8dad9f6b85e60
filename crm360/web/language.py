"""Which language, time zone and theme a visitor reads in."""

from __future__ import annotations

import logging
from pathlib import Path

from flask import Flask, current_app, has_request_context, request, session
from flask_babel import Babel, get_locale

from crm360.web import translations
from crm360.web.visitors import me

LOCALES = ("en", "pl")
THEMES = ("", "light", "dark")
FOLDER = Path(__file__).resolve().parent.parent / "translations"

babel = Babel()
log = logging.getLogger(__name__)


def prepare(app: Flask) -> None:
    """Load the catalogues, compiled when that was not done yet."""
    try:
        translations.compile_all(FOLDER)
    except OSError as error:
        log.warning("translations cannot be compiled, pages stay English: %s", error)
    app.config.update(BABEL_TRANSLATION_DIRECTORIES=str(FOLDER), BABEL_DEFAULT_TIMEZONE=app.config["SETTINGS"].timezone)
    babel.init_app(app, locale_selector=choose_locale)
    app.context_processor(lambda: {"locale": str(get_locale() or "en"), "theme": theme(), "locales": LOCALES})


def choose_locale() -> str:
    """What a link asks for, else the person's own choice, else the browser's, else the installation's."""
    default = str(current_app.config["SETTINGS"].default_locale)
    if not has_request_context():
        return default
    if (asked := request.args.get("lang", "")) in LOCALES:
        return asked
    chosen = (visitor.staff.locale if (visitor := me()) else "") or session.get("locale", "")
    return chosen if chosen in LOCALES else request.accept_languages.best_match(LOCALES) or default


def theme() -> str:
    """light, dark, or "" to follow the system."""
    visitor = me()
    chosen = visitor.staff.theme if visitor else session.get("theme", "")
    return chosen if chosen in THEMES else ""

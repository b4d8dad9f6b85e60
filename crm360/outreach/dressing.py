"""HTML that mail programs show and nobody is harmed by: styles moved to their elements, everything else cleaned. Pure.

Links are handed to `rewrite` on the way, so what counts clicks sees exactly the links a reader can click.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

import css_inline
import nh3

_TAGS_TEXT = """
    a abbr b blockquote br center code dd del div dl dt em figure figcaption h1 h2 h3 h4 h5 h6 hr i img ins li ol p pre
    s small span strong sub sup table tbody td tfoot th thead tr u ul
    """
_TAGS = frozenset(_TAGS_TEXT.split())
_ANY = {"align", "bgcolor", "class", "dir", "height", "lang", "style", "title", "valign", "width", "role"}
_ATTRIBUTES = {
    "*": _ANY, "a": {"href", "name", "target"}, "img": {"src", "alt", "border"},
    "table": {"border", "cellpadding", "cellspacing"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
}  # fmt: skip
_STYLES_TEXT = """
    background background-color border border-bottom border-collapse border-color border-left border-radius
    border-right border-spacing border-style border-top border-width color display font font-family font-size
    font-style font-weight height letter-spacing line-height list-style list-style-type margin margin-bottom
    margin-left margin-right margin-top max-height max-width min-height min-width opacity overflow padding
    padding-bottom padding-left padding-right padding-top text-align text-decoration text-transform
    vertical-align white-space width word-break overflow-wrap table-layout
    """
_STYLES = frozenset(_STYLES_TEXT.split())
_SCHEMES = {"http", "https", "mailto", "tel"}
#: Styles may fetch nothing: what is fetched tells that a message was read.
_FETCHING = re.compile(r"url\s*\(|image-set|expression|@import|\\", re.IGNORECASE)
_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False, keep_link_tags=False)
_BLANK = re.compile(r"[ \t\xa0]+")
_LINES = re.compile(r"\n{3,}")


def dressed(body: str, *, rewrite: Callable[[str], str] = lambda url: url) -> str:
    """A body as it may be sent: styles inline, no script, no frame, no form, nothing fetched but pictures.

    `rewrite(url)` gives the address to write for each web link.
    """

    def attribute(tag: str, name: str, value: str) -> str | None:
        if name == "style" and _FETCHING.search(value):
            return None
        if tag == "a" and name == "href" and value.lower().startswith(("http://", "https://")):
            return rewrite(value)
        return value

    inlined = _INLINER.inline(f"<html><body>{body}</body></html>") if "<style" in body.lower() else body
    return nh3.clean(
        inlined, tags=set(_TAGS), clean_content_tags={"script", "style", "title", "iframe", "object", "noscript"},
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()}, attribute_filter=attribute,
        url_schemes=_SCHEMES, filter_style_properties=set(_STYLES), link_rel=None,
    )  # fmt: skip


def links(body: str) -> list[str]:
    """The web links of a body, each once, in their order."""
    found: dict[str, None] = {}

    def note(url: str) -> str:
        found.setdefault(url)
        return url

    dressed(body, rewrite=note)
    return list(found)


def document(body: str, *, locale: str, subject: str, preheader: str = "", foot: str = "", pixel: str = "") -> str:
    """A cleaned body as a whole message: readable on a phone and on a desk, in light and dark."""
    hidden = f'<div style="display:none;max-height:0;overflow:hidden">{escape(preheader)}</div>' if preheader else ""
    picture = f'<img src="{escape(pixel)}" width="1" height="1" alt="">' if pixel else ""
    return (
        f'<!doctype html>\n<html lang="{escape(locale)}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{escape(subject)}</title></head>\n'
        f'<body style="margin:0;padding:16px;font-family:system-ui,-apple-system,Segoe UI,Roboto,Arial,sans-serif;'
        f'font-size:16px;line-height:1.5">{hidden}<div style="max-width:640px;margin:0 auto">{body}{foot}</div>{picture}'
        f"</body></html>\n"
    )


def as_text(body: str) -> str:
    """The words of a body, for readers without HTML: a link's address after its words."""
    plain = re.sub(r"(?i)<(br|/p|/div|/h[1-6]|/tr|/li)[^>]*>", r"\n", dressed(body))
    plain = re.sub(r'(?is)<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', r"\2 (\1)", plain)
    words = nh3.clean(plain, tags=set())
    lines = (_BLANK.sub(" ", line).strip() for line in _unescaped(words).splitlines())
    return _LINES.sub("\n\n", "\n".join(lines)).strip() + "\n"


def _unescaped(text: str) -> str:
    for entity, letter in (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&amp;", "&")):
        text = text.replace(entity, letter)
    return text

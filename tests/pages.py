"""What every page must hold, checked on every HTML answer a test receives; and forms filled in as a browser would."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

import config

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
KNOWN_ICONS = frozenset((config.ROOT / "crm360/static/icons.txt").read_text().split())
DATA_SCRIPTS = frozenset({"application/json", "application/ld+json"})


@dataclass
class Form:
    """A form of a page: where it goes, how, and what it would send untouched."""

    action: str
    method: str
    id: str
    values: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """An HTML answer taken apart: tags, text, forms, and what breaks a rule of the house."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.forms: list[Form] = []
        self.faults: list[str] = []
        self.title = ""
        self.text = ""
        self._open: list[str] = []
        self._select = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        self._check_attributes(tag, given)
        if tag not in VOID:
            self._open.append(tag)
        self._note_form(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._open:
            if tag not in VOID:
                self.faults.append(f"</{tag}> closes nothing")
            return
        while self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "title" in self._open and "svg" not in self._open:
            self.title += data
        elif "script" not in self._open and "style" not in self._open:
            self.text += data

    def _check_attributes(self, tag: str, given: dict[str, str]) -> None:
        for name, value in given.items():
            if name.startswith("on") or name == "style" or value.strip().lower().startswith("javascript:"):
                self.faults.append(f"<{tag} {name}=…> would need an unsafe content security policy")
        if tag == "style" or (tag == "script" and "src" not in given and given.get("type") not in DATA_SCRIPTS):
            self.faults.append(f"inline <{tag}>")

    def _note_form(self, tag: str, given: dict[str, str]) -> None:
        if tag == "form":
            method = given.get("method", "get").lower()
            self.forms.append(Form(given.get("action", ""), method, given.get("id", "")))
        elif not self.forms or "form" not in self._open or not given.get("name", self._select):
            return
        elif tag == "input" and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self.forms[-1].values[given["name"]] = given.get("value", "on" if given.get("type") == "checkbox" else "")
        elif tag == "textarea":
            self.forms[-1].values[given["name"]] = ""
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and ("selected" in given or self._select not in self.forms[-1].values):
            self.forms[-1].values[self._select] = given.get("value", "")

    def form(self, *, action: str = "", form_id: str = "") -> Form:
        """The one form whose action contains `action` and whose id is `form_id`."""
        found = [form for form in self.forms if action in form.action and form_id in ("", form.id)]
        assert found, f"no form with action …{action}… among {[form.action for form in self.forms]}"
        return found[0]

    def all_faults(self, *, whole: bool) -> list[str]:
        """Everything wrong with it; `whole` for a document, not a fragment."""
        faults = list(self.faults)
        faults += [f"icon {name!r} is not in crm360/static/icons.txt" for name in sorted(self._icons() - KNOWN_ICONS)]
        ids = Counter(given["id"] for _, given in self.tags if "id" in given)
        faults += [f"id {name!r} occurs {count} times" for name, count in ids.items() if count > 1 or not name]
        # The customers' pages know no session a forged form could borrow: their signed address is the proof.
        customers = any(tag == "body" and "public" in given.get("class", "").split() for tag, given in self.tags)
        faults += [
            f"form {form.action!r} has no CSRF token"
            for form in self.forms
            if form.method == "post" and not form.values.get("csrf_token") and not customers
        ]
        return faults + (self._document_faults() if whole else [])

    def _icons(self) -> set[str]:
        """Names of the icons shown from the sprite."""
        shown = (given.get("href", "") for tag, given in self.tags if tag == "use")
        return {href.partition("#")[2] for href in shown if "icons.svg" in href}

    def _document_faults(self) -> list[str]:
        names = Counter(tag for tag, _ in self.tags)
        faults = [f"{names['h1']} <h1> instead of one"] if names["h1"] != 1 else []
        faults += [f"{names['main']} <main> instead of one"] if names["main"] != 1 else []
        if not self.title.strip():
            faults.append("no <title>")
        if not any(tag == "html" and given.get("lang") for tag, given in self.tags):
            faults.append("<html> without lang")
        return faults


def check(html: str, *, whole: bool) -> Page:
    """Take an answer apart and refuse it when it breaks a rule."""
    page = Page(html)
    faults = page.all_faults(whole=whole)
    assert not faults, "the page breaks rules of the house: " + "; ".join(faults)
    return page

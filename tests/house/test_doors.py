"""Every route says who may use it, and templates need no unsafe content security policy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

#: Flask's own route for files everybody may read.
OPEN = {"static"}
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style\b|\sstyle=|\son[a-z]+=|javascript:|\|\s*safe\b", re.IGNORECASE)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_route_has_a_policy(app: Flask):
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()} - OPEN
    without = [name for name in endpoints if not policy_of(app.view_functions[name])]
    assert len(endpoints) > 20
    assert sorted(without) == []


def policy_of(view: object) -> str:
    """The policy a view carries itself, or on each HTTP method of its class."""
    if found := getattr(view, "policy", ""):
        return str(found)
    methods = getattr(view, "view_class", None)
    verbs = [getattr(methods, verb, None) for verb in ("get", "post", "put", "patch", "delete")]
    found = [getattr(verb, "policy", "") for verb in verbs if verb]
    return ",".join(found) if found and all(found) else ""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_only_known_pages_are_open_to_everybody(app: Flask):
    public = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in OPEN and policy_of(app.view_functions[rule.endpoint]) == "public"
    }
    assert public <= PUBLIC, "a new public page is a decision: add it here"


PUBLIC = {
    "public.answer_open_survey",
    "web.code_form",  # the second step of signing in
    "web.sign_in_with_code",
    "public.answer_survey",
    "public.show_open_survey",
    "public.show_survey",
    "health.healthz",
    "health.readyz",
    "public.ask_for_it",  # what customers do without a sign-in: forms, and links signed for one address
    "public.confirm",
    "public.follow_link",  # links of messages, signed for one recipient
    "public.load_picture",
    "public.make_request",
    "public.save_preferences",
    "public.send_data_code",
    "public.show_data",
    "public.take_data",
    "public.show_confirmation",
    "public.show_form",
    "public.show_preferences",
    "public.show_request",
    "public.show_unsubscribe",
    "public.unsubscribe",
    "api_docs.openapi_document",
    "api_docs.page",
    "api_docs.certificate",  # OpenDSR: what is understood here, and what checks the signatures
    "api_docs.discovery",
    "site.push_key",  # what every site loads
    "site.script",
    "site.worker",
    "tracking.ignore_metrics",  # kept nowhere
    "tracking_browser.jitsu_script",  # the vendors' public scripts
    "tracking_browser.rudder_health",
    "tracking_browser.segment_bundle",
    "tracking_browser.segment_script",
    "tracking.refuse",  # a wrong address under the tracking paths, told so in their words
    "web.sign_in_form",
    "web.begin_outside",  # signing in with the company's own provider: off to it, and back
    "web.end_outside",
    "web.sign_in",
    "web.save_preferences",  # language and theme before the sign-in
}


def test_templates_hold_no_inline_script_or_style(root: Path):
    faults = [
        f"{path.relative_to(root)}:{number}: {line.strip()}"
        for path in (root / "templates").rglob("*.html")
        if path.parent.name != "emails"  # mail programs know no style sheets
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if INLINE.search(line)
    ]
    assert faults == []

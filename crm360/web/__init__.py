"""The staff's door: pages behind a sign-in."""

from __future__ import annotations

from flask import Flask

from crm360.web import (
    answering,
    assets,
    audit_trail,
    bulk,
    calling,
    comparing,
    customers,
    deals,
    decisions,
    desk,
    duplicates,
    error_pages,
    formats,
    groups,
    headers,
    identity_rules,
    imports,
    inbox,
    insights,
    journeys,
    keys,
    language,
    loyalty,
    merging,
    model,
    navigation,
    notes,
    origins,
    pins,
    preferences,
    privacy_cases,
    prospects,
    serving_figures,
    shared_values,
    sign_in,
    source_tests,
    sources,
    staff,
    surveys,
    tail,
    tasks,
    timeline,
    visitors,
    webhooks,
    work,
    writing,
)
from crm360.web.blueprint import door

__all__ = ["register"]

PAGES = (
    sign_in,
    preferences,
    desk,
    customers,
    writing,
    timeline,
    work,
    tasks,
    deals,
    calling,
    surveys,
    notes,
    origins,
    pins,
    groups,
    prospects,
    insights,
    loyalty,
    serving_figures,
    journeys,
    comparing,
    merging,
    duplicates,
    answering,
    bulk,
    decisions,
    shared_values,
    model,
    identity_rules,
    imports,
    audit_trail,
    privacy_cases,
    sources,
    source_tests,
    tail,
    inbox,
    webhooks,
    keys,
    staff,
)


def register(app: Flask) -> None:
    """Open the staff's door of `app`."""
    for part in (visitors, language, formats, assets, headers, sign_in, error_pages, navigation):
        part.prepare(app)
    app.register_blueprint(door)

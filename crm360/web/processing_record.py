"""The record of processing activities (Art. 30): a page to read and print, and a table to take away."""

from __future__ import annotations

from typing import Any

from flask import current_app, render_template, request
from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response

from crm360.flows import processing_record as flow
from crm360.kernel import clock
from crm360.web import labels, privacy_words, tables
from crm360.web.blueprint import door
from crm360.web.consent_audit import controller
from crm360.web.policy import requires

RECIPIENTS: dict[str, Any] = {
    "webhook": _("Webhook"), "api_key": _("API key"), "mail_server": _("Mail server"), "declared": _("Named in a purpose"),
}  # fmt: skip
MEASURES: dict[str, Any] = {
    "passwords": _("Passwords are kept as Argon2id hashes only."),
    "roles_masked": _("Roles decide who sees what; contact details are masked for who need not know them."),
    "reads_logged": _("Every look at a customer is recorded, and the record cannot be edited."),
    "ledger": _("Consents stand in an append-only ledger over which a Merkle tree is signed."),
    "sealed": _("Credentials of sources and webhooks are encrypted."),
    "suppression": _("Addresses that must be left alone are kept as keyed digests only."),
    "no_bodies_out": _("Webhooks carry numbers of customers, never names or addresses."),
    "transport": _("People reach it by"), "cookies": _("Session cookies over HTTPS only"),
    "sessions": _("Hours until a sign-in ends"), "attempts": _("Attempts to sign in"), "staff": _("Colleagues by role"),
    "signed": _("Ledger signed last"), "dkim": _("Mail is signed (DKIM)"), "database": _("Database"),
}  # fmt: skip


@door.get("/privacy/processing")
@requires("privacy.manage")
def processing_record() -> str | Response:
    found = flow.record(current_app.config["SETTINGS"], now=clock.now())
    if request.args.get("form") == "csv":
        return as_file(found)
    return render_template("privacy/processing.html", record=found, controller=controller(), words=privacy_words,
                           recipients=RECIPIENTS, measures=MEASURES, language=str(get_locale()))  # fmt: skip


def as_file(found: flow.Record) -> Response:
    """One row a purpose, as Art. 30(1) lists it."""
    header = ("activity", "version", "lawful_basis", "data_subjects", "data", "channels", "recipients", "jurisdictions", "erasure", "profiling")  # fmt: skip
    language = str(get_locale())
    declared = [f"{RECIPIENTS[each.kind]}: {each.name}" for each in found.recipients if each.kind != "declared"]
    rows = (
        (each.names.get(language, each.code), each.version, privacy_words.BASES[each.basis], gettext("customers"),
         ", ".join(str(privacy_words.CATEGORIES.get(one, one)) for one in each.categories), ", ".join(str(labels.channel(one)) for one in each.channels),
         "; ".join([*each.recipients, *declared]), ", ".join(each.jurisdictions), each.retention, "yes" if each.profiling else "no")
        for each in found.purposes
    )  # fmt: skip
    return tables.as_csv(header, rows, name="processing-activities")

"""The consent audit page of a customer: as of any date, with the ledger below, and what the officer takes away from it."""

from __future__ import annotations

from datetime import datetime

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from crm360.accounts import audit, reads
from crm360.consents import definitions, tenancy
from crm360.consents.ledger import signer_of
from crm360.consents.models import Checkpoint
from crm360.evidence import gathering, packing
from crm360.evidence.receipts import Controller
from crm360.identity import queries as identity
from crm360.kernel import clock, notes, paper
from crm360.outbox import queries as outbox
from crm360.privacy import erasures
from crm360.profiles import queries as profiles
from crm360.web import consent_audit_view as view
from crm360.web import found, moments, privacy_words, tables
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.visitors import actor

AUDIT = "/privacy/consents/<int:profile_id>"
MOST_FOUND = 20


@door.get("/privacy/consents")
@requires("privacy.manage")
def find_consents() -> str:
    query = request.args.get("q", "").strip()
    hits = found.by_query(query, limit=MOST_FOUND, now=clock.now()) if query else []
    return render_template("privacy/find.html", hits=hits, query=query)


@door.get(AUDIT)
@requires("privacy.manage")
def consent_audit(profile_id: int) -> str | Response:
    try:
        here = identity.current(profile_id)
    except identity.ProfileNotFound:
        return of_the_erased(profile_id)
    if here != profile_id:
        return redirect(url_for("web.consent_audit", profile_id=here), 302)
    note_read(profile_id)
    return render_template("privacy/audit.html", **parts(profile_id, clock.now()))


@door.get(f"{AUDIT}/ledger.<any(csv, json):form>")
@requires("privacy.manage")
def consent_ledger(profile_id: int, form: str) -> Response:
    note_read(profile_id)
    rows = view.rows_of(view.chosen(view.statements_of(identity.current(profile_id)), request.args))
    name = f"consents-{profile_id}"
    if form == "json":
        return tables.as_json(rows, name=name)
    return tables.as_csv(view.HEADER, [list(row.values()) for row in rows], name=name)


@door.post(f"{AUDIT}/pack")
@requires("privacy.manage")
def evidence_pack(profile_id: int) -> Response:
    now, here = clock.now(), identity.current(profile_id)
    mark = packing.signed_now(signer=signer(), now=now)
    gathered = gathering.gather(here, mark=mark)
    assert mark is not None  # noqa: S101 - gather has refused an empty ledger
    pages = report_of(gathered, mark, parts(here, now))
    raw = packing.pack(gathered, mark=mark, purposes=definitions.catalogue(now=now), controller=controller(), signer=signer(), pages=pages)  # fmt: skip
    audit.record(actor=actor(), action="evidence.exported", subject_kind="profile", subject_id=here, now=now)
    return tables.as_zip(raw, name=f"evidence-{here}-{now:%Y-%m-%d}")


def report_of(gathered: gathering.Gathered, mark: Checkpoint, shown: dict[str, object]) -> dict[str, bytes]:
    """What people read in a pack: a page, and the same on paper."""
    style = packing.report_style()
    report = render_template("privacy/pack.html", gathered=gathered, mark=mark, controller=controller(), verifier=signer().verifier, **shown)  # fmt: skip
    return {"index.html": report.encode(), "report.css": style, "report.pdf": paper.pdf(report, style=style.decode())}


@door.get("/privacy/letters/<int:letter_id>")
@requires("privacy.manage")
def letter_basis(letter_id: int) -> str:
    letter = outbox.get(letter_id)
    permit = gathering.permits_of([letter_id]).get(letter_id)
    where = identity.profile_ids([letter.contact_id]) if letter.contact_id else {}
    profile_id = next(iter(where.values()), None)
    statements = [each for each in view.statements_of(profile_id) if permit and each.id in permit.evidence] if profile_id else []  # fmt: skip
    if profile_id:
        note_read(profile_id)
    return render_template("privacy/letter.html", letter=letter, permit=permit, profile_id=profile_id, statements=statements, words=privacy_words)  # fmt: skip


def of_the_erased(profile_id: int) -> str:
    """What is still known of somebody erased; raises what was raised when nobody of this number was."""
    erased = erasures.of_profile(profile_id)
    if erased is None:
        raise identity.ProfileNotFound(f"There is no customer {profile_id}.")
    note_read(profile_id)
    return render_template("privacy/erased.html", profile_id=profile_id, erased=erased)


def parts(profile_id: int, now: datetime) -> dict[str, object]:
    """What the page shows: held then, one statement when asked for, the ledger, the letters."""
    at = min(moments.typed(request.values.get("at")) or now, now)
    known_then = request.values.get("known") == "then"
    statements, letters = view.statements_of(profile_id), gathering.letters_of(profile_id)
    one = request.args.get("statement", type=int)
    record = profiles.golden([profile_id]).get(profile_id)
    addresses = view.addresses(profile_id)
    return {
        "addresses": addresses, "tenures": tenancy.tenures_of({(each.kind, each.normal) for each in addresses}),
        "profile_id": profile_id, "record": record, "at": at, "at_field": moments.field(at), "known_then": known_then,
        "present": moments.typed(request.values.get("at")) is None, "held": view.held(profile_id, at=at, known=at if known_then else now),
        "statements": view.chosen(statements, request.args), "choices": view.choices(statements), "asked": asked(),
        "all_statements": statements, "letters": letters, "one": view.told(one, statements, letters) if one else None,
        "words": privacy_words,
    }  # fmt: skip


def asked() -> dict[str, str]:
    """The filter and the date as they stand in the address."""
    names = ("purpose", "channel", "state", "source", "at", "known")
    return {name: request.args[name] for name in names if request.args.get(name)}


def note_read(profile_id: int) -> None:
    """The officer sees the customer's data, and that is on record like anybody else's look."""
    reads.note(actor=actor(), action="consents.audited", subject_kind="profile", subject_id=profile_id)


def signer() -> notes.Signer:
    """Who signs the ledger."""
    settings = current_app.config["SETTINGS"]
    return signer_of(settings.public_url, settings.ledger_key)


def controller() -> Controller:
    """Who answers for the data."""
    return Controller.of(current_app.config["SETTINGS"], origin=signer().name)

"""`flask identity`: who is who, proved, explained and looked after."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import click

from crm360.cli.door import Group, operator, print_json, print_table
from crm360.cli.progress import steps
from crm360.flows import reidentify
from crm360.identity import auditing, explaining, in_force, model_versions, rebuilding, recomputing, whatif, whole
from crm360.identity import queries as identity
from crm360.identity.engine import model as documents
from crm360.identity.engine import resolution
from crm360.identity.engine.judging import Judge
from crm360.kernel import clock
from crm360.kernel.db import db

#: Changes shown without --json.
EXAMPLES = 20
RECOMPUTING = len(resolution.STEPS) + len(recomputing.STEPS)

group = Group("identity", help="Who is who: proved, explained, looked after.")


@group.command("rebuild")
@click.option(
    "--apply", "write", is_flag=True, help="First resolve every contact again, after an upgrade or a new model."
)
@click.option("--json", "as_json", is_flag=True)
def rebuild(write: bool, as_json: bool) -> None:
    """Recompute the whole partition from contacts and decisions; exit code 1 when the database holds another."""
    if write:
        with steps(RECOMPUTING) as progress:
            reidentify.everybody(now=clock.now(), progress=progress)
        db.session.commit()
    found = rebuilding.rebuild()
    if as_json:
        print_json({**found._asdict(), "differences": [each._asdict() for each in found.differences]})
    else:
        click.echo(f"{found.contacts} contacts are {found.persons} persons and lone visitors.")
        click.echo(
            f"{len(found.stale_forms)} compared forms are stale, {len(found.differences)} persons stored otherwise, "
            f"{found.stale_pairs} pairs and {len(found.stale_values)} values of many."
        )
        for each in found.differences[:20]:
            click.echo(f"  contacts {', '.join(map(str, each.contact_ids))} are in profiles {each.profile_ids}")
    if not found.in_order:
        raise SystemExit(1)


@group.command("explain")
@click.argument("left_id", type=int)
@click.argument("right_id", type=int)
@click.option("--json", "as_json", is_flag=True)
def explain(left_id: int, right_id: int, as_json: bool) -> None:
    """Why two contacts are, or are not, one person."""
    found = explaining.explain(left_id=left_id, right_id=right_id)
    steps = explaining.path(left_id=left_id, right_id=right_id)
    if as_json:
        print_json({**asdict(found), "path": [asdict(step) for step in steps]})
        return
    print_table(
        ("FIELD", "LEVEL", "BITS", "ONE", "THE OTHER"),
        [(row["field"], row["level"], f"{row['bits']:+.1f}", row["left"], row["right"]) for row in found.evidence],
    )
    click.echo(
        f"prior {found.prior:+.1f}, total {found.weight:+.1f}; joins from {found.join:+.1f}, asks from {found.review:+.1f}"
    )
    click.echo(f"verdict: {found.verdict}{f' ({found.conflict})' if found.conflict else ''}")
    click.echo("one profile" if found.together else "two profiles")
    for step in steps:
        how = f"decision {step.decision_id}" if step.decision_id else f"{step.weight:+.1f} bits"
        click.echo(f"  {step.left_id} - {step.right_id}: {how}")


@group.command("what-if")
@click.option("--join", type=float, help="Another threshold in bits from which a pair joins.")
@click.option("--review", type=float, help="Another threshold in bits from which a pair waits for a person.")
@click.option("--version", help="A stored model, by name or number.")
@click.option(
    "--model", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Another model document."
)
@click.option("--json", "as_json", is_flag=True)
def what_if(join: float | None, review: float | None, version: str | None, file: Path | None, as_json: bool) -> None:
    """What another model or threshold would join, part and hold. Changes nothing."""
    if version and file:
        raise click.UsageError("Give a stored version or a document, not both.")
    candidate = _candidate(join, review, version, file)
    base = rebuilding.load().base
    now, then = whole.outcome(base, in_force.current().judge), whole.outcome(base, candidate)
    found = whatif.effect(now.persons, then.persons, now.held, then.held)
    if as_json:
        print_json({**found._asdict(), "changes": [change._asdict() for change in found.changes]})
        return
    click.echo(f"{found.joined} pairs of records would join, {found.parted} would part.")
    click.echo(f"{found.newly_held} pairs would newly wait for a person, {found.no_longer_held} no longer.")
    for change in found.changes[:EXAMPLES]:
        was, will = (" | ".join(" ".join(f"{base.keys[c][0]}#{c}" for c in part) for part in side) for side in change)
        click.echo(f"  {was}  →  {will}")
    if found.changes:
        click.echo("Each is SOURCE#NUMBER of a record; `flask identity explain NUMBER NUMBER` tells of two why.")
    if len(found.changes) > EXAMPLES:
        click.echo(f"  … and {len(found.changes) - EXAMPLES} more; --json shows all")


def _candidate(join: float | None, review: float | None, version: str | None, file: Path | None) -> Judge:
    try:
        judge = Judge(documents.from_document(json.loads(file.read_text()))) if file else in_force.current().judge
    except (ValueError, AttributeError, TypeError) as error:
        raise click.ClickException(f"{file} is no model document ({type(error).__name__}: {error}).") from None
    if version:
        judge = in_force.judge_of(model_versions.by_name(version).id)
    model = judge.model
    model = replace(model, join=model.join if join is None else join, review=model.review if review is None else review)
    if model.review > model.join:
        raise click.ClickException("The threshold to review must not be above the one to join.")
    return Judge(model)


@group.command("models")
@click.option("--activate", metavar="NAME", help="Put a stored model in force: everybody is resolved again by it.")
@click.option("--store", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Keep a document.")
@click.option("--name", default="", help="What the stored document is called.")
@click.option("--reason", default="", help="Why it is put in force.")
@click.option("--json", "as_json", is_flag=True)
def models(activate: str | None, file: Path | None, name: str, reason: str, as_json: bool) -> None:
    """Stored versions of the matching model, which is in force, and what each was trained on."""
    by, now = operator().name, clock.now()
    if file:
        model_versions.store(document=_document(file), by=by, name=name, now=now)
    if activate:
        chosen = model_versions.by_name(activate).id
        model_versions.request_activation(model_id=chosen, by=by, reason=reason, now=now)
        with steps(RECOMPUTING) as progress:
            reidentify.make_effective(now=now, progress=progress)
    found = model_versions.versions()
    if as_json:
        print_json({"models": [each._asdict() for each in found]})
        return
    print_table(
        ("ID", "NAME", "CREATED", "BY", "RECORDS", "IN FORCE"),
        [
            (
                each.id, each.name, each.created_at.date().isoformat(), each.created_by,
                each.trained_on.get("rows", ""), "yes" if each.in_force else "waits" if each.waiting else "",
            )
            for each in found
        ],
    )  # fmt: skip


def _document(file: Path) -> dict[str, object]:
    try:
        found: dict[str, object] = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise click.ClickException(f"{file.name} is no JSON: {error}.") from None
    return found


@group.command("audit")
@click.option("--json", "as_json", is_flag=True)
def audit(as_json: bool) -> None:
    """Shared identifiers, large profiles, contradictions inside profiles, and how many pairs wait for a person."""
    found = {
        "open_reviews": identity.count_open(),
        "shared_identifiers": [asdict(each) for each in auditing.shared_identifiers()],
        "large_profiles": [each._asdict() for each in auditing.large_profiles()],
        "contradictions": [each._asdict() for each in auditing.contradictions()],
    }
    if as_json:
        print_json(found)
        return
    click.echo(f"{found['open_reviews']} pairs wait for a person.")
    for title in ("shared_identifiers", "large_profiles", "contradictions"):
        rows = [tuple(row.values()) for row in found[title]]  # type: ignore[attr-defined]  # lists but the first
        click.echo(f"\n{title.replace('_', ' ')}: {len(rows)}")
        if rows:
            names = tuple(name.upper() for name in found[title][0])  # type: ignore[index]
            print_table(names, rows)

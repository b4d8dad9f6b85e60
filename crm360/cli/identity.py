"""`flask identity`: who is who, proved, explained and looked after."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import click

from crm360.cli.door import Group, print_json, print_table
from crm360.cli.progress import bars
from crm360.flows import reidentify
from crm360.identity import auditing, explaining, rebuilding, scoring, whatif, whole
from crm360.identity import queries as identity
from crm360.kernel import clock
from crm360.kernel.db import db

#: Changes shown without --json.
EXAMPLES = 20

group = Group("identity", help="Who is who: proved, explained, looked after.")


@group.command("rebuild")
@click.option(
    "--apply", "write", is_flag=True, help="First resolve every contact again, after an upgrade or a new model."
)
@click.option("--json", "as_json", is_flag=True)
def rebuild(write: bool, as_json: bool) -> None:
    """Recompute the whole partition from contacts and decisions; exit code 1 when the database holds another."""
    if write:
        _resolve_everybody()
    found = rebuilding.rebuild()
    if as_json:
        print_json({**found._asdict(), "differences": [each._asdict() for each in found.differences]})
    else:
        click.echo(f"{found.contacts} contacts are {found.persons} persons and lone visitors.")
        click.echo(
            f"{len(found.stale_forms)} compared forms are stale, {len(found.differences)} persons stored otherwise."
        )
        for each in found.differences[:20]:
            click.echo(f"  contacts {', '.join(map(str, each.contact_ids))} are in profiles {each.profile_ids}")
    if found.differences or found.stale_forms:
        raise SystemExit(1)


def _resolve_everybody() -> None:
    total = identity.counts()["contacts"]
    with bars() as progress:
        task = progress.add_task("resolving contacts", total=total)
        for done in reidentify.everybody(now=clock.now()):
            db.session.commit()
            progress.advance(task, done)


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
@click.option(
    "--model", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Another model document."
)
@click.option("--json", "as_json", is_flag=True)
def what_if(join: float | None, review: float | None, file: Path | None, as_json: bool) -> None:
    """What another model or threshold would join, part and hold. Changes nothing."""
    candidate = _candidate(join, review, file)
    base, _, _ = rebuilding.load()
    now, then = whole.outcome(base), whole.outcome(base, candidate)
    found = whatif.effect(now.persons, then.persons, now.held, then.held)
    if as_json:
        print_json({**found._asdict(), "changes": [change._asdict() for change in found.changes]})
        return
    click.echo(f"{found.joined} pairs of records would join, {found.parted} would part.")
    click.echo(f"{found.newly_held} pairs would newly wait for a person, {found.no_longer_held} no longer.")
    for change in found.changes[:EXAMPLES]:
        was, will = (" | ".join(" ".join(base.keys[c][1] for c in part) for part in side) for side in change)
        click.echo(f"  {was}  →  {will}")
    if len(found.changes) > EXAMPLES:
        click.echo(f"  … and {len(found.changes) - EXAMPLES} more; --json shows all")


def _candidate(join: float | None, review: float | None, file: Path | None) -> scoring.Model:
    try:
        model = scoring.read_model(file.read_text()) if file else scoring.current_model()
    except (ValueError, KeyError, TypeError) as error:
        raise click.ClickException(f"{file} is no model document ({type(error).__name__}: {error}).") from None
    model = replace(model, join=model.join if join is None else join, review=model.review if review is None else review)
    if model.review > model.join:
        raise click.ClickException("The threshold to review must not be above the one to join.")
    return model


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

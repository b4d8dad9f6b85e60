"""`flask identity dedupe` and `train`: who is who in any file, without a database; and models learned from either."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import click
import numpy as np
from flask.cli import with_appcontext

from crm360.cli import identity_files
from crm360.cli.door import operator, remark, settled
from crm360.cli.identity_files import People
from crm360.cli.progress import steps
from crm360.flows import studying
from crm360.identity import model_versions, studies
from crm360.identity.engine import fields, resolution
from crm360.identity.engine import model as models
from crm360.identity.engine.resolution import Progress, Resolution
from crm360.kernel import clock

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW = click.Path(dir_okay=False, writable=True, path_type=Path)
MAP = click.option("--map", "overrides", multiple=True, metavar="COLUMN=FIELD", help="COLUMN= leaves a column out.")


@click.command("dedupe")
@click.argument("file", type=EXISTING, required=False)
@click.option("--out", type=NEW, required=True, help="record_id,profile_id of every row.")
@click.option("--pairs", type=NEW, help="left_id,right_id,weight,probability,decision of every likely pair.")
@MAP
@click.option("--model", "model_file", type=EXISTING, help="A trained model; without one the file itself teaches.")
@click.option("--link-only", nargs=2, type=EXISTING, metavar="A B", help="Compare rows of A with rows of B only.")
def dedupe(
    file: Path | None, out: Path, pairs: Path | None, overrides: tuple[str, ...], model_file: Path | None,
    link_only: tuple[Path, Path] | None,
) -> None:  # fmt: skip
    """Find the rows of FILE (CSV or Parquet) that are one person."""
    if (file is None) == (not link_only):
        raise click.UsageError("Give one file, or two with --link-only.")
    model = _model(model_file) if model_file else None
    with steps(len(resolution.STEPS) + 2) as progress:
        people, sides = _people([file] if file else list(link_only or ()), overrides)
        found = _resolved(people, sides, overrides, model, progress)
        identity_files.write(out, ("record_id", "profile_id"), zip(people.ids, found.profiles.tolist(), strict=True))
        if pairs:
            identity_files.write(
                pairs, ("left_id", "right_id", "weight", "probability", "decision"), _pairs(found, people)
            )
    profiles = int(found.profiles.max(initial=0))
    click.echo(f"{len(people.ids)} records are {profiles} profiles ({found.candidates} pairs compared).")


@click.command("train")
@click.argument("file", type=EXISTING, required=False)
@click.option("--out", type=NEW, help="The model, as readable JSON.")
@click.option("--from-database", is_flag=True, help="Learn from our own customers and what people answered about them.")
@MAP
def train(file: Path | None, out: Path | None, from_database: bool, overrides: tuple[str, ...]) -> None:
    """Learn a model: from FILE without labels, or from the customers in the database with people's answers as labels.

    From the database it becomes a version that changes nothing until somebody puts it in force (`models --activate`).
    """
    if (file is None) != from_database:
        raise click.UsageError("Give a file, or --from-database.")
    if file is None:
        _from_database(out)
        return
    if out is None:
        raise click.UsageError("Say with --out where the model goes.")
    with steps(len(resolution.STEPS) + 2) as progress:
        people, sides = _people([file], overrides)
        found = _resolved(people, sides, overrides, None, progress)
    out.write_text(json.dumps(models.as_document(found.model), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    click.echo(f"Learned {len(found.model.estimate.m)} fields from {len(people.ids)} records.")


@with_appcontext
@settled
def _from_database(out: Path | None) -> None:
    computed, now = studying.compute(kind=studies.TRAINING, question={}), clock.now()
    kept = studying.keep(computed, by=operator().name, now=now)
    document = model_versions.get(kept["model_id"]).document
    if out:
        out.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    said = document["about"]["answers"]
    click.echo(
        f"{kept['name']}: learned {len(kept['fields'])} fields from {kept['records']} records "
        f"and {kept['answers']} pairs people answered ({said['same']} the same, {said['different']} not)."
    )


def _model(file: Path) -> models.Model:
    try:
        return models.from_document(json.loads(file.read_text(encoding="utf-8")))
    except (ValueError, AttributeError) as error:
        raise click.ClickException(f"{file.name}: {error}") from None


def _people(files: Sequence[Path], overrides: Sequence[str]) -> tuple[People, Any]:
    """The rows of all files under one another, and which file each came from (None for one file)."""
    named = next(
        (one.rpartition("=")[0].strip() for one in overrides if one.rpartition("=")[2].strip() == "record_id"), ""
    )
    read = [identity_files.read(file, id_column=named) for file in files]
    if len(read) == 1:
        return read[0], None
    columns = list(dict.fromkeys(chain.from_iterable(people.cells for people in read)))
    cells: dict[str, Sequence[str | None]] = {
        column: [*chain.from_iterable(people.cells.get(column, [None] * len(people.ids)) for people in read)]
        for column in columns
    }
    clash = {*read[0].ids} & {*read[1].ids}
    if clash:
        remark(f"Both files name rows {min(clash)!r} and the like: record ids get the file's name in front.")
    ids = [
        f"{file.stem}:{one}" if clash else one for file, people in zip(files, read, strict=True) for one in people.ids
    ]
    return People(cells, tuple(ids)), np.repeat(np.arange(2, dtype=np.int8), [len(people.ids) for people in read])


def _resolved(
    people: People, sides: Any, overrides: Sequence[str], model: models.Model | None, progress: Progress
) -> Resolution:
    given = [one for one in overrides if one.rpartition("=")[2].strip() != "record_id"]
    try:
        mapping = fields.recognise(list(people.cells), given)
        remark("; ".join(f"{column} is {field}" for column, field in mapping.items() if field in fields.MAPPABLE))
        raw = {field: people.cells[column] for column, field in reversed(mapping.items())}
        about = {"trained_on": clock.now().date().isoformat()}
        return resolution.resolve(
            fields.prepare(raw), people.ids, model=model, sides=sides, about=about, progress=progress
        )
    except ValueError as error:
        raise click.ClickException(str(error)) from None


def _pairs(found: Resolution, people: People) -> Iterator[tuple[object, ...]]:
    """Pairs worth a person's look and those that joined, heaviest first."""
    likely = np.flatnonzero(found.weights >= found.model.review)
    order = likely[np.lexsort((found.right[likely], found.left[likely], -found.weights[likely]))]
    for at in order.tolist():
        left, right, weight = int(found.left[at]), int(found.right[at]), float(found.weights[at])
        together = found.profiles[left] == found.profiles[right]
        decision = "join" if together else "review"
        probability = 1.0 / (1.0 + 2.0 ** min(-weight, 1000.0))
        yield people.ids[left], people.ids[right], round(weight, 3), round(probability, 6), decision

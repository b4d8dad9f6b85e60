"""A backup is put back, or tried: into a place beside the database, proved there, and only then exchanged for it.

What proves it (migrations, the ledger, erasures done again) is the application's own: `prove` starts it on the place.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from crm360.kernel.counting import counted
from crm360.upkeep import archive, folder, manifest
from crm360.upkeep.errors import CannotRestore
from crm360.upkeep.folder import Backup, Drill
from crm360.upkeep.making import FILES, UPLOADS, Place, Step, Tell, differing, silent
from crm360.upkeep.manifest import Manifest
from crm360.upkeep.stores import Store, open_store

#: Starts the application on the database of this address, and says what it found: {"migrated", "erased_again", …}.
Prove = Callable[[str], Mapping[str, Any]]
#: The label of the places a restore and a drill work in.
RESTORING, DRILL = "restoring", "drill"


class Restored(NamedTuple):
    """What was put back: where the old database is kept ("": there was none), what was proved, what to see to."""

    manifest: Manifest
    kept: str
    files: int
    proved: Mapping[str, Any]
    remarks: list[str]


def refuse_if_unfit(*, backup: Backup, place: Place, known: bool, running: str, yes: bool, other_keys: bool) -> None:
    """Whether it may be put back here at all. `known`: its migration is one of ours. Raises CannotRestore."""
    told, store = archive.read_manifest(backup.file), open_store(place.database_url)
    if told.dialect != store.dialect:
        raise CannotRestore(f"The backup holds a {told.dialect} database, DATABASE_URL names a {store.dialect} one.")
    if not known:
        raise CannotRestore(
            f"The backup was made by a newer crm360 ({told.version}, migration {told.migration}): install that first."
        )
    if running or (running := store.user()):
        raise CannotRestore(f"crm360 must not run while its database is exchanged: {running}. Stop it first.")
    missing = manifest.missing_keys(told, place)
    if "SUPPRESSION_KEY_FILE" in missing and not other_keys:
        words = " ".join(manifest.consequences(["SUPPRESSION_KEY_FILE"]))
        raise CannotRestore(f"{words} Put the key back first; `--other-keys` goes on without it.")
    if not store.is_empty() and not yes:
        raise CannotRestore(
            "There is a database already. With `--yes` it is kept aside and the backup takes its place."
        )


def restore(*, backup: Backup, place: Place, prove: Prove, now: datetime, tell: Tell = silent) -> Restored:
    """Load it beside, prove it there, exchange the two. Until then nothing is changed; a failure leaves all as it was."""
    store, stamp = open_store(place.database_url), f"{now.astimezone(UTC):%Y%m%d%H%M%S}"
    with folder.at_work(place.backup_dir):
        store.tidy(RESTORING)
        with _filled(store, backup, place, RESTORING, stamp, tell) as (url, told, remarks):
            _compare(store, told, url)
            put = _put_files(backup, told, place.instance_dir)
            try:
                tell(Step("prove", 0, 1))
                proved = prove(url)
                tell(Step("exchange", 0, 1))
                kept = store.exchange(url, stamp)
            except BaseException:
                for file in put:
                    file.unlink(missing_ok=True)
                raise
    remarks += manifest.consequences(manifest.missing_keys(told, place))
    return Restored(told, kept, len(put), proved, remarks)


def drill(*, backup: Backup, place: Place, prove: Prove, by: str, now: datetime, tell: Tell = silent) -> Drill:
    """Put it back into a database that is thrown away, and record what that proved. Raises what kept it from starting."""
    store, stamp, begun = open_store(place.database_url), f"{now.astimezone(UTC):%Y%m%d%H%M%S}", time.monotonic()
    proved: dict[str, str] = {}
    faults: list[str] = []
    with folder.at_work(place.backup_dir):
        store.tidy(DRILL)
        with _filled(store, backup, place, DRILL, stamp, tell) as (url, told, _):
            proved["restored"] = f"{counted(len(told.rows), 'table')}, every file by its hash"
            tell(Step("check", 0, 1))
            faults += store.check(url) + differing(told.rows, store.count(url))
            if not faults:
                proved["counted"] = (
                    f"{counted(told.total_rows, 'row')}, as many in each table as when the backup was made"
                )
                tell(Step("prove", 0, 1))
                found = prove(url)
                faults += [str(each) for each in found.get("faults", ())]
                proved |= _words(found)
        done = Drill(
            backup=backup.name, at=now, by=by, seconds=round(time.monotonic() - begun, 1), ok=not faults, proved=proved, faults=faults
        )  # fmt: skip
        folder.record_drill(place.backup_dir, done)
    return done


def _words(found: Mapping[str, Any]) -> dict[str, str]:
    return {
        "migrated": f"from {found['from']} to {found['to']}" if found["from"] != found["to"] else f"was on {found['to']} already",
        "ledger": f"{counted(found['ledger'], 'statement')} verified",
        "erased": f"{counted(found['erased_again'], 'contact')} erased since erased again, tombstones known: {found['tombstones']}",
        "files": f"{counted(found['profiles'], 'customer')} can be read",
    }  # fmt: skip


@contextmanager
def _filled(
    store: Store, backup: Backup, place: Place, label: str, stamp: str, tell: Tell
) -> Iterator[tuple[str, Manifest, list[str]]]:
    """A place beside the database that holds the backup; it is gone afterwards, unless it was exchanged."""
    told = archive.read_manifest(backup.file)
    with folder.workshop(place.backup_dir, f"{label}-{backup.name}") as inside:
        dump, size, done = inside / told.database, told.members[told.database].bytes, 0

        def count(some: int) -> None:
            nonlocal done
            done += some
            tell(Step("unpack", done, size))

        archive.extract(backup.file, told, told.database, dump, count)
        url = store.beside(label, stamp)
        try:
            tell(Step("load", 0, 1))
            remarks = store.fill(url, dump, told)
            yield url, told, remarks
        finally:
            store.discard(url)


def _compare(store: Store, told: Manifest, url: str) -> None:
    faults = store.check(url) + differing(told.rows, store.count(url))
    if faults:
        raise CannotRestore(f"The backup does not hold what it promises, nothing was changed: {'; '.join(faults[:3])}.")


def _put_files(backup: Backup, told: Manifest, instance_dir: Path) -> list[Path]:
    """Uploaded files that are not there any more; those that are stay as they are."""
    put = []
    below = (instance_dir / UPLOADS).resolve()
    for name in told.members:
        if not name.startswith(f"{FILES}{UPLOADS}/"):
            continue
        target = (instance_dir / name.removeprefix(FILES)).resolve()
        if not target.is_relative_to(below):
            raise CannotRestore(f"The backup names a file outside its folder: {name}.")
        if not target.exists():
            archive.extract(backup.file, told, name, target)
            put.append(target)
    return put

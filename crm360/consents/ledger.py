"""The ledger that only grows: a leaf for every statement, written with it; checkpoints over all of them; proof of both."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import func, select

from crm360.consents import commitments, merkle
from crm360.consents.models import Checkpoint, Leaf, Opening, Statement, Tenure
from crm360.kernel import bulk, dialects, notes
from crm360.kernel.batches import chunked
from crm360.kernel.db import db, table_of
from crm360.kernel.iso8601 import zulu

_NAMED_NOTICE = re.compile(r"[a-z0-9-]{1,40}@[0-9]{1,6}|[0-9a-f]{64}")
_CURRENT = select(Tenure.kind, Tenure.normal, Tenure.subject_key).where(
    dialects.Among(Tenure.normal), Tenure.until.is_(None)
)

Address = tuple[str, str]


class Fault(NamedTuple):
    """Something in the ledger that is not as it was written. `leaf` -1: the ledger as a whole."""

    leaf: int
    what: str


def append(rows: Sequence[Mapping[str, Any]], ids: Mapping[tuple[str, str], int]) -> None:
    """A leaf for each new statement. The caller holds the lock of the partition, so indexes have no gap.

    `rows` as the statements were inserted, `ids` their ids by (source, statement id).
    """
    if not rows:
        return
    subjects = tenures({(row["identifier_kind"], row["identifier_normal"]) for row in rows})
    last = db.session.scalar(select(func.max(Leaf.tree_index)))
    index = -1 if last is None else int(last)
    invalidated = _indexes([row["invalidates_id"] for row in rows if row["invalidates_id"] is not None])
    leaves, openings = [], []
    for row in rows:
        index += 1
        subject = subjects[row["identifier_kind"], row["identifier_normal"]]
        head = header(row, index, subject, invalidated.get(row["invalidates_id"]))
        salt = secrets.token_bytes(commitments.SALT_BYTES)
        leaves.append(leaf(head, index, salt, personal(row)))
        statement = ids[row["source"], row["statement_id"]]
        openings.append({"statement_id": statement, "tree_index": index, "salt": salt.hex()})
    bulk.insert_rows(db.session, table_of(Leaf), leaves)
    bulk.insert_rows(db.session, table_of(Opening), openings)


def tenures(addresses: Iterable[Address]) -> dict[Address, str]:
    """The pseudonym of each address's present holder, made for those met for the first time."""
    wanted = sorted(set(addresses))
    found = _current(wanted)
    new = {address: secrets.token_hex(16) for address in wanted if address not in found}
    rows = [
        {"subject_key": key, "kind": kind, "normal": normal, "since": None, "until": None, "reason": ""}
        for (kind, normal), key in new.items()
    ]
    bulk.insert_rows(db.session, table_of(Tenure), rows)
    return found | new


def header(row: Mapping[str, Any], index: int, subject: str, invalidates: int | None) -> dict[str, Any]:
    """What of a statement is no personal data and stays."""
    told = {name: row[name] for name in ("purpose", "channel", "state", "source", "method", "evidence_grade")}
    notice = row["notice"]
    shown = notice if _NAMED_NOTICE.fullmatch(notice) or not notice else sha256(notice.encode()).hexdigest()
    moments = {name: zulu(row[name]) for name in ("occurred_at", "recorded_at")}
    return told | moments | {"index": index, "subject": subject, "notice": shown, "invalidates": invalidates}


def personal(row: Mapping[str, Any]) -> dict[str, Any]:
    """What of a statement is about a person and goes with them."""
    names = ("identifier_kind", "identifier_value", "identifier_normal", "statement_id", "notice", "evidence")
    return {name: row[name] for name in names}


def leaf(head: Mapping[str, Any], index: int, salt: bytes, about: Mapping[str, Any]) -> dict[str, Any]:
    """The row of a leaf."""
    return {
        "tree_index": index, "header": dict(head), "header_hash": commitments.header_hash(head).hex(),
        "commitment": commitments.commitment(salt, about).hex(),
    }  # fmt: skip


def entry_hash(header_hash: str, commitment: str) -> bytes:
    """The tree's hash of a leaf."""
    return merkle.leaf_hash(commitments.entry(bytes.fromhex(header_hash), bytes.fromhex(commitment)))


def signer_of(public_url: str, key: bytes) -> notes.Signer:
    """Who signs: the installation, by its address."""
    return notes.Signer(f"{public_url.partition('://')[2]}/ledger", key)


def checkpoint(*, signer: notes.Signer, now: datetime) -> Checkpoint | None:
    """Sign the tree as it stands, going on from the last checkpoint; None when nothing was added since."""
    dialects.lock_partition(db.session)
    last = last_checkpoint()
    peaks = _peaks(last)
    grown = merkle.grown(peaks, _hashes_from(peaks.size))
    if grown.size == peaks.size:
        return None
    root = merkle.root(grown)
    text = f"{signer.name}\n{grown.size}\n{base64.b64encode(root).decode()}\n"
    made = Checkpoint(
        size=grown.size, root=root.hex(), peaks=[each.hex() for each in grown.hashes], note=notes.sign(text, signer),
        made_at=now,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def has_grown() -> bool:
    """Whether there are leaves no checkpoint covers."""
    last = last_checkpoint()
    return (
        db.session.scalar(select(Leaf.tree_index).where(Leaf.tree_index >= (last.size if last else 0)).limit(1))
        is not None
    )


def last_checkpoint() -> Checkpoint | None:
    """The newest checkpoint."""
    found: Checkpoint | None = db.session.scalar(select(Checkpoint).order_by(Checkpoint.size.desc()).limit(1))
    return found


def unsigned() -> int:
    """How many leaves no checkpoint covers yet; what is signed is not counted."""
    last = last_checkpoint()
    uncovered = select(func.count()).select_from(Leaf).where(Leaf.tree_index >= (last.size if last else 0))
    return int(db.session.scalar(uncovered) or 0)


def size() -> int:
    """How many leaves the ledger has."""
    return int(db.session.scalar(select(func.count()).select_from(Leaf)) or 0)


def faults(*, verifier: str) -> list[Fault]:
    """Everything in the ledger that is not as it was written; empty when all holds. Reads the whole ledger."""
    found = [*_faults_of_leaves(), *_faults_of_openings()]
    peaks, marks = merkle.Peaks(), {mark.size: mark for mark in db.session.scalars(select(Checkpoint))}
    for number, hashed in enumerate(_hashes_from(0), 1):
        peaks = merkle.grown(peaks, [hashed])
        if number in marks:
            found += _faults_of_mark(marks.pop(number), merkle.root(peaks), verifier)
    return found + [Fault(-1, f"The ledger is shorter than its checkpoint of {mark}.") for mark in sorted(marks)]


def _faults_of_leaves() -> Iterator[Fault]:
    expected = 0
    query = select(Leaf.tree_index, Leaf.header, Leaf.header_hash).order_by(Leaf.tree_index)
    for index, head, header_hash in db.session.execute(query.execution_options(yield_per=2000)):
        if index != expected:
            yield Fault(expected, "A leaf is missing.")
            expected = index
        if commitments.header_hash(head).hex() != header_hash or head.get("index") != index:
            yield Fault(index, "The header was changed.")
        expected += 1


def _faults_of_openings() -> Iterator[Fault]:
    """A header equal to the one made anew needs no second hash: that it fits its own was looked at with the leaves."""
    about = (Opening.salt, Leaf.tree_index, Leaf.header, Leaf.header_hash, Leaf.commitment)
    query = select(*about, *(getattr(Statement, name) for name in _TOLD))
    query = query.join(Leaf, Leaf.tree_index == Opening.tree_index)
    query = query.join(Statement, Statement.id == Opening.statement_id).order_by(Leaf.tree_index)
    for salt, index, head, header_hash, commitment, *said in db.session.execute(
        query.execution_options(yield_per=2000)
    ):
        told = dict(zip(_TOLD, said, strict=True))
        if commitments.commitment(bytes.fromhex(salt), personal(told)).hex() != commitment:
            yield Fault(index, "The statement is not what was committed to.")
        again = header(told, index, head.get("subject", ""), head.get("invalidates"))
        if again != head and commitments.header_hash(again).hex() != header_hash:
            yield Fault(index, "The statement does not fit its header.")
    without = (
        select(func.count())
        .select_from(Statement)
        .where(~select(Opening.statement_id).where(Opening.statement_id == Statement.id).exists())
    )
    if count := int(db.session.scalar(without) or 0):
        yield Fault(-1, f"{count} statements are not in the ledger.")


_TOLD = (
    "purpose", "channel", "state", "source", "method", "evidence_grade", "notice", "occurred_at", "recorded_at",
    "identifier_kind", "identifier_value", "identifier_normal", "statement_id", "evidence",
)  # fmt: skip


def _faults_of_mark(mark: Checkpoint, root: bytes, verifier: str) -> list[Fault]:
    if mark.root != root.hex():
        return [Fault(-1, f"The checkpoint of {mark.size} has another root.")]
    try:
        told = notes.opened(mark.note, verifier).splitlines()
    except notes.BadNote as error:
        return [Fault(-1, f"The checkpoint of {mark.size}: {error}")]
    fits = told[1:3] == [str(mark.size), base64.b64encode(root).decode()]
    return [] if fits else [Fault(-1, f"The note of the checkpoint of {mark.size} says something else.")]


def _hashes_from(index: int) -> Iterator[bytes]:
    query = select(Leaf.header_hash, Leaf.commitment).where(Leaf.tree_index >= index).order_by(Leaf.tree_index)
    for header_hash, commitment in db.session.execute(query.execution_options(yield_per=5000)):
        yield entry_hash(header_hash, commitment)


def leaf_hashes(*, upto: int) -> list[bytes]:
    """The tree's hashes of the first `upto` leaves."""
    return [hashed for hashed, _ in zip(_hashes_from(0), range(upto), strict=False)]


def _peaks(last: Checkpoint | None) -> merkle.Peaks:
    if last is None:
        return merkle.Peaks()
    return merkle.Peaks(last.size, tuple(bytes.fromhex(each) for each in last.peaks))


def _current(addresses: Sequence[Address]) -> dict[Address, str]:
    found: dict[Address, str] = {}
    for some in chunked(addresses):
        for kind, normal, subject in db.session.execute(_CURRENT, {"values": [normal for _, normal in some]}):
            found[kind, normal] = subject
    return {address: found[address] for address in addresses if address in found}


def _indexes(statement_ids: Sequence[int]) -> dict[int | None, int]:
    found: dict[int | None, int] = {}
    for some in chunked(statement_ids):
        query = select(Opening.statement_id, Opening.tree_index).where(Opening.statement_id.in_(some))
        found.update((statement, index) for statement, index in db.session.execute(query))
    return found

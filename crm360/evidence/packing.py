"""The evidence pack of a person and the export of the whole ledger: zips that check themselves (see `verify`)."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select

from crm360.consents import commitments, ledger
from crm360.consents.definitions import Catalogue
from crm360.consents.models import Checkpoint, Leaf, Notice, Statement
from crm360.evidence import receipts, verify
from crm360.evidence.gathering import Gathered, Proved, Sent
from crm360.evidence.receipts import Controller, Said, Shown
from crm360.kernel import notes
from crm360.kernel.db import db

_HERE = Path(__file__).parent


def pack(
    gathered: Gathered, *, mark: Checkpoint, purposes: Catalogue, controller: Controller, signer: notes.Signer,
    pages: Mapping[str, bytes],
) -> bytes:  # fmt: skip
    """The zip of one person. `pages`: what people read (index.html and the like), made at the door."""
    files = dict(pages) | {"checkpoint.txt": mark.note.encode()}
    files["statements.json"] = _json({"statements": [_statement(each) for each in gathered.statements]})
    files |= _notices(gathered.notices)
    told = [(each.statement, each.leaf) for each in gathered.statements]
    files |= receipts_of(told, gathered.notices, purposes, controller)
    indexes = {each.statement.id: each.leaf.tree_index for each in gathered.statements}
    files["messages.json"] = _json([_message(each, indexes) for each in gathered.letters])
    return _sealed(verify.PACK, files, signer)


def whole_ledger(*, signer: notes.Signer) -> bytes:
    """Every leaf and checkpoint there is; nothing in it says who anybody is."""
    marks = [mark.note for mark in db.session.scalars(select(Checkpoint).order_by(Checkpoint.size))]
    query = select(Leaf.header, Leaf.commitment).order_by(Leaf.tree_index).execution_options(yield_per=2000)
    lines = [verify.canonical({"header": head, "commitment": told}) + b"\n" for head, told in db.session.execute(query)]
    files = {"leaves.jsonl.gz": gzip.compress(b"".join(lines), mtime=0), "checkpoints.json": _json(marks)}
    return _sealed(verify.LEDGER, files, signer)


def verifier() -> bytes:
    """The program that checks both, as one file."""
    return (_HERE / "verify.py").read_bytes()


def report_style() -> bytes:
    """How the report in a pack looks."""
    return (_HERE / "report.css").read_bytes()


def signed_now(*, signer: notes.Signer, now: Any) -> Checkpoint | None:
    """A checkpoint over everything there is; None for an empty ledger."""
    return ledger.checkpoint(signer=signer, now=now) or ledger.last_checkpoint()


def _sealed(kind: str, files: dict[str, bytes], signer: notes.Signer) -> bytes:
    files |= {"verify.py": verifier(), "README.txt": (_HERE / "readme.txt").read_bytes()}
    files[verify.KEY] = f"{signer.verifier}\n".encode()
    files[verify.MANIFEST] = notes.sign(verify.manifest_of(kind, files), signer).encode()
    return verify.zipped(files)


def _statement(each: Proved) -> dict[str, Any]:
    told = commitments.plain({name: getattr(each.statement, name) for name in verify.PERSONAL})
    return {
        "index": each.leaf.tree_index, "header": each.leaf.header, "header_hash": each.leaf.header_hash,
        "commitment": each.leaf.commitment, "salt": each.salt, "personal": told,
        "proof": [beside.hex() for beside in each.proof],
    }  # fmt: skip


def _notices(notices: Sequence[Notice]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    rows = []
    for notice in notices:
        name = f"notices/{notice.code}-{notice.version}.{notice.locale}.txt"
        files[name] = notice.text.strip().encode()
        rows.append({
            "file": name, "code": notice.code, "version": notice.version, "locale": notice.locale,
            "sha256": notice.text_sha256, "purposes": notice.purposes, "controller": notice.controller,
            "withdrawal": notice.withdrawal, "policy_url": notice.policy_url, "effective_from": notice.effective_from.isoformat(),
            "effective_to": notice.effective_to.isoformat() if notice.effective_to else None,
        })  # fmt: skip
    return files | {"notices.json": _json(rows)}


def receipts_of(
    stated: Iterable[tuple[Statement, Leaf]], notices: Iterable[Notice], purposes: Catalogue, controller: Controller
) -> dict[str, bytes]:
    """A record of ISO/IEC TS 27560 for each address, purpose and channel; a receipt of Kantara for each consent."""
    shown: defaultdict[str, list[Shown]] = defaultdict(list)
    for notice in notices:
        named = f"{notice.code}@{notice.version}"
        told = Shown(named, notice.locale, notice.text_sha256, notice.policy_url, notice.withdrawal)
        shown[named].append(told)
        shown[notice.text_sha256].append(told)
    cells: defaultdict[tuple[str, str, str], list[Said]] = defaultdict(list)
    files: dict[str, bytes] = {}
    for said, leaf in stated:
        header = leaf.header
        one = Said(leaf.tree_index, header, leaf.header_hash, said.identifier_kind, said.identifier_value)
        cells[header["subject"], header["purpose"], header["channel"]].append(one)
        if header["state"] == "given":
            text = next(iter(shown[said.notice]), None)
            told_so = receipts.kantara(one, purposes.of(header["purpose"]), text, controller)
            files[f"receipts/kantara-1.1/{one.leaf_index}.json"] = _json(told_so)
    for (_, purpose, channel), statements in cells.items():
        texts = [text for one in statements for text in shown[str(one.header["notice"])]]
        whole = receipts.record(statements, purposes.of(purpose), list(dict.fromkeys(texts)), controller)
        files[f"receipts/iso-27560/{statements[0].leaf_index}-{purpose}-{channel}.jsonld"] = _json(whole)
    return files


def _message(each: Sent, indexes: Mapping[int, int]) -> dict[str, Any]:
    letter, permit = each
    rested = [indexes[statement] for statement in permit.evidence if statement in indexes] if permit else []
    return {
        "message_id": letter.message_id, "of": letter.subject_of, "to": letter.to_address, "purpose": letter.purpose,
        "subject": letter.subject, "text": letter.text, "state": letter.state, "reason": letter.reason,
        "created_at": letter.created_at.isoformat(), "settled_at": letter.settled_at.isoformat() if letter.settled_at else None,
        "permit": {"decided_at": permit.decided_at.isoformat(), "permitted": permit.permitted, "reason": permit.reason,
                   "statements": rested} if permit else None,
    }  # fmt: skip


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()

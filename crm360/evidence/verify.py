#!/usr/bin/env python3
"""Checks an evidence pack or an exported consent ledger, without the program that made it and without a network.

    python3 verify.py PACK.zip [--key NAME+HASH+BASE64] [--checkpoint NOTE.txt] [--ledger LEDGER.zip] [--json]

It needs Python 3.9 or newer and nothing else. Exit code 0: everything holds; 1: something was changed, is missing or was
added, and is named; 2: it cannot be read at all. The format of every file is described in README.txt beside this one.

--key         the public key you know the shop by. Without it the key in the pack is used, which proves only that the
              pack fits together: whoever made up a whole pack would have put in a key of their own.
--checkpoint  a signed note you kept from earlier: the ledger must have had this root at this size.
--ledger      a whole exported ledger: every statement of the pack must stand in it at the same place.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

PACK, LEDGER = "crm360 evidence pack 1", "crm360 consent ledger 1"
MANIFEST, KEY = "manifest.txt", "key.txt"
#: The personal part of a statement, and what of it also stands in the header.
PERSONAL = {"identifier_kind", "identifier_value", "identifier_normal", "statement_id", "notice", "evidence"}
HEADER = {"channel", "evidence_grade", "index", "invalidates", "method", "notice", "occurred_at", "purpose", "recorded_at",
          "source", "state", "subject"}  # fmt: skip


class Unreadable(Exception):
    """This is no pack and no ledger."""


class Checkpoint(NamedTuple):
    """The tree as it was signed."""

    origin: str
    size: int
    root: bytes


_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
Point = tuple[int, int, int, int]


def _point(raw: bytes) -> Point | None:
    """The curve's point of 32 bytes; None when there is none."""
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    x = _P - x if x & 1 != sign else x
    return x, y, 1, x * y % _P


def _sum(a: Point, b: Point) -> Point:
    one, other = (a[1] - a[0]) * (b[1] - b[0]) % _P, (a[1] + a[0]) * (b[1] + b[0]) % _P
    c, d = 2 * a[3] * b[3] * _D % _P, 2 * a[2] * b[2] % _P
    e, f, g, h = other - one, d - c, d + c, other + one
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(number: int, point: Point) -> Point:
    found: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = _sum(found, point)
        point, number = _sum(point, point), number >> 1
    return found


_BASE = _point(bytes.fromhex("58" + "66" * 31))


def ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the owner of the public key signed the message."""
    if len(public) != 32 or len(signature) != 64 or _BASE is None:
        return False
    owner, commitment, answer = _point(public), _point(signature[:32]), int.from_bytes(signature[32:], "little")
    if owner is None or commitment is None or answer >= _L:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % _L
    left, right = _times(answer, _BASE), _sum(commitment, _times(challenge, owner))
    return (left[0] * right[2] - right[0] * left[2]) % _P == 0 and (left[1] * right[2] - right[1] * left[2]) % _P == 0


def opened(note: str, key: str) -> str | None:
    """The text of a note (c2sp.org/signed-note) when `key` signed it and nothing else is in it; else None."""
    name, _, rest = key.strip().partition("+")
    text, blank, line = note.partition("\n\n— ")
    if not blank or not line.endswith("\n") or line.count("\n") != 1 or not line.startswith(name + " "):
        return None
    proof = line[len(name) + 1 : -1]
    try:
        public = base64.b64decode(rest.partition("+")[2], validate=True)
        raw = base64.b64decode(proof, validate=True)
    except ValueError:
        return None
    told = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
    genuine = public[:1] == b"\x01" and raw[:4] == told and base64.b64encode(raw).decode() == proof
    return text + "\n" if genuine and ed25519(public[1:], (text + "\n").encode(), raw[4:]) else None


def node(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return hashlib.sha256(b"\1" + left + right).digest()


def entry(header_hash: bytes, commitment: bytes) -> bytes:
    """The tree's hash of one statement."""
    return hashlib.sha256(b"\0" + header_hash + commitment).digest()


def includes(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `leaf` is number `index` of the `size` leaves under `root` (2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for beside in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node(beside, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node(found, beside)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


class Tree:
    """A tree that grows leaf by leaf."""

    def __init__(self) -> None:
        self.size, self.peaks = 0, list[bytes]()

    def add(self, leaf: bytes) -> None:
        """One more leaf at its right end."""
        self.peaks.append(leaf)
        self.size += 1
        for _ in range((self.size & -self.size).bit_length() - 1):
            right, left = self.peaks.pop(), self.peaks.pop()
            self.peaks.append(node(left, right))

    def root(self) -> bytes:
        """The hash over all of it."""
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        found = self.peaks[-1]
        for left in reversed(self.peaks[:-1]):
            found = node(left, found)
        return found


def canonical(value: Any) -> bytes:
    """JSON in its one form. No number with a fraction occurs: the ledger writes these as text."""
    return json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":")).encode()


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _ordered(value[name]) for name in sorted(value, key=lambda name: name.encode("utf-16-be"))}
    return [_ordered(each) for each in value] if isinstance(value, list) else value


def header_hash(header: dict[str, Any]) -> bytes:
    """Hash of what stays of a statement."""
    return hashlib.sha256(canonical({"format": 1, **header})).digest()


def commitment(salt: bytes, personal: dict[str, Any]) -> bytes:
    """What the ledger committed to of the personal part."""
    return hashlib.sha256(salt + canonical({"format": 1, **personal})).digest()


def read(file: Path | bytes) -> tuple[dict[str, bytes], list[str]]:
    """The files of a zip (or of a folder it was unpacked to), and what is wrong with the container itself."""
    if isinstance(file, Path) and file.is_dir():
        return {str(each.relative_to(file)): each.read_bytes() for each in file.rglob("*") if each.is_file()}, []
    raw = file if isinstance(file, bytes) else file.read_bytes()
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            names = archive.namelist()
            files = {name: archive.read(name) for name in names}
    except Exception as error:  # noqa: BLE001 - whatever a broken archive makes of the library
        raise Unreadable(f"The file is no readable zip: {error}") from None
    same = len(files) == len(names) and zipped(files) == raw
    return files, [] if same else ["The zip is not byte for byte as it was made."]


def zipped(files: dict[str, bytes]) -> bytes:
    """The files as the one zip they can be: in order, unpacked, without times."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            about = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            about.create_system, about.external_attr = 3, 0o100644 << 16
            archive.writestr(about, files[name])
    return raw.getvalue()


def manifest_of(kind: str, files: dict[str, bytes]) -> str:
    """The text the manifest signs: what it is, then the digest and name of every other file."""
    lines = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}" for name in sorted(files) if name != MANIFEST]
    return "\n".join([kind, *lines]) + "\n"


def faults(
    files: dict[str, bytes], key: str, *, note: str | None = None, ledger: dict[str, bytes] | None = None
) -> list[str]:
    """Everything that is not as it was written; empty when all holds. Raises Unreadable."""
    if MANIFEST not in files or KEY not in files:
        raise Unreadable("There is no manifest or no key in it.")
    try:
        text = opened(files[MANIFEST].decode(), key)
        kind = files[MANIFEST].decode().partition("\n")[0]
        if text is None:
            return ["The manifest is not signed by this key, or was changed."]
        found = [] if text == manifest_of(kind, files) else _differences(text, kind, files)
        check = {PACK: _pack_faults, LEDGER: _ledger_faults}.get(kind)
        return found + (check(files, key, note, ledger) if check else [f"Unknown kind of file: {kind}"])
    except Exception as error:  # noqa: BLE001 - whatever a changed file makes of the libraries, it is a fault
        return [f"A file is not as it was made: {type(error).__name__}: {error}"]


def _differences(text: str, kind: str, files: dict[str, bytes]) -> list[str]:
    signed = {line[66:]: line[:64] for line in text.splitlines()[1:]}
    there = {line[66:]: line[:64] for line in manifest_of(kind, files).splitlines()[1:]}
    found = [f"{name} is missing." for name in sorted(signed.keys() - there.keys())]
    found += [f"{name} was added." for name in sorted(there.keys() - signed.keys())]
    found += [f"{name} was changed." for name in sorted(signed.keys() & there.keys()) if signed[name] != there[name]]
    return found or ["The manifest does not fit the files."]


def _checkpoint(note: str, key: str) -> Checkpoint | None:
    text = opened(note, key)
    if text is None:
        return None
    origin, size, root = text.splitlines()[:3]
    return Checkpoint(origin, int(size), base64.b64decode(root, validate=True))


def _pack_faults(files: dict[str, bytes], key: str, note: str | None, ledger: dict[str, bytes] | None) -> list[str]:
    mark = _checkpoint(files["checkpoint.txt"].decode(), key)
    if mark is None:
        return ["The checkpoint is not signed by this key."]
    statements = json.loads(files["statements.json"])["statements"]
    found = [fault for each in statements for fault in _statement_faults(each, mark)]
    if [each["index"] for each in statements] != sorted({each["index"] for each in statements}):
        found.append("Statements are out of order or twice in it.")
    found += _notice_faults(files, statements) + _receipt_faults(files, {each["index"]: each for each in statements})
    if ledger is not None:
        return found + _absences(ledger, key, note, mark, statements)
    if note is not None and _checkpoint(note, key) != mark:
        found.append("It was made at another checkpoint than the one you kept: give --ledger too.")
    return found


def _statement_faults(each: dict[str, Any], mark: Checkpoint) -> list[str]:
    index, header, found = each["index"], each["header"], list[str]()
    proof = [bytes.fromhex(beside) for beside in each["proof"]]
    if header["index"] != index or set(header) != HEADER:
        found.append(f"Statement {index}: its header is another's.")
    if not includes(_hashed(each), index, mark.size, proof, mark.root):
        found.append(f"Statement {index} is not in the signed ledger.")
    if each.get("salt") is None:
        return found  # erased: its place is proved, what it said is nobody's business any more
    personal = each["personal"]
    if set(personal) != PERSONAL or commitment(bytes.fromhex(each["salt"]), personal).hex() != each["commitment"]:
        found.append(f"Statement {index}: the personal part is not what was committed to.")
    if header["notice"] not in (personal["notice"], hashlib.sha256(personal["notice"].encode()).hexdigest()):
        found.append(f"Statement {index}: header and personal part name different texts.")
    return found


def _notice_faults(files: dict[str, bytes], statements: list[dict[str, Any]]) -> list[str]:
    found, shown = [], {each["header"]["notice"] for each in statements}
    for each in json.loads(files["notices.json"]):
        if hashlib.sha256(files[each["file"]]).hexdigest() != each["sha256"]:
            found.append(f"{each['file']}: the text is not the one that was shown.")
        if not shown & {each["sha256"], f"{each['code']}@{each['version']}"}:
            found.append(f"{each['file']}: no statement names it.")
    return found


def _receipt_faults(files: dict[str, bytes], statements: dict[int, dict[str, Any]]) -> list[str]:
    found = []
    for name in sorted(name for name in files if name.startswith("receipts/")):
        told = json.loads(files[name])
        for event in told["events"] if "events" in told else [told["ledger"]]:
            said = statements.get(event["leaf_index"])
            if said is None or event["header_hash"] != header_hash(said["header"]).hex():
                found.append(f"{name}: it speaks of a statement that is not in the pack.")
            elif event.get("event_state", said["header"]["state"]) != said["header"]["state"]:
                found.append(f"{name}: it says something else than the ledger.")
    return found


def _absences(
    ledger: dict[str, bytes], key: str, note: str | None, mark: Checkpoint, statements: list[dict[str, Any]]
) -> list[str]:
    if found := [f"The ledger: {fault}" for fault in faults(ledger, key, note=note)]:
        return found
    tree, places = Tree(), {each["index"]: each for each in statements}
    for index, leaf in enumerate(_leaves(ledger)):
        if tree.size == mark.size:
            break
        if index in places and _hashed(leaf) != _hashed(places[index]):
            found.append(f"Statement {index} stands otherwise in the ledger.")
        tree.add(_hashed(leaf))
    if (tree.size, tree.root()) != (mark.size, mark.root):
        found.append("The pack was made from another ledger.")
    return found


def _hashed(leaf: dict[str, Any]) -> bytes:
    return entry(header_hash(leaf["header"]), bytes.fromhex(leaf["commitment"]))


def _leaves(files: dict[str, bytes]) -> list[dict[str, Any]]:
    raw = gzip.decompress(files["leaves.jsonl.gz"]).decode()
    if raw and not raw.endswith("\n"):
        raise ValueError("the last line is cut off")
    lines = raw.split("\n")[:-1]
    leaves = [json.loads(line) for line in lines]
    if any(canonical(leaf).decode() != line for leaf, line in zip(leaves, lines)):  # noqa: B905 - Python 3.9
        raise ValueError("a line is not in its one form")
    return leaves


def _ledger_faults(files: dict[str, bytes], key: str, note: str | None, _ledger: dict[str, bytes] | None) -> list[str]:
    marks = [_checkpoint(each, key) for each in json.loads(files["checkpoints.json"])]
    signed = {mark.size: mark for mark in marks if mark is not None}
    found = ["A checkpoint is not signed by this key."] if None in marks or len(signed) != len(marks) else []
    if list(signed) != sorted(signed):
        found.append("Checkpoints are out of order.")
    kept = _checkpoint(note, key) if note is not None else None
    if note is not None and kept is None:
        found.append("The checkpoint you kept is not signed by this key.")
    tree, roots = Tree(), {0: b""}
    for index, leaf in enumerate(_leaves(files)):
        if set(leaf) != {"header", "commitment"} or set(leaf["header"]) != HEADER or leaf["header"]["index"] != index:
            found.append(f"Leaf {index} is another one, or in another place.")
        tree.add(_hashed(leaf))
        if tree.size in signed or (kept and tree.size == kept.size):
            roots[tree.size] = tree.root()
    found += [f"The checkpoint of {size} has another root, or leaves are missing." for size, mark in signed.items() if roots.get(size) != mark.root]  # fmt: skip
    if tree.size and tree.size not in signed:
        found.append("The last leaves are not signed.")
    if kept and roots.get(kept.size) != kept.root:
        found.append(f"The ledger is not the one you kept a checkpoint of: {kept.size} leaves had another root.")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", type=Path, help="the zip, or the folder it was unpacked to")
    parser.add_argument("--key", help="the public key you know the shop by: name+hash+base64")
    parser.add_argument("--checkpoint", type=Path, help="a signed note you kept")
    parser.add_argument("--ledger", type=Path, help="an exported ledger the pack must be part of")
    parser.add_argument("--json", action="store_true", help="the answer as JSON")
    asked = parser.parse_args(arguments)
    try:
        files, found = read(asked.file)
        ledger = read(asked.ledger)[0] if asked.ledger else None
        key = asked.key or files.get(KEY, b"").decode(errors="replace").strip()
        found += faults(files, key, note=asked.checkpoint.read_text() if asked.checkpoint else None, ledger=ledger)
    except (Unreadable, OSError) as error:
        print(f"CANNOT BE READ: {error}")
        return 2
    if asked.json:
        print(json.dumps({"holds": not found, "key": key, "key_given": bool(asked.key), "faults": found}))
    else:
        print("\n".join(found) if found else "Everything holds: nothing was changed, added or taken away.")
        print(f"Public key: {key}{'' if asked.key else ' (from the file itself: compare it with the one you know)'}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

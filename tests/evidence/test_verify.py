"""The verifier that people take away: it accepts what we made, in a process of its own, and nothing that was changed."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, insert, select

from crm360.consents import defining, definitions, ledger, operations, personal_data
from crm360.consents.models import Statement
from crm360.evidence import gathering, packing, verify
from crm360.evidence.receipts import Controller
from crm360.facts import ConsentStated, ContactRef, Identifier, Received
from crm360.identity.models import Contact, ContactIdentifier, Profile
from crm360.kernel import notes
from crm360.kernel.personal_data import Whom
from crm360.outbox.models import Letter, Permit

SIGNER = notes.Signer("shop.example/ledger", bytes(range(32)))
SHOP = Controller("Shop", "Rynek 1, Kraków", "shop@example.com", "dpo@example.com", "https://shop.example", "shop.example/ledger")  # fmt: skip


class Made(NamedTuple):
    """A pack of the first customer, the whole ledger, the checkpoint both were made at, all customers' contacts."""

    pack: bytes
    ledger: bytes
    mark: str
    contacts: list[int]


@pytest.fixture
def made(session: Any, now: datetime) -> Made:
    """Seven customers: all consented on a text, three withdrew, one was written to."""
    seen = {"first_seen_at": now, "last_seen_at": now, "created_at": now}
    people = list(session.scalars(insert(Profile).returning(Profile.id, sort_by_parameter_order=True), [{"created_at": now}] * 7))  # fmt: skip
    rows = [
        {"source": "shop", "external_id": f"customer:{n}", "profile_id": who, **seen} for n, who in enumerate(people)
    ]
    contacts = list(session.scalars(insert(Contact).returning(Contact.id, sort_by_parameter_order=True), rows))
    session.execute(insert(ContactIdentifier), [
        {"contact_id": contact, "kind": "email", "value": f"C{n}@example.com", "normal": f"c{n}@example.com",
         "first_seen_at": now, "last_seen_at": now} for n, contact in enumerate(contacts)
    ])  # fmt: skip
    texts = {"en": "May we write to you?", "pl": "Czy możemy do Ciebie pisać? Żółć."}
    defining.publish_notice(
        code="form", texts=texts, purposes=["marketing"], about={}, effective_from=now, by="x", now=now
    )
    rounds: list[tuple[dict[str, str], int]] = [
        ({"state": "given"}, 7),
        ({"state": "withdrawn", "notice": "as said on the phone"}, 3),
    ]
    for round_, (said, many) in enumerate(rounds):
        at = now + timedelta(hours=round_)
        told = [state(contact, n, at, **said) for n, contact in list(enumerate(contacts))[:many]]
        operations.record_statements(received=told, now=at)
        ledger.checkpoint(signer=SIGNER, now=at)
    first = session.scalar(select(func.min(Statement.id)))
    letter = {"dedup_key": "l", "subject_of": "campaign:1", "contact_id": contacts[0], "to_address": "c0@example.com", "purpose": "marketing",
              "subject": "Hello", "text": "Hello", "message_id": "l@example.com", "state": "sent", "created_at": now, "due_at": now}  # fmt: skip
    number = session.scalar(insert(Letter).values(letter).returning(Letter.id))
    session.execute(insert(Permit).values(letter_id=number, decided_at=now, permitted=True, reason="consent_given", evidence=[first]))  # fmt: skip
    mark = ledger.last_checkpoint()
    assert mark is not None
    pack = packing.pack(
        gathering.gather(people[0], mark=mark), mark=mark, purposes=definitions.catalogue(now=now), controller=SHOP,
        signer=SIGNER, pages={"index.html": b"<!doctype html>"},
    )  # fmt: skip
    return Made(pack, packing.whole_ledger(signer=SIGNER), mark.note, contacts)


def state(contact_id: int, number: int, now: datetime, **said: Any) -> Received[ConsentStated]:
    fact = ConsentStated(**{
        "ref": ContactRef("shop", f"customer:{number}"), "identifier": Identifier("email", f"C{number}@example.com"),
        "purpose": "marketing", "channel": "email", "occurred_at": now - timedelta(days=number), "source": "shop",
        "evidence_grade": "B", "notice": "form@1", "method": "form", "evidence": {"ip": "203.0.113.0/24", "n": 1.5, "big": 2**60, "ą": [None, True, "\u2028\x07"]},
        **said,
    })  # fmt: skip
    return Received(contact_id, None, fact)


def faults(raw: bytes, **more: Any) -> list[str]:
    try:
        files, found = verify.read(raw)
        return found + verify.faults(files, SIGNER.verifier, **more)
    except verify.Unreadable as error:
        return [str(error)]


def test_what_we_made_holds_in_a_process_that_knows_nothing_of_us(made: Made, tmp_path: Path) -> None:
    names = {
        "pack.zip": made.pack,
        "ledger.zip": made.ledger,
        "kept.txt": made.mark.encode(),
        "check.py": packing.verifier(),
    }
    for name, content in names.items():
        (tmp_path / name).write_bytes(content)
    asked = ("pack.zip", "--key", SIGNER.verifier, "--ledger", "ledger.zip", "--checkpoint", "kept.txt", "--json")
    done = subprocess.run(
        [sys.executable, "-I", "-S", "check.py", *asked], check=False, cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, json.loads(done.stdout)["faults"]) == (0, []), done.stderr
    files, _ = verify.read(made.pack)
    assert json.loads(files["messages.json"])[0]["permit"]["statements"] == [0]
    assert files["notices/form-1.pl.txt"].decode() == "Czy możemy do Ciebie pisać? Żółć."
    assert sorted(name for name in files if "receipts" in name) == ["receipts/iso-27560/0-marketing-email.jsonld", "receipts/kantara-1.1/0.json"]  # fmt: skip
    for name in files:
        (tmp_path / "unpacked" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "unpacked" / name).write_bytes(files[name])
    assert verify.main([str(tmp_path / "unpacked"), "--key", SIGNER.verifier]) == 0
    assert verify.main([str(tmp_path / "check.py")]) == 2


def test_a_receipt_has_every_field_its_standard_demands(made: Made) -> None:
    files, _ = verify.read(made.pack)
    iso = json.loads(files["receipts/iso-27560/0-marketing-email.jsonld"])
    assert {"schema_version", "record_id", "pii_principal_id", "pii_processing", "events"} <= set(iso)
    assert {
        "privacy_notice", "language", "purpose", "pii_information", "pii_controllers", "storage_locations", "retention_period",
        "jurisdiction", "recipient_third_parties", "withdrawal_method", "lawful_basis", "collection_method",
        "processing_method", "processing_locations", "geographic_restrictions", "privacy_rights", "authority_party",
    } <= set(iso["pii_processing"])  # fmt: skip
    assert [event["event_state"] for event in iso["events"]] == ["given", "withdrawn"]
    assert all({"event_time", "validity_duration", "entity_id", "event_type"} <= set(event) for event in iso["events"])
    kantara = json.loads(files["receipts/kantara-1.1/0.json"])
    assert {
        "version", "jurisdiction", "consentTimestamp", "collectionMethod", "consentReceiptID", "language", "piiPrincipalId",
        "piiControllers", "policyUrl", "services", "sensitive", "spiCat",
    } <= set(kantara)  # fmt: skip
    assert (kantara["version"], kantara["piiPrincipalId"]) == ("KI-CR-v1.1.0", "C0@example.com")


def test_erasing_people_breaks_neither_an_old_pack_nor_the_ledger(session: Any, made: Made) -> None:
    for eraser in personal_data.ERASERS.values():
        eraser(Whom(tuple(made.contacts[:4])))
    after = packing.whole_ledger(signer=SIGNER)
    assert faults(after, note=made.mark) == []
    assert faults(made.pack, ledger=verify.read(after)[0]) == []
    assert b"example.com" not in gzip.decompress(verify.read(after)[0]["leaves.jsonl.gz"])


ERASED = int(os.environ.get("ERASED_PEOPLE") or 20)


@pytest.mark.timeout(1800 + ERASED)
def test_erasing_many_one_after_another_breaks_no_proof(session: Any, made: Made, now: datetime) -> None:
    """1,000 with ERASED_PEOPLE=1000; each between two checkpoints of a ledger that goes on."""
    seen = {"first_seen_at": now, "last_seen_at": now, "created_at": now}
    rows = [{"source": "shop", "external_id": f"customer:{n}", **seen} for n in range(7, 7 + ERASED)]
    people = list(session.scalars(insert(Contact).returning(Contact.id, sort_by_parameter_order=True), rows))
    told = [
        state(contact, n, now, state=said) for n, contact in enumerate(people, 7) for said in ("given", "withdrawn")
    ]
    operations.record_statements(received=told, now=now)
    marks = [made.mark]
    for place, contact in enumerate(people):
        for eraser in personal_data.ERASERS.values():
            eraser(Whom((contact,)))
        at = now + timedelta(days=1, seconds=place)
        operations.record_statements(received=[state(made.contacts[1], 1, at, occurred_at=at, state="given")], now=at)
        mark = ledger.checkpoint(signer=SIGNER, now=at)
        assert mark is not None
        marks.append(mark.note)
    assert ledger.faults(verifier=SIGNER.verifier) == []
    after = packing.whole_ledger(signer=SIGNER)
    assert [found for mark in {marks[0], marks[len(marks) // 2], marks[-1]} for found in faults(after, note=mark)] == []
    assert faults(made.pack, ledger=verify.read(after)[0]) == []
    assert b"example.com" not in gzip.decompress(verify.read(after)[0]["leaves.jsonl.gz"])
    assert session.scalar(select(func.count()).where(Statement.contact_id.in_(people))) == 0


def test_a_ledger_that_was_shortened_and_signed_anew_contradicts_the_checkpoint_one_kept(session: Any, made: Made, now: datetime) -> None:  # fmt: skip
    files, _ = verify.read(made.ledger)
    short = gzip.decompress(files["leaves.jsonl.gz"]).splitlines(keepends=True)[:7]
    marks = json.loads(files["checkpoints.json"])[:1]
    forged = resealed({"leaves.jsonl.gz": gzip.compress(b"".join(short)), "checkpoints.json": json.dumps(marks).encode()}, verify.LEDGER)  # fmt: skip
    assert faults(forged) == []
    assert faults(forged, note=made.mark) == ["The ledger is not the one you kept a checkpoint of: 10 leaves had another root."]  # fmt: skip
    assert faults(made.pack, ledger=verify.read(forged)[0]) == ["The pack was made from another ledger."]


def resealed(files: dict[str, bytes], kind: str) -> bytes:
    """What somebody who holds the signing key could make."""
    files = files | {verify.KEY: SIGNER.verifier.encode()}
    files[verify.MANIFEST] = notes.sign(verify.manifest_of(kind, files), SIGNER).encode()
    return verify.zipped(files)


def flip(raw: bytes, chance: random.Random) -> bytes:
    """One bit anywhere."""
    at = chance.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ 1 << chance.randrange(8)]) + raw[at + 1 :]


def cut(raw: bytes, chance: random.Random) -> bytes:
    """The end is missing."""
    return raw[: chance.randrange(len(raw))]


def inside(change: Callable[[dict[str, bytes], random.Random], None], *, signed: bool) -> Callable[[bytes, random.Random], bytes]:  # fmt: skip
    """A change of the files in a zip that is made again by the rules; `signed`: with a manifest that is right again."""

    def changed(raw: bytes, chance: random.Random) -> bytes:
        files, _ = verify.read(raw)
        kind = files[verify.MANIFEST].decode().partition("\n")[0]
        change(files, chance)
        return resealed(files, kind) if signed else verify.zipped(files)

    changed.__name__ = f"{change.__name__}{' (signed)' if signed else ''}"
    return changed


def in_leaves(change: Callable[[list[Any], random.Random], None]) -> Callable[[dict[str, bytes], random.Random], None]:
    def changed(files: dict[str, bytes], chance: random.Random) -> None:
        if "statements.json" in files:
            told = json.loads(files["statements.json"])
            change(told["statements"], chance)
            files["statements.json"] = json.dumps(told).encode()
        else:
            rows = [json.loads(line) for line in gzip.decompress(files["leaves.jsonl.gz"]).splitlines()]
            change(rows, chance)
            files["leaves.jsonl.gz"] = gzip.compress(b"".join(verify.canonical(row) + b"\n" for row in rows))

    changed.__name__ = change.__name__
    return changed


def a_row(rows: list[Any], chance: random.Random) -> None:
    """A value of a header, or the commitment."""
    row = chance.choice(rows)
    name = chance.choice([*sorted(row["header"]), "commitment"])
    part = row if name == "commitment" else row["header"]
    part[name] = (part[name] or 0) + 1 if isinstance(part[name], int | None) else "0" + part[name][1:] if part[name][:1] != "0" else "1" + part[name][1:]  # fmt: skip


def a_row_less(rows: list[Any], chance: random.Random) -> None:
    del rows[chance.randrange(len(rows))]


def the_order(rows: list[Any], chance: random.Random) -> None:
    one, other = chance.sample(range(len(rows)), 2)
    rows[one], rows[other] = rows[other], rows[one]


def the_end(rows: list[Any], chance: random.Random) -> None:
    del rows[chance.randrange(len(rows)) :]


def a_file_less(files: dict[str, bytes], chance: random.Random) -> None:
    del files[chance.choice(sorted(files))]


def a_file_more(files: dict[str, bytes], chance: random.Random) -> None:
    files[f"notices/{chance.randrange(1000)}.txt"] = b"We may write to you."


def a_byte_of_a_file(files: dict[str, bytes], chance: random.Random) -> None:
    name = chance.choice([name for name in sorted(files) if files[name]])
    files[name] = flip(files[name], chance)


ROWS = [in_leaves(change) for change in (a_row, a_row_less, the_order, the_end)]
FILES = [a_file_less, a_file_more, a_byte_of_a_file]
OF_ANY = [flip, cut, *(inside(change, signed=False) for change in [*ROWS, *FILES])]
#: Whoever holds the key can sign another manifest, and still cannot make the ledger's checkpoints say something else.
OF_A_LEDGER = [*OF_ANY, *(inside(change, signed=True) for change in ROWS)]
OF_A_PACK = [*OF_ANY, *(inside(in_leaves(change), signed=True) for change in (a_row, the_order))]


TRIALS = int(os.environ.get("EVIDENCE_MUTATIONS") or 60)


@pytest.mark.timeout(1800 + TRIALS // 5)
def test_every_mutation_is_seen(made: Made) -> None:
    """10,000 with EVIDENCE_MUTATIONS=10000; a share of them in every run."""
    chance = random.Random(360)
    assert (faults(made.pack), faults(made.ledger)) == ([], [])
    unseen = []
    for number in range(TRIALS):
        whole, mutations = (made.pack, OF_A_PACK) if number % 2 else (made.ledger, OF_A_LEDGER)
        mutation = mutations[number // 2 % len(mutations)]
        if not faults(mutation(whole, chance)):
            unseen.append((number, mutation.__name__))
    assert unseen == []


@pytest.mark.parametrize("seed", range(3))
def test_its_signatures_are_those_of_the_library(seed: int) -> None:
    chance = random.Random(seed)
    key = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
    public, message = key.public_key().public_bytes_raw(), chance.randbytes(seed * 100)
    signature = key.sign(message)
    assert verify.ed25519(public, message, signature)
    assert not verify.ed25519(public, message + b"x", signature)
    assert not verify.ed25519(flip(public, chance), message, signature)
    assert not verify.ed25519(public, message, flip(signature, chance))
    beyond = int.from_bytes(signature[32:], "little") + verify._L
    assert not verify.ed25519(public, message, signature[:32] + beyond.to_bytes(32, "little"))


def test_every_statement_of_the_pack_is_proved(session: Any, made: Made) -> None:
    statements = json.loads(verify.read(made.pack)[0]["statements.json"])["statements"]
    assert [each["header"]["state"] for each in statements] == ["given", "withdrawn"]
    assert [each["personal"]["identifier_value"] for each in statements] == ["C0@example.com"] * 2
    assert session.scalars(select(Contact.id)).all() == made.contacts


def test_the_operator_exports_the_ledger(runner: Any, made: Made, tmp_path: Path) -> None:
    file = tmp_path / "ledger.zip"
    told = runner.invoke(args=["ledger", "export", str(file)])
    assert told.exit_code == 0, told.output
    assert (
        verify.main([str(file), "--key", told.output.strip().rpartition(" ")[2]]) == 1
    )  # the fixture signed by another key
    files, found = verify.read(file)
    assert (found, len(gzip.decompress(files["leaves.jsonl.gz"]).splitlines())) == ([], 10)

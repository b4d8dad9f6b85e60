"""How quickly customers are found: as-you-type prefixes, ends of phone numbers, misspelt surnames.

python -m bench.search [CONTACTS] builds that many (100,000 by default) in a temporary SQLite file and prints p50, p95
and p99 in milliseconds, and how often the customer looked for is among the first ten (recall@10).
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import insert

import crm360.models
from crm360.kernel import dialects
from crm360.kernel.db import db
from crm360.normalise.text import fold
from crm360.profiles import operations, search

NOW = datetime(2026, 3, 1, tzinfo=UTC)
BATCH = 5_000
ASKED = 400
SYLLABLES = (  # noqa: SIM905
    "ko wal nic ma zur ka cz pa lew an do row sta wój gór ki zie bar to szew ja bło ru dą bro wo li pie trz ak ur ban "
    "sob cie mar gra bie nie wie jar os kac prz yb yl wit ol sza fra nek mi cha lu bor"
).split()
ENDINGS = ("ski", "ska", "cka", "cki", "ak", "ek", "wicz", "iak", "owa", "czyk", "uk", "ta")
GIVEN = (  # noqa: SIM905
    "Anna Maria Katarzyna Małgorzata Agnieszka Barbara Ewa Krystyna Elżbieta Zofia Joanna Magdalena Monika Jan Piotr "
    "Andrzej Krzysztof Stanisław Tomasz Paweł Józef Marcin Marek Michał Grzegorz Jerzy Tadeusz Adam Łukasz Zbigniew "
    "Ryszard Dariusz Henryk Mariusz Kazimierz Wojciech Robert Mateusz Marian Rafał Jacek Janusz Mirosław Maciej"
).split()
CITIES = ("Kraków", "Warszawa", "Łódź", "Wrocław", "Poznań", "Gdańsk", "Szczecin", "Bydgoszcz", "Lublin", "Białystok")
Person = tuple[str, str, str]


def main(contacts: int) -> None:
    random.seed(36)
    with tempfile.TemporaryDirectory() as folder, _app(Path(folder)).app_context():
        started = time.perf_counter()
        people = build(contacts)
        size = (Path(folder) / "search.sqlite3").stat().st_size / 1e6
        print(f"{contacts:,} contacts indexed in {time.perf_counter() - started:.0f} s, {size:,.0f} MB")
        sample = random.sample(range(contacts), ASKED)
        for name, (question, wanted) in QUESTIONS.items():
            report(name, [(people[i], question(people[i])) for i in sample], wanted)


def _app(folder: Path) -> Flask:
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{folder / 'search.sqlite3'}"
    db.init_app(app)
    with app.app_context():
        dialects.prepare_engine(db.engine)
        crm360.models.Base.metadata.create_all(db.engine)
    return app


def build(contacts: int) -> list[Person]:
    """One profile per contact, golden record and search terms by the operation that production uses."""
    families = _families(max(2_000, contacts // 20))
    weights = [1 / (place + 8) for place in range(len(families))]
    surnames = random.choices(families, weights, k=contacts)
    people = [(random.choice(GIVEN), surname, f"{random.randrange(500_000_000, 899_999_999)}") for surname in surnames]
    for start in range(0, contacts, BATCH):
        ids = range(start + 1, min(start + BATCH, contacts) + 1)
        _insert("identity_profile", [{"id": i, "created_at": NOW} for i in ids])
        _insert("identity_contact", [_contact(i, people[i - 1]) for i in ids])
        _insert("identity_identifier", [row for i in ids for row in _identifiers(i, people[i - 1])])
        operations.refresh(profile_ids=ids, now=NOW)
        search.add_terms(terms=[(i, "order", f"PL-{i:07d}/2026") for i in ids])
        db.session.commit()
    return people


def _families(count: int) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < count:
        found["".join(random.choices(SYLLABLES, k=random.randint(1, 3))).capitalize() + random.choice(ENDINGS)] = None
    return list(found)


def _insert(table: str, rows: list[dict[str, Any]]) -> None:
    db.session.execute(insert(crm360.models.Base.metadata.tables[table]), rows)


def _contact(number: int, person: Person) -> dict[str, Any]:
    said = {"given_name": person[0], "family_name": person[1], "city": random.choice(CITIES)}
    seen = NOW - timedelta(minutes=random.randrange(500_000))
    fields = {field: {"value": value, "at": seen.isoformat()} for field, value in said.items()}
    times = {"first_seen_at": seen, "last_seen_at": seen, "created_at": seen}
    return {"id": number, "source": "shop", "external_id": str(number), "profile_id": number, "fields": fields, **times}


def _identifiers(number: int, person: Person) -> list[dict[str, Any]]:
    local = f"{fold(person[0])}.{fold(person[1])}{number % 1000}"
    values = (
        ("email", f"{local}@gmail.com", f"{local.replace('.', '')}@gmail.com"),
        ("phone", person[2], "+48" + person[2]),
        ("card", f"KL{number:08d}", f"KL{number:08d}"),
    )
    return [
        {"contact_id": number, "kind": k, "value": v, "normal": n, "first_seen_at": NOW, "last_seen_at": NOW}
        for k, v, n in values
    ]


def _misspelt(word: str) -> str:
    """One slip of the finger, not in the first letter."""
    at = random.randrange(1, len(word))
    letter = random.choice("aeiourstnlkmzwp")
    swapped = word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]
    return random.choice(
        (word[:at] + word[at + 1 :], word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :], swapped)
    )


def _typed(person: Person) -> str:
    return person[1][: random.randint(2, 7)]


#: What is typed for a person, and which names of theirs a hit must carry to be whom was meant.
QUESTIONS: dict[str, tuple[Callable[[Person], str], Callable[[Person], tuple[str, ...]]]] = {
    "surname half typed, 2-7 letters": (_typed, lambda person: (person[1][:2],)),
    "given name + surname half typed": (lambda person: f"{person[0]} {_typed(person)}", lambda person: person[:1]),
    "surname half typed + phone": (lambda person: f"{_typed(person)} {person[2][:4]}", lambda person: person[:2]),
    "surname and given name": (lambda person: f"{person[1]} {person[0]}", lambda person: person[:2]),
    "phone, last 6": (lambda person: person[2][-6:], lambda person: person[:2]),
    "phone, +48 and spaces": (lambda person: f"+48 {person[2][:3]} {person[2][3:]}", lambda person: person[:2]),
    "misspelt surname": (lambda person: _misspelt(person[1]), lambda person: person[1:2]),
    "given name + misspelt surname": (lambda person: f"{person[0]} {_misspelt(person[1])}", lambda person: person[:2]),
    "town + given name": (lambda person: f"kra {person[0]}", lambda person: person[:1]),
    "nobody": (lambda person: _misspelt(person[1][::-1] + "q"), lambda person: ()),
}


def report(name: str, asked: list[tuple[Person, str]], wanted: Callable[[Person], tuple[str, ...]]) -> None:
    """Times every question, each in a read transaction as a request would have, and prints a line."""
    timings, found = [], 0
    for person, query in asked:
        with dialects.reading():
            started = time.thread_time()
            hits = search.find(query=query, limit=10)
            timings.append((time.thread_time() - started) * 1000)
            db.session.rollback()
        found += any(all(name in hit.display_name for name in wanted(person)) for hit in hits)
    p50, p95, p99 = _percentiles(sorted(timings))
    print(f"{name:32} p50 {p50:7.2f}  p95 {p95:7.2f}  p99 {p99:7.2f} ms   recall@10 {found / len(asked):.3f}")


def _percentiles(ordered: list[float]) -> Iterator[float]:
    return (ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.95, 0.99))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)

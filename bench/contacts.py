"""How fast customer lists are imported, how much memory that takes, and what deciding who is who adds.

python -m bench.contacts [ROWS] [RESOLVED] imports a list of ROWS invented customers (1,000,000) into a temporary SQLite
file as `flask import contacts --later` does, and prints contacts a second and the most memory used; then another list of
RESOLVED customers (20,000) into a fresh file, resolved at once, and prints what that costs besides.
"""

from __future__ import annotations

import csv
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COLUMNS = ("Customer ID", "First Name", "Last Name", "Email", "Phone", "City")
GIVEN = (
    "Anna",
    "Jan",
    "Piotr",
    "Maria",
    "Katarzyna",
    "Łukasz",
    "Agnieszka",
    "Tomasz",
    "Paweł",
    "Zofia",
    "Michał",
    "Ewa",
)
FAMILY = tuple(
    stem + ending
    for stem, ending in product(
        (
            "Now",
            "Kowal",
            "Wiśniew",
            "Wójcic",
            "Kamińs",
            "Zieliń",
            "Szymań",
            "Woźni",
            "Dąbrow",
            "Kozłow",
            "Mazur",
            "Lis",
        ),
        ("ak", "ski", "cki", "owicz", "czyk", "ek", "iak", "er", "ian", "icz"),
    )
)
CITIES = ("Kraków", "Warszawa", "Gdańsk", "Łódź", "Poznań", "Wrocław")
PROVIDERS = ("wp.pl", "gmail.com", "onet.pl", "interia.pl", "firma.example")


def main(rows: int, resolved: int) -> None:
    for count, later in ((rows, True), (resolved, False)):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            path = _invented(folder / "customers.csv", count)
            env = os.environ | {"INSTANCE_DIR": name, "DATABASE_URL": ""}
            _flask(env, "db", "upgrade")
            idle, _, _ = _flask(env, "stats")
            cpu, wall, told = _flask(env, "import", "contacts", str(path), *(["--later"] if later else []))
            memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            how = "without deciding who is who" if later else "and who is who decided"
            print(f"{count:,} contacts {how}, load {os.getloadavg()[0]:.1f}")
            print(f"  {count / max(cpu - idle, 0.01):10,.0f} contacts/s of CPU, {count / wall:10,.0f} by the clock")
            print(f"  most memory of a process {memory:,.0f} MB; file {path.stat().st_size / 1024**2:,.0f} MB")
            for line in re.findall(r"^(?:import \d+|who is who):.*$", told, re.MULTILINE):
                print(f"  {line}")


def _invented(path: Path, rows: int) -> Path:
    chance = random.Random(36)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for number in range(rows):
            given, family = chance.choice(GIVEN), chance.choice(FAMILY)
            phone = f"{chance.randrange(500, 890)} {chance.randrange(1000):03d} {chance.randrange(1000):03d}"
            email = f"k{chance.randrange(10**9)}@{chance.choice(PROVIDERS)}"
            writer.writerow((1_000_000 + number, given, family, email, phone, chance.choice(CITIES)))
    return path


def _flask(env: dict[str, str], *arguments: str) -> tuple[float, float, str]:
    """Seconds of CPU and of the clock a command takes, and what it remarks."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "flask", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, time.perf_counter() - started, done.stderr


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:]]
    main(*(numbers + [1_000_000, 20_000][len(numbers) :]))

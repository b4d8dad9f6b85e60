"""How fast customer lists are imported, how much memory that takes, and what deciding who is who adds.

python -m bench.contacts [ROWS] [RESOLVED] [BEFORE] imports a list of ROWS invented customers (1,000,000) into a temporary
SQLite file as `flask import contacts --later` does, and prints contacts a second and the most memory used; then another
list of RESOLVED customers (20,000; 0 for none) into a fresh file, resolved at once, and prints what that costs besides.
BEFORE customers (none) are there already each time.
"""

from __future__ import annotations

import csv
import os
import random
import re
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


def main(rows: int, resolved: int, before: int) -> None:
    for count, later in ((rows, True), (resolved, False)):
        if not count:
            continue
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            env = os.environ | {"INSTANCE_DIR": name, "DATABASE_URL": ""}
            _flask(env, "db", "upgrade")
            if before:
                there = _invented(folder / "there.csv", before, seed=35)
                _flask(env, "import", "contacts", str(there), "--source", "there", "--later")
            path = _invented(folder / "customers.csv", count)
            idle, _, _, _ = _flask(env, "stats")
            cpu, wall, memory, told = _flask(env, "import", "contacts", str(path), *(["--later"] if later else []))
            how = "without deciding who is who" if later else "and who is who decided"
            print(f"{count:,} contacts beside {before:,} {how}, load {os.getloadavg()[0]:.1f}")
            print(f"  {count / max(cpu - idle, 0.01):10,.0f} contacts/s of CPU, {count / wall:10,.0f} by the clock")
            print(f"  most memory of a process {memory:,.0f} MB; file {path.stat().st_size / 1024**2:,.0f} MB")
            for line in re.findall(r"^(?:import \d+|who is who):.*$", told, re.MULTILINE):
                print(f"  {line}")


def _invented(path: Path, rows: int, *, seed: int = 36) -> Path:
    chance = random.Random(seed)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for number in range(rows):
            given, family = chance.choice(GIVEN), chance.choice(FAMILY)
            phone = f"{chance.randrange(500, 890)} {chance.randrange(1000):03d} {chance.randrange(1000):03d}"
            email = f"k{chance.randrange(10**9)}@{chance.choice(PROVIDERS)}"
            writer.writerow((1_000_000 + number, given, family, email, phone, chance.choice(CITIES)))
    return path


def _flask(env: dict[str, str], *arguments: str) -> tuple[float, float, float, str]:
    """Seconds of CPU and of the clock a command takes with its processes, the most MB of one, and what it remarks."""
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as remarks:
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", *arguments], cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=remarks
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        remarks.seek(0)
        told = remarks.read()
    if process.returncode:
        raise SystemExit(told)
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - started, usage.ru_maxrss / 1024, told


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:]]
    main(*(numbers + [1_000_000, 20_000, 0][len(numbers) :]))

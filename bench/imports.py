"""How fast receipts are imported, first and again, beside merely reading the file's rows.

python -m bench.imports [FILE] imports a till's export (by default one of 100,000 invented lines) into a temporary SQLite
file and prints seconds of CPU, lines a second, the ratio to `csv.reader` over the same file, and the most memory used.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINES = 100_000
COLUMNS = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")


def main(file: Path | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = file or _invented(Path(folder) / "receipts.csv")
        lines, floor = _rows(path)
        env = os.environ | {"INSTANCE_DIR": folder, "DATABASE_URL": ""}
        _flask(env, "db", "upgrade")
        idle, _ = _flask(env, "stats")
        print(f"{lines:,} lines, load {os.getloadavg()[0]:.1f}; csv.reader alone {floor:.2f} s of CPU")
        for name in ("first import", "the same again"):
            spent, wall = _flask(env, "import", "receipts", str(path))
            cpu = max(spent - idle, 0.01)
            told = f"{name:16}{cpu:8.2f} s of CPU {lines / cpu:10,.0f} lines/s (clock {lines / wall:9,.0f})"
            print(f"{told}  {cpu / floor:6.1f} x csv.reader")
        print(f"most memory of a process {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:,.0f} MB")


def _invented(path: Path) -> Path:
    chance = random.Random(36)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        written, invoice = 0, 100_000
        while written < LINES:
            invoice += 1
            customer = chance.choice(("", str(chance.randrange(10_000, 14_000))))
            moment = f"{1 + invoice % 12}/{1 + invoice % 28}/2025 {8 + invoice % 12}:{10 + invoice % 50}"
            for _ in range(min(chance.randint(1, 40), LINES - written)):
                number = chance.randrange(4_000)
                price = f"{chance.randrange(50, 9_000) / 100:.2f}"
                row = (
                    invoice,
                    f"A{number}",
                    f"Oak article {number}",
                    chance.randint(1, 12),
                    moment,
                    price,
                    customer,
                    "",
                )
                writer.writerow(row)
                written += 1
    return path


def _rows(path: Path) -> tuple[int, float]:
    """Lines of the file without its header, and seconds of CPU that `csv.reader` takes for them."""
    with path.open("rb") as stream:
        zipped = stream.read(2) == b"\x1f\x8b"
    started = time.process_time()
    with gzip.open(path) if zipped else path.open("rb") as raw:
        count = sum(1 for _ in csv.reader(io.TextIOWrapper(raw, "utf-8", "replace", newline="")))
    return count - 1, time.process_time() - started


def _flask(env: dict[str, str], *arguments: str) -> tuple[float, float]:
    """Seconds of CPU and of the clock a command takes."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-m", "flask", *arguments], cwd=ROOT, env=env, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, time.perf_counter() - started


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)

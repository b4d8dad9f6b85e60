"""Identity resolution side by side: crm360 and, when installed, Splink on DuckDB, each run in a process of its own.

`python bench/identity.py [set …]`; sets: febrl3 febrl4 fake historical retail gen10k gen100k gen1m (all but gen10k and gen100k
without a name). CRM360_DATA names the folder that holds er/*.csv and er/*.parquet; sets that are absent are said to be.
Figures: pairwise precision, recall and F1 of the final clusters, B-cubed F1, share of true pairs among the candidates,
precision of single pairs at p >= .95, seconds, processor seconds (on a machine with other work they compare better), peak
memory with that of helper processes; the last line of a set says what crm360 took of Splink's. Splink's best F1 is that of the threshold the truth chooses.
The seconds of crm360 include normalising; Splink gets normalised columns.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from bench.retail.labelled import SETS, Absent, load

DEFAULT = ("febrl3", "febrl4", "fake", "historical", "retail", "gen1m")
_COLUMNS = ("precision", "recall", "F1", "B3", "candidates", "p>=.95", "best F1", "seconds", "cpu s", "MB")


def main(names: list[str]) -> int:
    """Print one table; returns 1 when a run failed."""
    if unknown := set(names) - set(SETS):
        print(f"no set called {', '.join(sorted(unknown))}; there are: {', '.join(SETS)}", file=sys.stderr)
        return 2
    engines = ["crm360", *(["splink"] if find_spec("splink") else [])]
    if len(engines) == 1:
        print("Splink is not installed: crm360 alone is measured (pip install splink).")
    print(f"{'set':<12}{'engine':<9}" + "".join(f"{column:>12}" for column in _COLUMNS))
    failed = 0
    for name in names or DEFAULT:
        try:
            load(name, rows_only=True)
        except Absent as missing:
            print(f"{name:<12}{missing}")
            continue
        figures = [_measured(name, engine) for engine in engines]
        failed += figures.count({})
        if len(figures) > 1 and all(figures):
            print(f"{name:<12}{'ratio':<9}" + " " * 84 + "".join(_ratio(figures, column) for column in _COLUMNS[7:]))
    return int(failed > 0)


def _ratio(figures: list[dict[str, float]], column: str) -> str:
    """What the first engine took of what the second one did."""
    return f"{figures[0][column] / figures[1][column]:>12.2f}"


def _measured(name: str, engine: str) -> dict[str, float]:
    """Run and print one engine on one set; the figures, none when it failed."""
    runner = Path(__file__).with_name("retail") / f"run_{engine}.py"
    done = subprocess.run([sys.executable, str(runner), name], capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{name:<12}{engine:<9}  failed: {done.stderr.strip().splitlines()[-1:]}")
        return {}
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    cells = (f"{found[column]:>12.4f}" if column in found else f"{'-':>12}" for column in _COLUMNS[:7])
    print(
        f"{name:<12}{engine:<9}{''.join(cells)}{found['seconds']:>12.2f}{found['cpu s']:>12.2f}{found['MB']:>12.0f}",
        flush=True,
    )
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

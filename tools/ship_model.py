"""Train the model that comes with the program, on invented people: `python tools/ship_model.py [ROWS [SEED]]`.

The same rows and seed give the same document, byte for byte. Nobody real is in it.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.retail.contacts import contacts  # noqa: E402 - after the path is set
from crm360.identity.engine import completing, fields, model, resolution  # noqa: E402

TARGET = ROOT / "crm360" / "identity" / "shipped_model.json"
FIELDS = ("given_name", "family_name", "email", "phone", "birth_date", "street", "house_number", "city", "postcode")
ABOUT = "invented customers of a shop: Polish and English households in four channels, made by bench/retail"


def main(rows: int = 60_000, seed: int = 360) -> None:
    """Write the document and say what it knows."""
    TARGET.write_text(document(rows, seed), encoding="utf-8")
    print(f"{TARGET.relative_to(ROOT)}: {rows} rows, seed {seed}, {TARGET.stat().st_size:,} bytes")


def document(rows: int, seed: int) -> str:
    """The document as text."""
    made = list(contacts(rows, seed=seed))
    raw = {name: [getattr(one, name) or None for one in made] for name in FIELDS}
    about = {"data": ABOUT, "generator_seed": seed}
    found = resolution.resolve(fields.prepare(raw), [one.record_id for one in made], about=about)
    # Another shop's people have other names: where only names agree, somebody is asked.
    whole = replace(completing.completed(found.model), names_join=False)
    return json.dumps(model.as_document(whole), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))

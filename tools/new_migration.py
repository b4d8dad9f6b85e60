"""Write the next numbered migration from what the models say now: `python tools/new_migration.py "what changes"`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from alembic import command  # noqa: E402 - after the path is set
from sqlalchemy import create_engine  # noqa: E402

from crm360.kernel import dialects, schema  # noqa: E402


def main() -> None:
    """Migrate an empty database, compare it with the models, write the difference."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/empty.sqlite3")
        dialects.prepare_engine(engine)
        if any(schema.MIGRATIONS.glob("versions/*.py")):
            schema.upgrade(engine)
        command.revision(schema.config_for(engine), message=sys.argv[1], autogenerate=True)


if __name__ == "__main__":
    main()

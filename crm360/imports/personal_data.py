"""How what an import remembers of a person goes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text, cast, delete, false, or_, update

from crm360.imports.models import Change, Issue, Run
from crm360.kernel.db import db
from crm360.kernel.personal_data import Columns, Erasers, Keeps, Rows, Whom


def erase_changes(whom: Whom) -> None:
    """What was before an import must not bring a person back."""
    db.session.execute(delete(Change).where(Change.contact_id.in_(whom.contact_ids)))


def erase_issues(whom: Whom) -> None:
    """Lines nobody became a customer by are found by what stands in them."""
    named = _naming(whom, Issue.cells, Issue.reason)
    db.session.execute(delete(Issue).where(named).execution_options(synchronize_session=False))


def clear_runs(whom: Whom) -> None:
    """The run and what it did stay; what was typed over its cells and the examples of its dry run go."""
    named = _naming(whom, Run.fixes, Run.preview)
    db.session.execute(
        update(Run).where(named).values(fixes={}, preview={}).execution_options(synchronize_session=False)
    )


def _naming(whom: Whom, *columns: Any) -> Any:
    """Rows in which one of the person's values stands."""
    texts = [cast(column, Text).icontains(value, autoescape=True) for column in columns for value in whom.values]
    return or_(*texts) if texts else false()


ERASERS: Erasers = {"imports_change": erase_changes, "imports_issue": erase_issues, "imports_run": clear_runs}
KEEPS: Keeps = {}
COLUMNS: Columns = {
    "imports_run": {
        "link": "id",
        "mixed": "fixes preview",
        "settings": "source file_name parts headers mapping options status position rows counts undone stated_at created_at finished_at revertible_until reverted_at failure driver driven_at",
        "staff": "created_by created_by_id reverted_by",
    },
    "imports_change": {
        "link": "run_id contact_id statements",
        "raw": "before left",
        "kind": "part line_no kind",
    },
    "imports_issue": {"link": "id run_id", "raw": "reason cells", "kind": "part line_no header"},
}
ROWS: Rows = {
    "imports_change": lambda whom: Change.contact_id.in_(whom.contact_ids),
    "imports_issue": lambda whom: _naming(whom, Issue.cells, Issue.reason),
    "imports_run": lambda whom: _naming(whom, Run.fixes, Run.preview),
}

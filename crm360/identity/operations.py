"""What may be done to who is who: the room's public face for writers."""

from crm360.identity.deciding import (
    AlreadyUndone,
    CannotDecide,
    DecisionNotFound,
    Outcome,
    decide,
    distinguish,
    merge,
    merge_together,
    obey_sources,
    split,
    undo,
)
from crm360.identity.recording import Recorded, record_contacts, record_tags
from crm360.identity.resolving import resolve
from crm360.identity.restating import restate
from crm360.identity.source_links import record as record_source_links

__all__ = [
    "AlreadyUndone",
    "CannotDecide",
    "DecisionNotFound",
    "Outcome",
    "Recorded",
    "decide",
    "distinguish",
    "merge",
    "merge_together",
    "obey_sources",
    "record_contacts",
    "record_source_links",
    "record_tags",
    "resolve",
    "restate",
    "split",
    "undo",
]

"""A watched folder: nightly exports are taken from it as they come. What is in a file is read as in any import."""

from __future__ import annotations

from collections.abc import Sequence

from crm360.facts import Fact
from crm360.sources import contacts_csv, json_fields, pos_csv
from crm360.sources.base import Payload
from crm360.sources.channel import Channel, Setting

CHANNEL = "folder"


def read(payload: Payload) -> Sequence[Fact]:
    """A receipt's rows or a customer's row → facts. Raises Unreadable."""
    is_receipt = "rows" in json_fields.load(payload.body)
    return pos_csv.read(payload) if is_receipt else contacts_csv.read(payload)


ABOUT = Channel(
    label="Watched folder",
    group="file",
    watches=True,
    every_seconds=30,
    settings=(
        Setting(name="path", label="Folder", help="Below IMPORT_ROOT, for example till-3."),
        Setting(
            name="kind",
            label="What the files hold",
            kind="choice",
            default="receipts",
            choices=("receipts", "contacts"),
        ),
        Setting(name="pattern", label="Names of the files", required=False, default="*", help="For example *.csv."),
        Setting(name="timezone", label="Time zone of the files", required=False, default="Europe/Warsaw"),
    ),
    setup=(
        "Let the till or the loyalty system write its exports into a folder below IMPORT_ROOT on this machine.",
        "A file is taken when it has stopped growing; it then moves to done, or to failed with the reason beside it.",
    ),
)

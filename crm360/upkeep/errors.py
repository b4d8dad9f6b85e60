"""What can go wrong with a backup, in words an operator can act on."""

from __future__ import annotations

from crm360.kernel.errors import Conflict, Invalid, NotFound, Unavailable


class BackupFailed(Unavailable):
    """It could not be made or read: a full disk, a missing program, a server that does not answer."""


class DamagedBackup(Invalid):
    """The file is not what was written."""


class NoSuchBackup(NotFound):
    """There is no backup of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no backup {name}. See `flask backup list`.")


class BackupUnderWay(Conflict):
    """One at a time: another process makes, tries or puts back a backup."""

    def __init__(self) -> None:
        super().__init__("Another backup, drill or restore is under way. Wait until it has ended.")


class CannotRestore(Conflict):
    """Putting the backup back here would harm, or could not work; nothing was changed."""

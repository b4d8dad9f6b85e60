"""A mail server of installations that are tried out: every letter becomes a file in a folder, and reaches nobody.

`SMTP_URL=file:///srv/crm360/letters`. What is in the folder is what a mail server would have been given, readable by any mail program.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from types import TracebackType
from urllib.parse import unquote, urlsplit

from crm360.kernel import clock, mail, smtp

SCHEME = "file"


def is_folder(url: str) -> bool:
    """Whether letters are written to a folder."""
    return urlsplit(url).scheme == SCHEME


def carrier(url: str, *, password: str = "", timeout: float = 30.0) -> Letterbox | smtp.Carrier:
    """What takes letters under the address SMTP_URL holds. Raises BadAddress."""
    if is_folder(url):
        return Letterbox(folder_of(url))
    return smtp.Carrier(smtp.server(url, password=password), timeout=timeout)


def folder_of(url: str) -> Path:
    """The folder of `file:///FOLDER`. Raises BadAddress."""
    parts = urlsplit(url)
    folder = Path(unquote(parts.path))
    if parts.netloc or not folder.is_absolute():
        raise smtp.BadAddress("A folder letters are written to is given as file:///FOLDER.")
    return folder


def check(url: str) -> None:
    """Refuse an address no letters can be handed over at. Raises BadAddress."""
    if is_folder(url):
        folder_of(url)
    else:
        smtp.server(url)


class Letterbox:
    """Takes letters as a mail server does, for this user's eyes only."""

    def __init__(self, folder: Path):
        self.folder = folder

    def __enter__(self) -> Letterbox:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Nothing is held open."""

    def greet(self) -> str:
        """Why it cannot take letters; "" when it can."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            return error.strerror or type(error).__name__
        return ""

    def carry(self, *, sender: str, recipient: str, message: bytes) -> smtp.Outcome:
        """Write one message down. Never raises for what the disk does."""
        try:
            envelope = f"X-Envelope-To: {mail.address(recipient)}\r\n".encode()
        except mail.UnsafeValue as error:
            return smtp.Outcome("refused", 0, str(error))
        if why := self.greet():
            return smtp.Outcome("later", 0, why)
        file = self.folder / f"{clock.now():%Y%m%d-%H%M%S}-{secrets.token_hex(4)}.eml"
        try:
            file.touch(mode=0o600, exist_ok=False)
            file.write_bytes(envelope + message)
        except OSError as error:
            return smtp.Outcome("later", 0, error.strerror or type(error).__name__)
        return smtp.Outcome("sent", 250, f"written to {file.name}")

"""Lines of a text file that may be partly damaged: what cannot be read is marked, never fatal."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator

from crm360.sources.text_encoding import guess_encoding

#: Longer than any address or note; a lost quote must not swallow the rest of the file into one cell.
_LONGEST_LINE = 1_000_000


#: Why a file's last row could not be read, when the file itself is at fault.
BROKEN_OFF = "the file breaks off here: it is damaged or was not copied whole"


class BadLine(str):
    """A line that is not in the file's encoding, read as far as possible; or the place where the file breaks off."""

    reason = "a character that is not in the file's encoding"


class _BrokenOff(BadLine):
    reason = BROKEN_OFF


def text_lines(text: io.TextIOWrapper, *, undecided: bool) -> Iterator[str]:
    """Lines with their ends, NUL characters dropped. `undecided`: the sample was plain ASCII, so that the first line
    with other letters decides between UTF-8 and the old code pages."""
    fallback = ""
    try:
        while line := text.readline(_LONGEST_LINE):
            if "\x00" in line:
                line = line.replace("\x00", "")
            if line.isascii():
                yield line
                continue
            checked = _checked(line, fallback)
            if undecided:
                undecided = False
                if isinstance(checked, BadLine):
                    fallback = guess_encoding(_bytes(line))
                    checked = _checked(line, fallback)
            yield checked
    except (EOFError, OSError, zlib.error):
        yield _BrokenOff("\n")


def _bytes(line: str) -> bytes:
    return line.encode("utf-8", "surrogateescape")


def _is_whole(line: str) -> bool:
    """Whether every byte of the line could be read: what could not came through as a lone surrogate."""
    try:
        line.encode()
    except UnicodeEncodeError:
        return False
    return True


def _checked(line: str, fallback: str) -> str:
    if "�" not in line and _is_whole(line):
        return line
    if fallback:
        try:
            return _bytes(line).decode(fallback)
        except ValueError:
            return BadLine(_bytes(line).decode(fallback, "replace"))
    return BadLine("".join("�" if "\udc80" <= letter <= "\udcff" else letter for letter in line))

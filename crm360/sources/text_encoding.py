"""Which encoding some bytes are in: Unicode by its marks or validity, else the likeliest of the old code pages."""

from __future__ import annotations

import codecs

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_POLISH = frozenset("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ")
_WESTERN = frozenset("àâãåæèêëìîïñòôõøùûçÀÂÃÅÆÈÊËÌÎÏÑÒÔÕØÙÛÇœŒŸ")
_SHARED = frozenset("áäéíöúüßÁÄÉÍÖÚÜŠšŽžČčŘř")
#: In this order when nothing speaks for one of them: the shops we serve are Polish.
_CODE_PAGES = ("cp1250", "iso-8859-2", "cp1252")


def guess_encoding(sample: bytes, *, cut: bool = False) -> str:
    """The encoding's Python name. A sample that was `cut` out of more may end in the middle of a character."""
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding
    if without_mark := _utf16(sample):
        return without_mark
    if _is_utf8(sample, cut):
        return "utf-8"
    return max(_CODE_PAGES, key=lambda encoding: _likelihood(sample, encoding))


def _utf16(sample: bytes) -> str:
    """UTF-16 of mostly Latin letters shows in every second byte being NUL."""
    half = len(sample) // 2
    if half < 4 or b"\x00" not in sample:
        return ""
    if sample[1::2].count(0) > half * 0.6:
        return "utf-16-le"
    return "utf-16-be" if sample[0::2].count(0) > half * 0.6 else ""


def _is_utf8(sample: bytes, cut: bool) -> bool:
    """Whether letters that are valid UTF-8 outnumber what is not: one damaged line does not make a code page."""
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(sample, final=not cut)
    if text.isascii():
        return True
    damaged, foreign = text.count("�"), len(text) - len(text.encode("ascii", "ignore"))
    return foreign - damaged > damaged


def _likelihood(sample: bytes, encoding: str) -> int:
    return sum(_plausible(character) for character in sample.decode(encoding, "replace") if character > "\x7f")


def _plausible(character: str) -> int:
    if character in _POLISH:
        return 3
    if character in _WESTERN:
        return 2
    if character in _SHARED or character in "€£§°–—„”’…\xa0":
        return 1
    # Control characters and the replacement mark never occur in the right code page; odd signs hardly ever.
    return -5 if "\x80" <= character <= "\x9f" or character == "�" else -2

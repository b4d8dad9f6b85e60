"""Archives within limits."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from crm360.sources import archives


def packed(path: Path, files: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_the_files_we_read_come_out_under_their_own_names(tmp_path: Path) -> None:
    files = {"x/subscribed_1.csv": b"a\n1\n", "../../evil.csv": b"b\n2\n", "__MACOSX/._s.csv": b"", "logo.png": b"png"}
    found = archives.unpack(packed(tmp_path / "a.zip", files), tmp_path)
    assert [(each.name, each.path.parent, each.path.read_bytes()) for each in found] == [
        ("subscribed_1.csv", tmp_path, b"a\n1\n"),
        ("evil.csv", tmp_path, b"b\n2\n"),
    ]


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"bomb.csv": b"0" * 40_000_000}, "far more than any honest file"),
        ({"logo.png": b"png"}, "no file we read"),
        ({f"{n}.csv": b"a" for n in range(60)}, "at most 50"),
    ],
)
def test_what_is_refused(tmp_path: Path, files: dict[str, bytes], reason: str) -> None:
    with pytest.raises(archives.BadArchive, match=reason):
        archives.unpack(packed(tmp_path / "a.zip", files), tmp_path)


def test_an_archive_that_lies_about_its_size(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a.csv": b"x" * 1000}, zipfile.ZIP_STORED)
    content = path.read_bytes().replace((1000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    path.write_bytes(content)
    with pytest.raises(archives.BadArchive):
        archives.unpack(path, tmp_path)


def test_what_is_no_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(archives.BadArchive, match="cannot be read"):
        archives.unpack(path, tmp_path)


def test_a_spreadsheet_of_endless_texts_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_MOST_XLSX_TEXTS", 100)
    path = packed(tmp_path / "a.xlsx", {"xl/sharedStrings.xml": b"<si>" * 50})
    with pytest.raises(archives.BadArchive, match="Save it as CSV"):
        archives.check_spreadsheet(path)

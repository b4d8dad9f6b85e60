"""Letters of an installation that is tried out: files a mail program opens, and the settings that say so."""

from __future__ import annotations

from email import message_from_bytes
from pathlib import Path

import pytest

from crm360.kernel import letterbox, smtp

LETTER = b"From: hello@shop.example\r\nTo: anna@example.com\r\nSubject: Coffee\r\n\r\nHello!\r\n"


def test_a_letter_becomes_a_file_for_our_eyes_only(tmp_path: Path) -> None:
    folder = tmp_path / "two" / "letters"
    with letterbox.carrier(folder.as_uri()) as carrier:
        ends = [carrier.carry(sender="hello@shop.example", recipient="anna@example.com", message=LETTER) for _ in "12"]
    assert [end.kind for end in ends] == ["sent", "sent"]
    files = list(folder.iterdir())
    assert len(files) == 2, "two letters of one moment are two files"
    assert {file.stat().st_mode & 0o077 for file in [folder, *files]} == {0}
    read = message_from_bytes(files[0].read_bytes())
    assert (read["X-Envelope-To"], read["Subject"]) == ("anna@example.com", "Coffee")
    assert read.get_payload() == "Hello!\r\n"


def test_what_the_disk_does_is_tried_again_and_a_broken_address_is_not(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    box = letterbox.Letterbox(tmp_path / "file" / "letters")
    assert box.greet()
    assert box.carry(sender="a@shop.example", recipient="anna@example.com", message=LETTER).kind == "later"
    box = letterbox.Letterbox(tmp_path)
    assert (
        box.carry(sender="a@shop.example", recipient="anna@example.com\r\nBcc: x@x.pl", message=LETTER).kind
        == "refused"
    )


@pytest.mark.parametrize("url", ["file:letters", "file://machine/letters", "file:", "ftp://machine/letters", "letters"])
def test_what_is_neither_server_nor_folder_is_refused(url: str) -> None:
    with pytest.raises(smtp.BadAddress):
        letterbox.check(url)


def test_a_mail_server_is_taken_as_before() -> None:
    letterbox.check("smtp://shop@mail.example:587")
    assert isinstance(letterbox.carrier("smtps://mail.example"), smtp.Carrier)

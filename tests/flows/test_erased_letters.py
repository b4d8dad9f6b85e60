"""Letters an installation that is tried out wrote down go with the person they name; others stay."""

from __future__ import annotations

import base64
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask

from crm360.flows import erased_files
from crm360.jobs import work_cases
from crm360.kernel import letterbox
from crm360.privacy.needles import Needles

ANNA, PIOTR = "anna@example.com", "piotr@example.com"


def write(folder: Path, to: str, text: str) -> None:
    body = base64.encodebytes(text.encode()).replace(b"\n", b"\r\n")
    head = f"From: shop@shop.example\r\nTo: {to}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    with letterbox.Letterbox(folder) as box:
        assert box.carry(sender="shop@shop.example", recipient=to, message=head.encode() + body).kind == "sent"


def test_letters_to_the_person_and_about_them_go(tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    write(folder, ANNA, "Hello!")
    write(folder, "colleague@shop.example", f"Please call {ANNA}: she asked twice.")
    write(folder, PIOTR, "Hello!")
    note = folder / "note.txt"
    note.write_text(ANNA)
    subject: Any = SimpleNamespace(needles=Needles([ANNA]))
    assert erased_files.letters(subject, folder) == 2
    (left,) = folder.glob("*.eml")
    assert f"X-Envelope-To: {PIOTR}".encode() in left.read_bytes()
    assert note.exists(), "only what we wrote"
    assert erased_files.letters(subject, folder) == 0
    assert erased_files.letters(subject, tmp_path / "never made") == 0


def test_the_folder_is_the_one_mail_is_written_to(app: Flask, tmp_path: Path) -> None:
    class Limits:
        def __init__(self, url: str) -> None:
            self.smtp_url = url

        def __getattr__(self, name: str) -> Any:
            return getattr(app.config["SETTINGS"], name)

    limits: Any = Limits(tmp_path.as_uri())
    assert work_cases.places(limits).letters == tmp_path
    limits = Limits("smtp://127.0.0.1:25?tls=none")
    assert work_cases.places(limits).letters is None

"""The shop's mailbox as an mbox archive: customers' letters and the answers to them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

from crm360.demo.views import MAIL, view
from crm360.demo.world import Talk, World

OWN_ADDRESS = "hello@lipowa-oak.example"
_OWN = "lipowa-oak.example"
_POLICY = SMTP.clone(linesep="\n")


def mbox(world: World) -> bytes:
    """The whole archive, oldest thread first."""
    letters = [letter for talk in world.talks if talk.medium == "mail" for letter in _thread(talk)]
    return b"".join(_archived(letter) for letter in letters)


def _thread(talk: Talk) -> Iterator[EmailMessage]:
    seen = view(talk.person, MAIL, talk.at)
    customer, shop = formataddr((f"{seen.given} {seen.family}".strip(), seen.email)), f"{talk.agent} <{OWN_ADDRESS}>"
    earlier: list[str] = []
    for index, (direction, minutes, text) in enumerate(talk.turns):
        incoming = direction == "in"
        letter = EmailMessage(policy=_POLICY)
        letter["Message-ID"] = f"<{talk.number}.{index}@{seen.email.partition('@')[2] if incoming else _OWN}>"
        letter["Date"] = format_datetime(talk.at + timedelta(minutes=minutes))
        letter["From"], letter["To"] = (customer, OWN_ADDRESS) if incoming else (shop, customer)
        letter["Subject"] = f"{'Re: ' if index else ''}{talk.subject}"
        if earlier:
            letter["In-Reply-To"], letter["References"] = earlier[-1], " ".join(earlier)
        letter.set_content(text, cte="quoted-printable")
        if not incoming and ("załącznik" in text or "attach" in text):
            letter.add_attachment(b"%PDF-1.4\n", maintype="application", subtype="pdf", filename="lipowa-oak.pdf")
            letter.set_boundary(f"lo-{talk.number}-{index}")
        earlier.append(str(letter["Message-ID"]))
        yield letter


def _archived(letter: EmailMessage) -> bytes:
    lines = letter.as_bytes().splitlines()
    escaped = b"\n".join(b">" + line if line.lstrip(b">").startswith(b"From ") else line for line in lines)
    return b"From demo@lipowa-oak.example Thu Jan  1 00:00:00 2026\n" + escaped + b"\n\n"

"""Links and pictures of messages: a click leads to an address the campaign stored, never to one the visitor brings."""

from __future__ import annotations

from flask import redirect, request
from werkzeug.wrappers import Response

from crm360.kernel import clock, dialects, tickets
from crm360.outreach import happenings, queries
from crm360.outreach.models import Recipient
from crm360.outreach.queries import RecipientNotFound
from crm360.public.door import BadLink, Ticket, door, open_to_all, pixel

CLICK, OPENED = Ticket(tickets.CLICK), Ticket(tickets.OPENED)


@door.get("/c/<token>")
@open_to_all
def follow_link(token: str) -> Response:
    """Goes on to the stored address, also when the recipient was erased meanwhile."""
    recipient_id, link_id = CLICK.parts(token, 2)
    dialects.set_may_write(True)  # a GET that counts
    url = queries.url_of(link_id)
    if url is None:
        raise BadLink
    recipient = _recipient(recipient_id)
    if recipient is not None:
        happenings.note_clicked(recipient=recipient, link_id=link_id, url=url, user_agent=_agent(), now=clock.now())
    return redirect(url, 302)


@door.get("/o/<token>.gif")
@open_to_all
def load_picture(token: str) -> Response:
    (recipient_id,) = OPENED.parts(token, 1)
    dialects.set_may_write(True)  # a GET that counts
    recipient = _recipient(recipient_id)
    if recipient is not None:
        happenings.note_opened(recipient=recipient, user_agent=_agent(), now=clock.now())
    return pixel()


def note_unsubscribed(about: str) -> None:
    """Counts an unsubscription for the message it came from (`recipient:17`)."""
    kind, _, number = about.partition(":")
    recipient = _recipient(int(number)) if kind == "recipient" and number.isdigit() else None
    if recipient is not None:
        happenings.note_unsubscribed(recipient=recipient, now=clock.now())


def _recipient(recipient_id: int) -> Recipient | None:
    try:
        return queries.get_recipient(recipient_id)
    except RecipientNotFound:
        return None


def _agent() -> str:
    """A HEAD request looks ahead; no reader sends one."""
    return "scanner" if request.method == "HEAD" else request.user_agent.string or ""

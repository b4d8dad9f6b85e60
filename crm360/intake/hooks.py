"""The door of every webhook: one address per source; its channel says how a delivery is checked and taken apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue

from crm360.flows.keeping import payload_of
from crm360.inbox import operations as inbox_operations
from crm360.inbox import queries as inbox
from crm360.inbox.operations import NewPayload, content_key
from crm360.intake import answers
from crm360.intake.body import BodyTooLarge
from crm360.intake.calls import Refused
from crm360.intake.inlets import Inlet, SourcePaused, keep
from crm360.intake.policy import signed_by
from crm360.kernel import clock, sealing, signing
from crm360.kernel.errors import Forbidden
from crm360.sources import registry
from crm360.sources.base import Unreadable
from crm360.sources.channel import Answer, Delivery, Hook

blueprint = Blueprint("hooks", __name__)


class BadSignature(Forbidden):
    """The request does not prove that it comes from its source. Says no more, whether the source exists or not.

    `source_id`: the source it claimed to come from, whose staff should hear of it.
    """

    status, title = 401, "Bad signature"

    def __init__(self, source_id: int | None = None) -> None:
        super().__init__("The signature is missing or wrong.")
        self.source_id = source_id


class Sender(NamedTuple):
    """A source as its webhook's door needs it."""

    inlet: Inlet
    name: str
    secrets: tuple[str, ...]
    settings: Mapping[str, Any]


@blueprint.route("/hooks/<channel>/<source>", methods=["GET", "HEAD", "POST"], defaults={"token": ""})
@blueprint.route("/hooks/<channel>/<source>/<path:token>", methods=["GET", "HEAD", "POST"])
@signed_by("channel")
def deliver(channel: str, source: str, token: str) -> ResponseReturnValue:
    hook, sender = _opened(channel, source, token)
    delivery = _delivery(hook)
    for secret in sender.secrets:
        if hook.greeting and (greeted := hook.greeting(delivery, secret, sender.settings)):
            return _greeted(sender, greeted)
    if request.method != "POST" or not hook.proved(delivery, sender.secrets, sender.settings):
        raise BadSignature(sender.inlet.source_id)
    if sender.settings.get(inbox_operations.PAUSED):
        raise SourcePaused
    kept, refused = _taken_apart(hook, delivery)
    keep(sender.inlet, kept, refused)
    return answers.success()


def _opened(channel: str, source: str, token: str) -> tuple[Hook, Sender]:
    """The channel's hook and the source, whose secret the address holds where the channel wants it there."""
    about = registry.channels().get(channel)
    found = inbox.sender(source)
    if about is None or about.hook is None or found is None or found.channel != channel:
        raise BadSignature
    secrets = tuple(_secrets(found, clock.now()))
    if about.hook.in_address:
        secrets = tuple(secret for secret in secrets if signing.same(token, secret))
    if not secrets or (token and not about.hook.in_address):
        raise BadSignature(found.id)
    return about.hook, Sender(Inlet(found.id, channel), source, secrets, {**found.settings, **_credentials(found)})


def _credentials(found: inbox.Sender) -> dict[str, str]:
    key = current_app.config["SETTINGS"].secret_key
    return {name: sealing.unseal(text, key=key) for name, text in found.credentials.items()}


def _secrets(found: inbox.Sender, now: datetime) -> Iterator[str]:
    """The secret in force, and for a while after a rotation the one before it."""
    if found.secret:
        yield found.secret
    until = found.settings.get("previous_secret_until", "")
    if found.settings.get("previous_secret") and until and now < datetime.fromisoformat(until):
        yield str(found.settings["previous_secret"])


def _delivery(hook: Hook) -> Delivery:
    """Raises BodyTooLarge."""
    body = request.get_data(cache=False)
    if len(body) > hook.limit:
        raise BodyTooLarge(f"A delivery may hold at most {hook.limit // 1000} kB.")
    settings = current_app.config["SETTINGS"]
    address = request.full_path if request.query_string else request.path
    return Delivery(
        method=request.method,
        url=settings.public_url + address,
        body=body,
        received_at=clock.now(),
        headers={name.lower(): value for name, value in request.headers.items()},
        query=request.args.to_dict(),
    )


def _taken_apart(hook: Hook, delivery: Delivery) -> tuple[list[NewPayload], list[Refused]]:
    try:
        return [payload_of(item) for item in hook.split(delivery)], []
    except Unreadable as error:
        return [], [Refused(NewPayload(content_key(delivery.body), delivery.body), str(error))]


def _greeted(sender: Sender, answer: Answer) -> Response:
    if answer.confirm_url:
        inbox_operations.ask_to_confirm(source_id=sender.inlet.source_id, url=answer.confirm_url)
    if answer.certificate_url:
        inbox_operations.ask_for_certificate(source_id=sender.inlet.source_id, url=answer.certificate_url)
    return Response(answer.body, answer.status, content_type=answer.content_type)

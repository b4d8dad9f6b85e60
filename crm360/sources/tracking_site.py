"""Events of our own site script: what a visitor allows and refuses, push subscriptions, and Global Privacy Control."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from crm360.facts import ConsentStated, Fact, Identifier, PushEnded, PushSubscribed
from crm360.kernel import webpush
from crm360.sources import json_fields as read
from crm360.sources.base import Unreadable
from crm360.sources.tracking_event import Event

#: What a visitor objects to whose browser sends Global Privacy Control.
GPC_PURPOSES = ("ads", "profiling")
_STATES: dict[str, Literal["given", "withdrawn", "refused"]] = {
    "given": "given", "withdrawn": "withdrawn", "refused": "refused",
}  # fmt: skip
_PROOF = ("text_sha256", "language", "script")


def facts(event: Event) -> Sequence[Fact] | None:
    """The event's own facts; None when it is none of the site script's. Raises Unreadable."""
    match event.name:
        case "consent stated":
            return list(_statements(event))
        case "push subscribed":
            return _subscribed(event)
        case "push unsubscribed":
            return _unsubscribed(event)
        case _:
            return None


def objections(event: Event) -> list[ConsentStated]:
    """What the browser's signal means for its device; said with every event, recorded once."""
    if not event.gpc or not event.anonymous_id:
        return []
    return [
        _stated(event, purpose, "web", "refused", method="gpc", statement_id=f"gpc:{purpose}", standing=True)
        for purpose in GPC_PURPOSES
    ]


def _subscribed(event: Event) -> list[Fact]:
    said = event.properties
    keys = read.obj(said.get("keys"))
    endpoint = read.text(said.get("endpoint"), limit=4000)
    p256dh, auth = read.first_text(keys, "p256dh").rstrip("="), read.first_text(keys, "auth").rstrip("=")
    if not event.anonymous_id or not webpush.is_subscription(endpoint, p256dh, auth):
        raise Unreadable("A push subscription needs an anonymousId, an https endpoint and the keys p256dh and auth.")
    subscribed = PushSubscribed(
        ref=event.ref, device=event.anonymous_id, endpoint=endpoint, p256dh=p256dh, auth=auth,
        occurred_at=event.occurred_at, user_agent=read.first_text(event.context, "userAgent")[:300],
    )  # fmt: skip
    return [subscribed, event.activity("push.subscribed", "", {})]


def _unsubscribed(event: Event) -> list[Fact]:
    endpoint = read.text(event.properties.get("endpoint"), limit=4000)
    ended = PushEnded(ref=event.ref, endpoint=endpoint, occurred_at=event.occurred_at)
    return [ended, event.activity("push.unsubscribed", "", {})]


def _statements(event: Event) -> list[Fact]:
    """`{"purposes": {"analytics": "given", "ads": "refused"}, "channel": "web", "notice": "…", "text_sha256": "…"}`."""
    said = event.properties
    purposes = {name.strip()[:60]: state for name, state in read.obj(said.get("purposes")).items() if name.strip()}
    if not event.anonymous_id or not purposes or not all(str(state) in _STATES for state in purposes.values()):
        raise Unreadable("A consent needs an anonymousId, and `purposes` each given, withdrawn or refused.")
    channel: Literal["push", "web"] = "push" if said.get("channel") == "push" else "web"
    return [
        _stated(
            event, purpose, channel, _STATES[str(state)], method=read.first_text(said, "method") or "site",
            statement_id=f"{event.message_id}:{purpose}:{channel}",
        )
        for purpose, state in purposes.items()
    ]  # fmt: skip


def _stated(
    event: Event,
    purpose: str,
    channel: Literal["push", "web"],
    state: Literal["given", "withdrawn", "refused"],
    *,
    method: str,
    statement_id: str,
    standing: bool = False,
) -> ConsentStated:
    notice, proof = read.first_text(event.properties, "notice"), _proof(event)
    proven = standing or (bool(notice) and "text_sha256" in proof) or state != "given"
    return ConsentStated(
        ref=event.ref,
        identifier=Identifier("device", event.anonymous_id),
        purpose=purpose,
        channel=channel,
        state=state,
        occurred_at=event.occurred_at,
        source=event.source,
        method=method,
        evidence_grade="B" if proven else "D",
        notice=notice,
        statement_id=statement_id,
        evidence=proof,
        standing=standing,
    )


def _proof(event: Event) -> dict[str, Any]:
    """Where it was said, to which words, by which program, and whether the browser's signal says otherwise."""
    found: dict[str, Any] = {name: said for name in _PROOF if (said := read.first_text(event.properties, name))}
    if url := read.first_text(read.obj(event.context.get("page")), "url"):
        found["url"] = url
    if agent := read.first_text(event.context, "userAgent"):
        found["user_agent"] = agent
    return found | ({"gpc": True} if event.gpc else {})

"""Segments: made, counted, read member by member, tried on one customer."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import current_app, url_for

from crm360.accounts import audit
from crm360.api import schemas_segments as schemas
from crm360.api.door import door, failing
from crm360.api.policy import actor, key, requires
from crm360.identity import queries as identity
from crm360.kernel import clock
from crm360.segments import as_of, counting, describing, operations, parsing, queries, tracing
from crm360.segments.models import Segment
from crm360.segments.rules import Leaf, Rule

TAGS = ["Segments"]
ID = "/segments/<int(min=1, max=9223372036854775807):segment_id>"
_AT = "2026-03-02T10:30:00.000000Z"
_RULE = {
    "version": 1,
    "match": {
        "group": "all",
        "of": [
            {
                "if": "without",
                "what": {"event": "cart.added"},
                "other": {"event": "order"},
                "when": {"kind": "last", "span": {"n": 7, "unit": "days"}},
            }
        ],
    },
}
_WORDS = "Added to cart in the last 7 days and since never bought."
_BRIEF = {"id": 3, "name": "Carts", "description": "", "kind": "dynamic", "marketing": True, "tag": "", "version": 1,
          "members": 412, "settled": True, "created_at": _AT}  # fmt: skip
_WHOLE = _BRIEF | {"rule": _RULE, "sentence": _WORDS}
_COUNT = {"matched": 412, "excluded": 3, "customers": 9800, "exact_at": _AT,
          "conditions": [{"place": "match.of[0]", "words": _WORDS[:-1], "alone": 415, "without": 9797}]}  # fmt: skip
_TRIED = {"profile_id": 17, "met": True, "excluded": False, "may_change_at": _AT,
          "conditions": [{"place": "match.of[0]", "words": _WORDS[:-1], "met": True}]}  # fmt: skip
_PAGE = {"items": [{"profile_id": 17, "href": "/api/v1/profiles/17", "since": _AT}], "next_after": None}
refused = failing(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
refused_or_absent = failing(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


@door.get("/segments", tags=TAGS)
@requires("segments.read")
@refused
@door.response(HTTPStatus.OK, schemas.SegmentList, example={"items": [_BRIEF]})
@door.doc(operationId="listSegments")
def segments() -> dict[str, Any]:
    """Read segments, by name"""
    return {"items": [_brief(each.segment, each.members) for each in queries.listed()]}


@door.post("/segments", tags=TAGS)
@requires("segments.manage")
@refused
@door.arguments(schemas.NewSegment, example={"name": "Carts", "rule": _RULE})
@door.response(HTTPStatus.CREATED, schemas.WholeSegment, example=_WHOLE)
@door.doc(operationId="createSegment")
def create_segment(body: dict[str, Any]) -> dict[str, Any]:
    """Make a segment

    A rule that is not understood is refused with the place and a hint. Members are there within seconds.
    """
    made = operations.create(**body, by=key().name, now=clock.now())
    audit.record(actor=actor(), action="segment.saved", subject_kind="segment", subject_id=made.id, now=clock.now())
    return _whole(made)


@door.post("/segments/count", tags=TAGS)
@requires("segments.read")
@refused
@door.arguments(schemas.AskedRule, example={"rule": _RULE})
@door.response(HTTPStatus.OK, schemas.SegmentCount, example=_COUNT)
@door.doc(operationId="countSegmentRule")
def count_rule(body: dict[str, Any]) -> dict[str, Any]:
    """Count a rule without keeping it, the whole and each condition"""
    rule = parsing.parse(body["rule"])
    operations.check(rule, segment_id=None)
    return _count(rule, body["marketing"])


@door.get(ID, tags=TAGS)
@requires("segments.read")
@refused_or_absent
@door.response(HTTPStatus.OK, schemas.WholeSegment, example=_WHOLE)
@door.doc(operationId="getSegment")
def segment(segment_id: int) -> dict[str, Any]:
    """Read one segment with its rule"""
    return _whole(queries.get(segment_id))


@door.get(f"{ID}/members", tags=TAGS)
@requires("segments.read")
@refused_or_absent
@door.arguments(schemas.AskedMembers, location="query")
@door.response(HTTPStatus.OK, schemas.MemberPage, example=_PAGE)
@door.doc(operationId="listSegmentMembers")
def segment_members(asked: dict[str, Any], segment_id: int) -> dict[str, Any]:
    """Read the members, by profile id

    With `at`: who was in it at that moment, by what was recorded then or is by now.
    """
    most, found = asked["limit"], queries.get(segment_id)
    if asked["at"] is not None:
        return _members_then(found.id, asked)
    ids = queries.member_ids(found.id, after=asked["after"], limit=most + 1)
    since = queries.since(found.id, ids)
    items = [
        {"profile_id": each, "href": url_for("api.profile", profile_id=each), "since": since[each]}
        for each in ids[:most]
    ]
    return {"items": items, "next_after": ids[most - 1] if len(ids) > most else None}


@door.get(f"{ID}/count", tags=TAGS)
@requires("segments.read")
@refused_or_absent
@door.response(HTTPStatus.OK, schemas.SegmentCount, example=_COUNT)
@door.doc(operationId="countSegment")
def count_segment(segment_id: int) -> dict[str, Any]:
    """Count a segment as of this moment, the whole and each condition"""
    found = queries.get(segment_id)
    rule = queries.rule_of(found)
    if rule is not None:
        return _count(rule, found.marketing)
    ids = counting.members(segment_id=segment_id, now=clock.now())
    return {"matched": len(ids), "excluded": 0, "customers": len(ids), "exact_at": clock.now(), "conditions": []}


@door.post(f"{ID}/test", tags=TAGS)
@requires("segments.read")
@refused_or_absent
@door.arguments(schemas.AskedPerson, example={"profile_id": 17})
@door.response(HTTPStatus.OK, schemas.TestedPerson, example=_TRIED)
@door.doc(operationId="testSegment")
def test_segment(body: dict[str, Any], segment_id: int) -> dict[str, Any]:
    """Try one customer: each condition with whether it is met, and when time may change that"""
    found, profile_id = queries.get(segment_id), identity.current(body["profile_id"])
    rule = queries.rule_of(found)
    if rule is None:
        there = bool(queries.since(segment_id, [profile_id]))
        return {"profile_id": profile_id, "met": there, "excluded": False, "may_change_at": None, "conditions": []}
    traced = tracing.trace(rule, [profile_id], queries.setting(clock.now()), marketing=found.marketing)[profile_id]
    conditions = [
        {"place": place, "words": _words(leaf), "met": traced.answers[place].met} for place, leaf in rule.leaves()
    ]
    return {"profile_id": profile_id, "met": traced.met, "excluded": traced.excluded, "may_change_at": traced.until,
            "conditions": conditions}  # fmt: skip


def _members_then(segment_id: int, asked: dict[str, Any]) -> dict[str, Any]:
    now, most = clock.now(), asked["limit"]
    at = min(asked["at"], now)
    rows = as_of.members(
        segment_id, at=at, known=at if asked["known"] == "then" else now, after=asked["after"], limit=most + 1
    )
    items = [
        {"profile_id": each, "href": url_for("api.profile", profile_id=each), "since": since}
        for each, since in rows[:most]
    ]
    return {"items": items, "next_after": rows[most - 1][0] if len(rows) > most else None}


def _count(rule: Rule, marketing: bool) -> dict[str, Any]:
    now = clock.now()
    setting = queries.setting(now)
    words = {place: _words(leaf) for place, leaf in rule.leaves()}
    found = counting.count(rule, marketing=marketing, now=now, setting=setting)
    conditions = counting.conditions(rule, marketing=marketing, now=now, setting=setting)
    said = [{**each._asdict(), "words": words[each.place]} for each in conditions]
    return {**found._asdict(), "exact_at": now, "conditions": said}


def _words(leaf: Leaf) -> str:
    return describing.phrase(leaf, _language(), names=_names())


def _names() -> dict[int, str]:
    return dict(queries.names())


def _language() -> str:
    return str(current_app.config["SETTINGS"].default_locale)


def _brief(found: Segment, members: int) -> dict[str, Any]:
    names = ("id", "name", "description", "kind", "marketing", "tag", "version", "created_at")
    said = {name: getattr(found, name) for name in names}
    return said | {"members": members, "settled": queries.settled(found, clock.now())}


def _whole(found: Segment) -> dict[str, Any]:
    version, rule = queries.version(found), queries.rule_of(found)
    return _brief(found, queries.sizes([found.id]).get(found.id, 0)) | {
        "rule": version.rule if version else None,
        "sentence": describing.sentence(rule, _language(), names=_names()) if rule else "",
    }

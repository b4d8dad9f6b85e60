"""Ruling on identifier values, limits per kind and rules of fields."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import current_app

from crm360.accounts import audit
from crm360.api import bodies_rules as bodies
from crm360.api import disclosing
from crm360.api import examples_rules as examples
from crm360.api import schemas_rules as schemas
from crm360.api.door import door, failing
from crm360.api.policy import actor, key, requires
from crm360.api.profiles import refused_or_absent
from crm360.flows import rulings
from crm360.identity import limit_setting, limits, ruling, value_rules
from crm360.identity.value_rules import Effect
from crm360.kernel import clock, paging
from crm360.profiles import field_rules, survivorship

TAGS = ["Identity rules"]
refused = failing(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT)


@door.get("/identity/value-rules", tags=TAGS)
@requires("merges.decide")
@refused_or_absent
@door.arguments(bodies.ValueRuleQuery, location="query")
@door.response(HTTPStatus.OK, schemas.ValueRulePage, example=examples.RULES)
@door.doc(operationId="listValueRules")
def list_value_rules(query: dict[str, Any]) -> dict[str, Any]:
    """Read which values are blocked, or were called one person's own; the latest first"""
    last = int(str(paging.decode(query["after"], int)[0])) if query["after"] else 0
    found = value_rules.rules(rule=query["rule"], past=query["lifted"], after=last, limit=query["limit"] + 1)
    items = [told(each) for each in found[: query["limit"]]]
    cursor = paging.encode(items[-1]["id"]) if len(found) > query["limit"] else None
    return disclosing.identifiers_listed({"items": items, "next_cursor": cursor})


@door.post("/identity/value-rules", tags=TAGS)
@requires("identity.manage")
@refused
@door.arguments(bodies.ValueRuleRequest, example=examples.RULE)
@door.response(HTTPStatus.CREATED, schemas.ValueRuled, example=examples.RULED)
@door.doc(operationId="ruleValue")
def rule_value(body: dict[str, Any]) -> dict[str, Any]:
    """Block a value so that it joins nobody, or call it one person's own

    Everybody who carries it is resolved again before the answer comes.
    """
    region = current_app.config["SETTINGS"].phone_region
    effect = rulings.rule_value(**body, by=key().name, region=region, now=clock.now())
    return ruled("value.ruled", effect, {"kind": body["kind"], "rule": body["rule"]})


@door.delete("/identity/value-rules/<int(min=1, max=9223372036854775807):rule_id>", tags=TAGS)
@requires("identity.manage")
@refused_or_absent
@door.response(HTTPStatus.OK, schemas.ValueRuled, example=examples.RULED)
@door.doc(operationId="liftValueRule")
def lift_value_rule(rule_id: int) -> dict[str, Any]:
    """Lift a rule: the value counts again as the whole base says

    The rule stays on record with who lifted it.
    """
    return ruled("value.freed", rulings.lift(rule_id=rule_id, by=key().name, now=clock.now()), {})


@door.get("/identity/rules", tags=TAGS)
@requires("identity.manage")
@failing(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
@door.response(HTTPStatus.OK, schemas.IdentityRules, example=examples.IDENTITY_RULES)
@door.doc(operationId="getIdentityRules")
def identity_rules() -> dict[str, Any]:
    """Read the limits per kind and how the value of each field is chosen"""
    return document()


def document() -> dict[str, Any]:
    """Limits and rules in force."""
    most, rules = ruling.limits_in_force(), field_rules.in_force()
    return {
        "limits": [{"kind": kind, "most": most[kind], "usual": usual} for kind, usual in limits.USUAL.items()],
        "fields_": [
            {"field": name, "rule": rule, "usual": survivorship.default_rule(name),
             "choices": list(survivorship.rules_for(name))}
            for name, rule in rules.items()
        ],
        "waiting": rulings.something_waits(),
    }  # fmt: skip


@door.put("/identity/rules/limits", tags=TAGS)
@requires("identity.manage")
@refused
@door.arguments(bodies.LimitRequest, example=examples.LIMIT)
@door.response(HTTPStatus.OK, schemas.IdentityRules, example=examples.IDENTITY_RULES)
@door.doc(operationId="setIdentityLimit")
def set_limit(body: dict[str, Any]) -> dict[str, Any]:
    """Set how many values of a kind a profile collects by evidence alone

    Profiles follow in the background; `waiting` is false when all have.
    """
    before, now = ruling.limits_in_force()[body["kind"]], clock.now()
    if limit_setting.set_limit(**body, by=key().name, now=now):
        audit.record(actor=actor(), action="limit.set", details={body["kind"]: [before, body["most"]]}, now=now)
    return document()


@door.put("/identity/rules/fields", tags=TAGS)
@requires("identity.manage")
@refused
@door.arguments(bodies.FieldRuleRequest, example=examples.FIELD_RULE)
@door.response(HTTPStatus.OK, schemas.IdentityRules, example=examples.IDENTITY_RULES)
@door.doc(operationId="setFieldRule")
def set_field_rule(body: dict[str, Any]) -> dict[str, Any]:
    """Set how the value of a field is chosen among sources

    Golden records follow in the background; `waiting` is false when all have.
    """
    before, now = field_rules.in_force()[body["field"]], clock.now()
    if field_rules.set_rule(**body, by=key().name, now=now):
        audit.record(actor=actor(), action="field rule.set", details={body["field"]: [before, body["rule"]]}, now=now)
    return document()


def ruled(action: str, effect: Effect, details: dict[str, Any]) -> dict[str, Any]:
    """The answer to a rule, and its line in the trail."""
    told = {"records": len(effect.contact_ids), "customers": len(effect.profile_ids), **details}
    audit.record(
        actor=actor(),
        action=action,
        subject_kind="value rule",
        subject_id=effect.rule_id,
        details=told,
        now=clock.now(),
    )
    return {"id": effect.rule_id, "records": len(effect.contact_ids), "profile_ids": sorted(effect.profile_ids)}


def told(rule: value_rules.Ruled) -> dict[str, Any]:
    """A rule as a document."""
    same = ("id", "kind", "value", "rule", "reason", "made_at", "made_by", "lifted_at", "lifted_by")
    return {name: getattr(rule, name) for name in same} | {"records": rule.carriers}

"""The document, the page made of it, and the door held to it by generated calls."""

from __future__ import annotations

from contextvars import Context
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import checks
from schemathesis.specs.openapi import checks as openapi_checks

from crm360.api import openapi, reference
from crm360.identity import queries as identity
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.webhooks import operations as webhooks

EXAMPLES = 6


def test_the_document_is_open_to_everybody(client: Any):
    said = client.get("/api/v1/openapi.json").get_json()
    assert said["openapi"] == "3.1.0"
    assert set(said["paths"]) == {
        "/api/v1/product-reviews",
        "/api/v1/product-reviews/{review_id}",
        "/api/v1/product-reviews/{review_id}/answer",
        "/api/v1/product-reviews/{review_id}/closing",
        "/api/v1/surveys",
        "/api/v1/surveys/{survey_id}",
        "/api/v1/surveys/{survey_id}/activation",
        "/api/v1/surveys/{survey_id}/answers",
        "/api/v1/surveys/{survey_id}/deactivation",
        "/api/v1/profiles",
        "/api/v1/profiles/{profile_id}",
        "/api/v1/profiles/{profile_id}/timeline",
        "/api/v1/profiles/{profile_id}/contacts",
        "/api/v1/profiles/{profile_id}/orders",
        "/api/v1/profiles/{profile_id}/groups",
        "/api/v1/profiles/{profile_id}/merges",
        "/api/v1/profiles/{profile_id}/splits",
        "/api/v1/profiles/{profile_id}/distinctions",
        "/api/v1/profiles/{profile_id}/connections",
        "/api/v1/profiles/{profile_id}/history",
        "/api/v1/contacts/{contact_id}/candidates",
        "/api/v1/contacts/{contact_id}/explanation/{other_id}",
        "/api/v1/identity/resolve",
        "/api/v1/identity/models",
        "/api/v1/identity/models/activations",
        "/api/v1/identity/models/{model_id}",
        "/api/v1/identity/rules",
        "/api/v1/identity/rules/fields",
        "/api/v1/identity/rules/limits",
        "/api/v1/identity/shared-identifiers",
        "/api/v1/identity/value-rules",
        "/api/v1/identity/value-rules/{rule_id}",
        "/api/v1/reviews",
        "/api/v1/reviews/answers",
        "/api/v1/decisions",
        "/api/v1/decisions/{decision_id}/undo",
        "/api/v1/consents/decisions",
        "/api/v1/consents/passings",
        "/api/v1/opendsr_requests",
        "/api/v1/opendsr_requests/{subject_request_id}",
        "/api/v1/regulations",
        "/api/v1/regulations/sources/{source}",
        "/api/v1/regulations/{regulation}",
        "/api/v1/contacts",
        "/api/v1/events",
        "/api/v1/webhooks",
        "/api/v1/webhooks/{endpoint_id}",
        "/api/v1/webhooks/{endpoint_id}/changes",
        "/api/v1/webhooks/{endpoint_id}/removal",
        "/api/v1/webhooks/{endpoint_id}/secrets",
        "/api/v1/webhooks/{endpoint_id}/pause",
        "/api/v1/webhooks/{endpoint_id}/resumption",
        "/api/v1/webhooks/{endpoint_id}/tests",
        "/api/v1/webhooks/{endpoint_id}/redeliveries",
        "/api/v1/segments",
        "/api/v1/segments/count",
        "/api/v1/segments/{segment_id}",
        "/api/v1/segments/{segment_id}/members",
        "/api/v1/segments/{segment_id}/count",
        "/api/v1/segments/{segment_id}/test",
        "/api/v1/campaigns",
        "/api/v1/campaigns/{campaign_id}",
        "/api/v1/campaigns/{campaign_id}/recipients",
        "/api/v1/campaigns/{campaign_id}/launch",
        "/api/v1/campaigns/{campaign_id}/pause",
        "/api/v1/campaigns/{campaign_id}/resumption",
        "/api/v1/campaigns/{campaign_id}/cancellation",
        "/api/v1/webhook-deliveries",
        "/api/v1/webhook-deliveries/{delivery_id}",
        "/api/v1/webhook-deliveries/{delivery_id}/redelivery",
    }
    operations = [item[method] for item in said["paths"].values() for method in reference.METHODS if method in item]
    for operation in operations:
        assert operation["summary"]
        assert operation["x-permission"]
        assert {"401", "403"} <= set(operation["responses"])
        assert operation["responses"]["401"] == {"$ref": "#/components/responses/UNAUTHORIZED"}
    assert "application/problem+json" in said["components"]["responses"]["UNAUTHORIZED"]["content"]


def test_the_page_shows_every_call_with_curl(client: Any):
    page = client.page("/api/v1/docs")
    document = client.get("/api/v1/openapi.json").get_json()
    for path in document["paths"]:
        assert path in page.text
    assert page.text.count("curl ") == sum(
        len(set(item) & set(reference.METHODS)) for item in document["paths"].values()
    )
    for name in document["components"]["schemas"]:
        assert f'id="schema-{name}"' in page.html
    assert "/api/v1/profiles?q=kania" in page.text
    assert "<script" not in page.html
    targets = [given["href"][1:] for tag, given in page.tags if tag == "a" and given.get("href", "").startswith("#")]
    ids = {given["id"] for _, given in page.tags if "id" in given}
    assert [target for target in targets if target not in ids] == []


def test_the_pages_policy_lets_nothing_in_from_elsewhere(client: Any):
    policy = client.get("/api/v1/docs").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string"}, "text"),
        ({"type": "string", "format": "date-time"}, "date-time"),
        ({"type": ["string", "null"]}, "text or null"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Order"}}, "list of Order"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "object of integer"),
        ({"anyOf": [{"$ref": "#/components/schemas/Money"}, {"type": "null"}]}, "Money or null"),
        ({}, "any"),
    ],
)
def test_kinds_in_words(schema: dict[str, Any], words: str):
    assert reference.kind(schema) == words


def test_a_curl_line_survives_quotes():
    line = reference.curl("post", "http://x/a?b=1&c=2", '{"a": "it\'s"}')
    assert line.startswith("curl -X POST 'http://x/a?b=1&c=2' \\\n")
    assert """'{"a": "it'"'"'s"}'""" in line


@pytest.fixture
def kept(lucja: int, bogdan: int) -> dict[str, int]:
    """Ids that exist, by the name they have in addresses."""
    contacts = {each: identity.anchor(each) for each in (lucja, bogdan)}
    endpoint, _ = webhooks.open_endpoint(url="https://erp.example/", key="k", now=clock.now())
    db.session.commit()
    return {
        "endpoint_id": endpoint.id,
        "profile_id": lucja,
        "contact_id": contacts[lucja],
        "other_id": contacts[bogdan],
    }


CONFORMANCE = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
    openapi_checks.response_headers_conformance,
]


@pytest.fixture(scope="session")
def described(migrated_app: Any) -> Any:
    """What calls are generated from, once: for each new one Schemathesis reads all our code in search of constants."""
    with migrated_app.app_context():
        schema = schemathesis.openapi.from_dict(openapi.document())
    schema.app = migrated_app
    return schema


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/profiles"),
        ("GET", "/api/v1/profiles/{profile_id}"),
        ("GET", "/api/v1/profiles/{profile_id}/timeline"),
        ("GET", "/api/v1/profiles/{profile_id}/contacts"),
        ("GET", "/api/v1/profiles/{profile_id}/orders"),
        ("GET", "/api/v1/profiles/{profile_id}/connections"),
        ("GET", "/api/v1/profiles/{profile_id}/history"),
        ("GET", "/api/v1/contacts/{contact_id}/candidates"),
        ("GET", "/api/v1/contacts/{contact_id}/explanation/{other_id}"),
        ("GET", "/api/v1/identity/shared-identifiers"),
        ("GET", "/api/v1/identity/value-rules"),
        ("GET", "/api/v1/identity/models/{model_id}"),
        ("POST", "/api/v1/identity/value-rules"),
        ("DELETE", "/api/v1/identity/value-rules/{rule_id}"),
        ("PUT", "/api/v1/identity/rules/limits"),
        ("PUT", "/api/v1/identity/rules/fields"),
        ("POST", "/api/v1/identity/models/activations"),
        ("GET", "/api/v1/reviews"),
        ("GET", "/api/v1/decisions"),
        ("POST", "/api/v1/identity/resolve"),
        ("POST", "/api/v1/reviews/answers"),
        ("POST", "/api/v1/profiles/{profile_id}/splits"),
        ("POST", "/api/v1/profiles/{profile_id}/distinctions"),
        ("POST", "/api/v1/profiles/{profile_id}/merges"),
        ("POST", "/api/v1/decisions/{decision_id}/undo"),
        ("POST", "/api/v1/opendsr_requests"),
        ("DELETE", "/api/v1/opendsr_requests/{subject_request_id}"),
        ("POST", "/api/v1/regulations"),
        ("GET", "/api/v1/regulations/{regulation}"),
        ("POST", "/api/v1/contacts"),
        ("POST", "/api/v1/events"),
        ("GET", "/api/v1/webhook-deliveries"),
        ("POST", "/api/v1/webhooks"),
        ("POST", "/api/v1/webhooks/{endpoint_id}/changes"),
        ("POST", "/api/v1/webhooks/{endpoint_id}/redeliveries"),
    ],
)
@pytest.mark.parametrize("mode", [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE])
def test_generated_calls_are_answered_as_the_document_says(
    described: Any,
    keys: dict[str, str],
    kept: dict[str, int],
    method: str,
    path: str,
    mode: schemathesis.GenerationMode,
):
    operation = described[path][method]

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck), derandomize=True,
    )  # fmt: skip
    def attempt(case: schemathesis.Case) -> None:
        if attempts[0] % 2:
            case.path_parameters |= {name: kept[name] for name in case.path_parameters if name in kept}
        attempts[0] += 1
        headers = {"Authorization": f"Bearer {keys['admin']}"}
        response = Context().run(case.call, headers=headers)
        case.validate_response(response, checks=CONFORMANCE, headers=headers)

    attempts = [0]
    strategy = operation.as_strategy(generation_mode=mode)
    given(case=strategy)(attempt)()
    assert attempts[0] >= EXAMPLES


def test_no_address_on_the_page_has_a_gap(client: Any):
    document = client.get("/api/v1/openapi.json").get_json()
    calls = [call for group in reference.of(document, address="https://x")["groups"] for call in group["calls"]]
    assert [call["path"] for call in calls if "{" in call["curl"].splitlines()[0]] == []
    assert "/contacts/{id}/explanation/{id}" in {call["short"] for call in calls}

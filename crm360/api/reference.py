"""An OpenAPI document → what a page shows of it: calls by subject, with parameters, examples and a curl line. Pure."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

METHODS = ("get", "post", "put", "patch", "delete")
#: Numbers of the invented customer, in addresses somebody may copy.
IDS = {
    "profile_id": "17",
    "decision_id": "5",
    "contact_id": "31",
    "rule_id": "4",
    "model_id": "2",
    "other_id": "32",
    "campaign_id": "4",
    "segment_id": "3",
    "review_id": "41",
    "survey_id": "2",
    "endpoint_id": "3",
    "delivery_id": "9",
    "subject_request_id": "a7551968-d5d6-44b2-9831-815ac9017798",
    "regulation": "6f1e0a52c3d84b7f9a10-1",
    "source": "shop",
}
Document = Mapping[str, Any]


def of(document: Document, *, address: str) -> dict[str, Any]:
    """Names for the template: `info`, `groups` of calls, `schemas`."""
    calls = list(_calls(document, address))
    return {
        "info": document["info"],
        "groups": [
            {**tag, "calls": [call for call in calls if tag["name"] in call["tags"]]} for tag in document["tags"]
        ],
        "schemas": {
            name: {"about": schema.get("description", ""), "properties": _properties(schema)}
            for name, schema in sorted(document["components"]["schemas"].items())
        },
        "address": address,
    }


def _calls(document: Document, address: str) -> Iterator[dict[str, Any]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield _call(document, path, method, item, address)


def _call(document: Document, path: str, method: str, item: Document, address: str) -> dict[str, Any]:
    operation = item[method]
    parameters = [_resolved(document, each) for each in (*item.get("parameters", ()), *operation.get("parameters", ()))]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    examples = _examples(body)
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "short": _short(path),
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "permission": operation.get("x-permission", ""),
        "tags": operation["tags"],
        "parameters": [_parameter(each) for each in parameters],
        "body": kind(body["schema"]) if "schema" in body else "",
        "examples": examples,
        "answers": [_answer(document, status, said) for status, said in sorted(operation["responses"].items())],
        "curl": curl(method, address + _filled(path, parameters), next(iter(examples.values()), None)),
    }


def _parameter(said: Document) -> dict[str, Any]:
    return {
        "name": said["name"],
        "place": said["in"],
        "kind": kind(said["schema"]),
        "required": said.get("required", False),
        "about": said.get("description", "") or said["schema"].get("description", ""),
    }


def _answer(document: Document, status: str, said: Document) -> dict[str, Any]:
    answer = _resolved(document, said)
    content: Document = next(iter(answer.get("content", {}).values()), {})
    return {
        "status": status,
        "about": answer.get("description", ""),
        "body": kind(content["schema"]) if "schema" in content else "",
        "examples": _examples(content),
    }


def _examples(content: Document) -> dict[str, str]:
    """Summary → the example as JSON."""
    several = {said["summary"]: said["value"] for said in content.get("examples", {}).values()}
    alone = {"Example": content["example"]} if "example" in content else {}
    return {name: json.dumps(value, ensure_ascii=False, indent=2) for name, value in (several | alone).items()}


def _properties(schema: Document) -> list[dict[str, Any]]:
    required = schema.get("required", ())
    return [
        {
            "name": name,
            "kind": kind(said),
            "required": name in required,
            "about": said.get("description", ""),
            "words": said.get("enum", ()),
        }
        for name, said in schema.get("properties", {}).items()
    ]


def kind(schema: Document) -> str:
    """A schema in a few words: "list of Order", "text or null"."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema or "oneOf" in schema:
        return " or ".join(kind(each) for each in schema.get("anyOf", schema.get("oneOf", ())))
    types = schema.get("type", "any")
    names = [types] if isinstance(types, str) else list(types)
    return " or ".join(_named(name, schema) for name in names)


def _named(name: str, schema: Document) -> str:
    if name == "array":
        return f"list of {kind(schema.get('items', {}))}"
    if name == "object" and isinstance(schema.get("additionalProperties"), Mapping) and schema["additionalProperties"]:
        return f"object of {kind(schema['additionalProperties'])}"
    return {"string": schema.get("format", "text")}.get(name, name)


def _resolved(document: Document, said: Document) -> Document:
    if "$ref" not in said:
        return said
    found: Any = document
    for part in said["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    resolved: Document = found
    return resolved


def _filled(path: str, parameters: Sequence[Document]) -> str:
    """An address as somebody would ask for it."""
    shown = {said["name"]: said["schema"]["example"] for said in parameters if "example" in said["schema"]}
    asked = f"?{urlencode(shown, safe=',')}" if shown else ""
    for name, number in IDS.items():
        path = path.replace(f"{{{name}}}", number)
    return path + asked


def _short(path: str) -> str:
    """An address for a narrow column: /profiles/{id}."""
    for name in IDS:
        path = path.replace(f"{{{name}}}", "{id}")
    return path.removeprefix("/api/v1")


def curl(method: str, url: str, body: str | None) -> str:
    """A call as it is typed."""
    lines = ["curl " + ("" if method == "get" else f"-X {method.upper()} ") + shlex.quote(url)]
    lines.append('-H "Authorization: Bearer $CRM360_KEY"')
    if body is not None:
        lines += ['-H "Content-Type: application/json"', f"-d {shlex.quote(body)}"]
    return " \\\n  ".join(lines)

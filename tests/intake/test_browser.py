"""What browsers' libraries ask for before they send."""

from __future__ import annotations

from typing import Any

import pytest

ORIGIN = {"Origin": "https://shop.example"}
VENDOR = "crm360/static/vendor"


def test_analytics_next_is_sent_here_and_nowhere_else(client: Any, write_key: str) -> None:
    answer = client.get(f"/v1/projects/{write_key}/settings", headers=ORIGIN)
    said = answer.get_json()
    assert list(said["integrations"]) == ["Segment.io"]
    destination = said["integrations"]["Segment.io"]
    assert (destination["apiHost"], destination["protocol"]) == ("127.0.0.1:8360/v1", "http")
    assert (destination["apiKey"], said["metrics"], said["remotePlugins"]) == (write_key, {"sampleRate": 0}, [])
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN["Origin"]


@pytest.mark.parametrize("path", ["/sourceConfig/", "/sourceConfig"])
def test_rudderstack_s_control_plane_is_ours(client: Any, auth: dict[str, str], write_key: str, path: str) -> None:
    answer = client.get(path, query_string={"p": "cdn", "writeKey": write_key}, headers=auth | ORIGIN)
    source = answer.get_json()["source"]
    assert (answer.status_code, source["writeKey"], source["enabled"], source["destinations"]) == (
        200,
        write_key,
        True,
        [],
    )


@pytest.mark.usefixtures("write_key")
@pytest.mark.parametrize("path", ["/v1/projects/nobody/settings", "/sourceConfig/?writeKey=nobody"])
def test_an_unknown_key_is_told_so_across_origins(client: Any, path: str) -> None:
    answer = client.get(path, headers=ORIGIN)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "unauthorized")
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN["Origin"]


def test_the_snippet_finds_its_library_and_the_parts_of_it(client: Any, root: Any) -> None:
    if not (root / VENDOR / "analytics-next").is_dir():
        pytest.skip("@segment/analytics-next is not installed (make setup)")
    bundles = sorted(file.name for file in (root / VENDOR / "analytics-next").glob("*.bundle.*.js"))
    assert bundles
    for path in ("/analytics.js/v1/any-key/analytics.min.js", f"/analytics-next/bundles/{bundles[0]}", "/p.js"):
        with client.get(path, headers=ORIGIN) as answer:
            assert (answer.status_code, answer.mimetype) == (200, "text/javascript"), path
            assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
            assert "max-age=3600" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("name", ["nothing.js", "..%2f..%2fcss%2fbase.css", "LICENSE.js"])
def test_nothing_else_is_served(client: Any, name: str) -> None:
    assert client.get(f"/analytics-next/bundles/{name}").status_code == 404


def test_rudderstack_s_question_after_our_health(client: Any) -> None:
    assert client.get("/health").get_json() == {"server": "UP", "acceptingEvents": "TRUE"}

"""Prometheus reads what every process of a real installation counted."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from crm360.kernel import metering
from tests.processes import Instance, RunningServer, wait_until

TOKEN = "a token only the monitor has"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_process_is_counted(instance: Instance, running_server: Callable[[Instance], RunningServer]) -> None:
    instance.extra |= {"METRICS_TOKEN": TOKEN, "WEB_WORKERS": "2"}
    url = running_server(instance).url
    for _ in range(20):
        urllib.request.urlopen(f"{url}/readyz", timeout=90).close()
    asked = [status_of(f"{url}/metrics"), status_of(f"{url}/metrics", "another token"), status_of(f"{url}/nowhere")]
    assert asked == [401, 401, 404]
    figures = read(url)
    assert figures["crm360_page_seconds_count", "health.readyz"] == 20
    assert figures["crm360_page_seconds_count", "health.metrics"] == 2
    assert figures["crm360_page_seconds_count", "none"] == 1
    assert figures["crm360_database_up", ""] == 1
    assert figures["crm360_inbox_waiting", ""] == 0
    wait_until(lambda: ("crm360_job_seconds_count", "abandon carts") in read(url), what="a job is counted")


def test_an_earlier_start_is_not_counted(tmp_path: Path) -> None:
    leftover = tmp_path / metering.FOLDER / "counter_1.db"
    leftover.parent.mkdir()
    leftover.touch()
    metering.begin_anew(tmp_path)
    metering.begin_anew(tmp_path)
    assert not leftover.parent.exists()


def status_of(url: str, token: str = "") -> int:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=90) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


def read(url: str) -> dict[tuple[str, str], float]:
    """(name, page or job) → value, as Prometheus's own parser reads it."""
    asked = urllib.request.Request(f"{url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    with urllib.request.urlopen(asked, timeout=90) as answer:
        text = answer.read().decode()
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {(each.name, each.labels.get("page") or each.labels.get("job") or ""): each.value for each in samples}

"""Sources that do not deliver by themselves are asked when their turn comes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from crm360.inbox import polls
from crm360.jobs import polling
from crm360.jobs.job import Limits
from crm360.kernel import clock, http, sealing
from crm360.sources.channel import Call, Reply

_PATIENCE = frozenset((408, 425, 429))


def run(*, limits: Limits, now: datetime) -> int:
    """Returns how many new payloads were kept. `now` is asked anew with every step: a poll may take minutes."""
    client = http.Client(private_targets=limits.private_targets)

    def speak(call: Call) -> Reply:
        request = http.Request(method=call.method, url=call.url, headers=call.headers, body=call.body)
        try:
            response = client.send(request)
        except http.Failed as failure:
            raise polling.TryLater(f"No answer: {failure.symbol}.") from failure
        if response.status in _PATIENCE or response.status >= 500:
            raise polling.TryLater(f"It answered {response.status}.")
        return Reply(response.status, response.headers, response.body)

    def opened(credentials: Mapping[str, str]) -> Mapping[str, str]:
        return {name: sealing.unseal(text, key=limits.secret_key) for name, text in credentials.items()}

    def sealed(secrets: Mapping[str, str]) -> Mapping[str, str]:
        return {name: sealing.seal(text, key=limits.secret_key) for name, text in secrets.items()}

    return polling.poll_due(speak=speak, opened=opened, sealed=sealed)


def something_waits() -> bool:
    """Whether a source that is asked has its turn."""
    return polls.anything_due(channels=polling.polled(), now=clock.now())

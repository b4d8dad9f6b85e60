"""One invented endpoint and its delivery: examples in the document."""

from __future__ import annotations

from typing import Any

_AT = "2026-03-02T10:30:00.000000Z"
SECRET = "whsec_" + "only+an+example+of+what+a+secret+looks+like="  # the form, not a secret
NEW: dict[str, Any] = {"url": "https://erp.example/crm", "kinds": ["profile.merged"], "description": "ERP"}
ENDPOINT: dict[str, Any] = {
    "id": 3, **NEW, "created_at": _AT, "paused": None, "waiting": 0, "given_up": 0, "succeeded_at": _AT,
    "failing_since": None,
}  # fmt: skip
NEW_SECRET = {"secret": SECRET, "old_secret_until": "2026-03-03T10:30:00.000000Z"}
DELIVERY: dict[str, Any] = {
    "id": 9, "endpoint_id": 3, "message_id": "msg_4f0c", "kind": "profile.merged", "profile_id": 17,
    "occurred_at": _AT, "state": "delivered", "due_at": _AT, "settled_at": _AT,
}  # fmt: skip
WHOLE = DELIVERY | {
    "body": '{"type":"profile.merged","timestamp":"2026-03-02T10:30:00.000000Z","version":1,"data":{"profile_id":17,"merged_profile_id":21}}',
    "attempts": [{"number": 1, "at": _AT, "status": 204, "failure": "", "milliseconds": 41, "answer": ""}],
}

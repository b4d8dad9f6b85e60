"""Who belongs to the control group and who gets which variant: drawn by a keyed hash, so the same draw comes out again
and nobody who does not know the key can foresee or bend it. Pure."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

_SPAN = 2**64


def drawn(key: str, *what: object) -> float:
    """A number in [0, 1) that belongs to `what` (a campaign, a draw, a customer)."""
    said = ":".join(map(str, what)).encode()
    return int.from_bytes(hmac.digest(key.encode(), said, "sha256")[:8], "big") / _SPAN


def in_control(key: str, campaign_id: int, profile_id: int, percent: int) -> bool:
    """Whether a customer is left out on purpose."""
    return drawn(key, "control", campaign_id, profile_id) * 100 < percent


def variant(key: str, campaign_id: int, profile_id: int, variants: Sequence[str], test_percent: int) -> str:
    """The variant a customer gets; "" for those who wait for the winner of the test."""
    if len(variants) < 2:
        return variants[0]
    if drawn(key, "test", campaign_id, profile_id) * 100 >= test_percent:
        return ""
    return variants[int(drawn(key, "variant", campaign_id, profile_id) * len(variants))]

"""The stages of a deal, in the order in which it passes them. Pure."""

from __future__ import annotations

OPEN = ("new", "talking", "offer")
WON, LOST = "won", "lost"
ALL = (*OPEN, WON, LOST)

"""Finds a customer by whatever a person remembers: part of a name, address, number, in any order."""

from __future__ import annotations

from crm360.profiles.search_index import add_terms

__all__ = ["add_terms"]

"""Purchases and carts."""

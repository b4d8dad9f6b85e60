"""The operator's door: flask commands."""

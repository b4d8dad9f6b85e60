"""Browsers that take push messages: one more address of a person, that lives as long as the browser keeps it."""

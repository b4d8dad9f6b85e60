"""The clock's door: work that is due."""

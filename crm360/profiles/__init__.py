"""The customer as people read it: golden record, timeline, search, tags and notes."""

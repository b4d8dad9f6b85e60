"""Who is who: contacts, identifiers, evidence, decisions, and the partition of contacts into profiles."""

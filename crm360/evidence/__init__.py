"""Evidence to hand out: what the ledger holds of a person, with its proofs, in files anybody can check without us."""

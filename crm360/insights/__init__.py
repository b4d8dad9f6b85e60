"""What the facts say of how customers are doing. Reads every room of facts; keeps only what can be computed again."""

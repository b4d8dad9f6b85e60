"""Foreign payload → facts: one pure file per channel. Adding a channel adds a file and a fixture, nothing else."""

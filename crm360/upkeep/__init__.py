"""The installation's own upkeep: backups and what they proved."""

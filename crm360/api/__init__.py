"""The integrators' door: REST behind an API key."""

"""The staff's door: pages behind a sign-in."""

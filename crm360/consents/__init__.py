"""What people allowed and withdrew, and what follows from it."""

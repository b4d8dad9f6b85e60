"""Mail that goes out: kept before it is sent, sent once, and what became of it."""

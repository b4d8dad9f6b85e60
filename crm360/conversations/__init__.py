"""What was said: threads and messages of every channel."""

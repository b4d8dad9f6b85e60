"""What happened to customers, told to other systems: an outbox after Standard Webhooks, in order, until it arrived."""

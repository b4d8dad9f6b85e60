"""Messages to many people: written as templates, sent as campaigns to whoever may be reached, and what came of them."""

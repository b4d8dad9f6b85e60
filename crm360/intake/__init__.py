"""The machines' door: tracking calls and webhooks, checked by write key or signature."""

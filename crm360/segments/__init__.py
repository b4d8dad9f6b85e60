"""Rules about customers, and who meets them."""

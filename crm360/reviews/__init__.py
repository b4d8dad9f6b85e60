"""What customers write in public of products and of the shop, and what they were answered."""

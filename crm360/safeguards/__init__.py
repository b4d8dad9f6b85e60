"""What the privacy officer keeps watch with: legal holds, retention rules, the register of breaches."""

"""Files brought in: what is planned, how far it is, what it changed, and what it was before."""

"""Labelled people: generated ones, sets from elsewhere, and how well an engine tells them apart."""

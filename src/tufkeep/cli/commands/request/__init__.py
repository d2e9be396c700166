"""A change asked for far from the root keys, and taken in."""

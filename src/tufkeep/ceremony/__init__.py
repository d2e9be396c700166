"""Ceremonies: what is done rarely, with root keys, by people who must not slip."""

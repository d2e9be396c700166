"""Use root keys, step by step."""

"""The demo, the old names, the shell."""

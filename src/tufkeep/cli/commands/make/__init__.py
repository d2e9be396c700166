"""Make a repository: its keys, its drives, its thresholds."""

"""tufkeep makes, keeps and releases a TUF repository."""

"""What things cost, beside the peers in the same run."""

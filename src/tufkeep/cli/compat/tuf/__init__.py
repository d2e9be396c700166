"""The nineteen commands of go-tuf v0.5.2."""

"""What is committed goes to remotes, and comes back from them."""

"""The other end: a client and an agent."""

"""A TUF client, with the agent that installs what it fetched."""

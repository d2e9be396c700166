"""One repository, read by every client that is declared: what each of them takes out of it."""

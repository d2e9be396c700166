"""Publishing: a remote with the working directory in step, without an agent ever seeing a half-made repository."""

"""Signing keys: the encrypted key file, passphrase sources, signers."""

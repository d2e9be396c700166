"""Sign with a key that tufkeep never sees: here one in a file of its own, as well one in a token or a key service.

A signer has `public_key` and `sign`. Every signer of securesystemslib has both: HSMSigner, AWSSigner, GCPSigner, ...
"""

from __future__ import annotations

from pathlib import Path

from securesystemslib.signer import CryptoSigner, Key, Signature

from tufkeep import Workspace


class Watched:
    """A signer that says what it is asked for; the key is in `inner`."""

    def __init__(self, inner: CryptoSigner):
        self._inner = inner

    @property
    def public_key(self) -> Key:
        """The key as metadata lists it."""
        return self._inner.public_key

    def sign(self, payload: bytes) -> Signature:
        """Return a signature over the payload."""
        print(f"signing {len(payload):,} bytes")
        return self._inner.sign(payload)


def main() -> None:
    """Make a repository whose online keys are somewhere else, and renew it with them."""
    online = {role: [Watched(CryptoSigner.generate_ed25519())] for role in ("snapshot", "timestamp")}
    Workspace.create("updates", signers=online, passphrases={"root": "root's own", "targets": "targets' own"})
    print("key files:", ", ".join(sorted(path.name for path in Path("updates/keys").iterdir())))

    # The machine that renews needs the two signers, and no key file at all.
    workspace = Workspace.open("updates", signers=[signer for each in online.values() for signer in each])
    workspace.renew("timestamp")
    print("committed:", dict(workspace.commit().versions))


if __name__ == "__main__":
    main()

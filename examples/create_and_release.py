"""Create a repository, release an artifact, publish it, fetch it as a client does.

python examples/create_and_release.py    works in the current folder; a passphrase is asked for each key
"""

from __future__ import annotations

from getpass import getpass
from pathlib import Path

from tufkeep import Client, PassphraseRequest, Publisher, Workspace


def ask(request: PassphraseRequest) -> str:
    """Ask for the passphrase of one key file; each has its own."""
    return getpass(f"passphrase of {request.file}: ")


def main() -> None:
    """Go from nothing to a verified file."""
    workspace = Workspace.create("updates", root_keys=3, passphrases=ask)

    Path("build").mkdir(exist_ok=True)
    Path("build/agent").write_text("#!/bin/sh\necho agent 1.0\n")
    workspace.add("build/agent", as_="agent/linux/stable/agent", custom={"version": "1.0"})
    committed = workspace.commit()
    print("committed:", ", ".join(f"{role} v{version}" for role, version in committed.versions.items()))

    Publisher.open(workspace, Path("www")).push()  # a folder that a web server serves

    # What a client begins to trust comes with the program that it updates, not from the server.
    Path("first-root.json").write_bytes(Path("www/1.root.json").read_bytes())
    client = Client.open("state", Path("www"), root="first-root.json")
    done = client.download("agent/linux/stable/agent", to="bin", executable=True)
    print("verified:", done.file)


if __name__ == "__main__":
    main()

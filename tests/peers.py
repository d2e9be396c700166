"""The real programs that some tests run beside us: where each is found, what to do when it is not."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
PLACES = (CHECKOUT / ".peers" / "bin", CHECKOUT / ".venv" / "bin", Path("/usr/sbin"), Path("/sbin"))
REQUIRED = os.environ.get("TUFKEEP_REQUIRE_PEERS") == "1"
CORPORA = "TUFKEEP_CORPORA"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One program that a fresh machine may lack."""

    program: str
    remedy: str = "make peers"
    ours: bool = False  # only the copy in .peers/bin will do: the system may have another program of this name
    module: str | None = None  # a package under .peers/node_modules that the program must find


PEERS = {
    "tuf": Peer(program="tuf", ours=True),
    "tuf-client": Peer(program="tuf-client", ours=True),
    "go-tuf-reader-0": Peer(program="go-tuf-reader-0", ours=True),
    "go-tuf-reader-2": Peer(program="go-tuf-reader-2", ours=True),
    "tuf-js": Peer(program="node", module="tuf-js"),
    "azurite": Peer(program="node", module="azurite"),
    "weed": Peer(program="weed"),
    "rclone": Peer(program="rclone"),
    "node": Peer(program="node", remedy="install Node.js"),
    "go": Peer(program="go", remedy="install Go"),
}


def find_peer(name: str) -> Path | None:
    """Return the program that the peer `name` stands for, None where this machine has none.

    Any name may be asked for: one that is not in PEERS is a program on the PATH.
    """
    peer = PEERS.get(name, Peer(program=name))
    places = [str(place) for place in PLACES]
    search = places[:1] if peer.ours else [*os.environ.get("PATH", os.defpath).split(os.pathsep), *places]
    found = shutil.which(peer.program, path=os.pathsep.join(search))
    if found is None or (peer.module is not None and not (node_modules() / peer.module).is_dir()):
        return None
    return Path(found)


def missing_peer(name: str) -> str:
    """Return the sentence that a skipped test says."""
    return f"no {name} on this machine ({PEERS.get(name, Peer(program=name)).remedy})"


def node_modules() -> Path:
    """Return the folder to name in NODE_PATH."""
    return CHECKOUT / ".peers" / "node_modules"


def corpora() -> Path | None:
    """Return the folder of foreign repositories that TUFKEEP_CORPORA names, None when it names none."""
    folder = os.environ.get(CORPORA)
    return Path(folder).resolve() if folder and Path(folder).is_dir() else None

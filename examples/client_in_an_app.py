"""Look for an update inside an app, and say what happened in words that fit what can be done about it.

python examples/client_in_an_app.py URL    with first-root.json beside, as the app was shipped with it
"""

from __future__ import annotations

import logging
import sys

from tufkeep import Client, StoreError, TargetNotFound, TrustRefused

CHANNEL = "agent/linux/stable/agent"


def update(url: str) -> bool:
    """Fetch what the channel offers; return whether it is new."""
    client = Client.open("state", url, root="first-root.json")  # may be said at each start
    try:
        done = client.download(CHANNEL, to="bin", executable=True)
    except TargetNotFound:
        print("the channel offers nothing")
        return False
    except StoreError as error:  # the network, the disk: try again later
        print(f"not now: {error}")
        return False
    except TrustRefused as error:  # what came is not what the publisher signed; what is installed stays
        print(f"refused: {error}")
        return False
    version = done.target.custom.get("version", "without a version") if done.target.custom else "without a version"
    print(f"{'new' if done.fetched else 'still'}: {version} in {done.file}")
    return done.fetched


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    logging.getLogger("tufkeep").setLevel(logging.INFO)
    update(sys.argv[1])

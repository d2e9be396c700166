"""Release a build from a continuous integration job: add, commit, push, read back; nothing is asked.

The targets, snapshot and timestamp keys are in updates/keys, their passphrases in the environment as secrets of the
job: TARGETS_PASSPHRASE, SNAPSHOT_PASSPHRASE, TIMESTAMP_PASSPHRASE. The root keys are not there. What opens the bucket
is found where aws and rclone look, or named in tufkeep.toml.

python examples/publish_from_ci.py VERSION REMOTE
"""

from __future__ import annotations

import os
import sys

from tufkeep import PersonNeeded, Publisher, RemoteMovedOn, TufkeepError, Workspace

PLATFORMS = ("linux", "macos", "windows")


def release(version: str, remote: str) -> None:
    """Make one signed commit of all platforms, and publish it."""
    passphrases = {role: os.environ[f"{role.upper()}_PASSPHRASE"] for role in ("targets", "snapshot", "timestamp")}
    workspace = Workspace.open("updates", passphrases=passphrases, person=os.environ.get("CI_JOB", "ci"))
    with workspace.exclusive(f"release {version}"):  # one job at a time
        for platform in PLATFORMS:
            workspace.add(f"build/{platform}/agent", as_=f"agent/{platform}/edge/agent", custom={"version": version})
        workspace.commit()
    # Nobody is there to be asked about tufkeep.toml: only those who may release may change it.
    publisher = Publisher.open(workspace, remote, trust_config=True)
    try:
        pushed = publisher.push(note=f"agent {version}")
    except RemoteMovedOn:  # somebody else published meanwhile: sign on top of that, then push
        publisher.pull()
        workspace.commit()
        pushed = publisher.push(note=f"agent {version}")
    print(f"agent {version} is published on {remote}: timestamp v{pushed.versions['timestamp']}")
    for warning in pushed.warnings:
        print(f"warning: {warning}")


if __name__ == "__main__":
    try:
        release(*sys.argv[1:3])
    except PersonNeeded as error:
        sys.exit(f"somebody has to look: {error}")
    except TufkeepError as error:
        sys.exit(f"error: {error}")

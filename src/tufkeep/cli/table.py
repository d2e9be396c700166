"""Which commands there are: one line of help each, so that `tufkeep --help` imports none of them.

A command `key new` of the section `make` lives in `commands/make/key_new.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of `tufkeep --help`."""

    title: str
    lines: Mapping[str, str]  # command -> its line of help


GROUPS: Mapping[str, str] = {
    "key": "Make, look at, revoke and test signing keys.",
    "drive": "Write and check the drives that keys and metadata travel on.",
    "ceremony": "Go through the days on which root keys are used.",
    "client": "Fetch verified files, as an agent does.",
    "agent": "Install what a channel offers.",
    "remote": "Look at what a remote has published.",
    "migrate": "Change how a repository is laid out.",
    "log": "Look at the record of what was done here, by whom, with which keys.",
}

SECTIONS: Mapping[str, Section] = {  # by the folder of commands/ that holds them
    "make": Section(
        title="Make a repository",
        lines={
            "init": "Make a new repository, with its keys.",
            "key new": "Make a key for a role.",
            "key list": "List the keys, their roles and their owners.",
            "key import": "Take in a key that was made elsewhere.",
            "key revoke": "Take a key out of its role.",
            "key change-passphrase": "Lock a key file with another passphrase.",
            "key check": "Prove that the key files of a folder unlock and sign.",
            "rotate": "Replace all keys of a role.",
            "drive write": "Write a drive that contains what its kind may contain.",
            "drive check": "Look for private keys in every file on a drive.",
            "threshold": "Set how many keys of a role must sign.",
            "expire": "Set how long a role's metadata is valid.",
        },
    ),
    "ceremony": Section(
        title="Use root keys, step by step",
        lines={
            "ceremony": "Go through one of three procedures, step by step.",
            "ceremony check": "Look whether this machine is fit for root keys.",
        },
    ),
    "change": Section(
        title="Change it",
        lines={
            "add": "Stage files as targets.",
            "remove": "Stage the removal of targets.",
            "renew": "Stage later expiry dates for what is due.",
            "review": "Say what the staged change would do, warnings first.",
            "sign": "Add signatures to the staged metadata.",
            "commit": "Prove the staged change, then make it the repository.",
            "clean": "Throw the staged change away.",
            "abandon": "Give up an operation that was begun and not finished.",
        },
    ),
    "request": Section(
        title="Ask for it, far from the root keys",
        lines={
            "request": "Ask the holders of the root keys for a change.",
            "approve": "Look at a request, then sign it with root keys.",
            "accept": "Take in a change that was approved.",
        },
    ),
    "publish": Section(
        title="Publish it",
        lines={
            "push": "Publish what is committed, the timestamp last.",
            "pull": "Take in what is published; keep the work done here.",
            "diff": "Say how the directory and a remote differ.",
            "deploy": "Bring what one remote has published to another.",
            "mirror": "Copy what a remote has published to a folder.",
            "rollforward": "Publish again, above every version that agents may have seen.",
            "remote status": "Show what a remote has published, and when it expires.",
            "remote verify": "Prove that every byte of a remote is right.",
            "remote log": "Show who published what, and when.",
            "remote test": "Find out whether a remote can be written safely.",
            "migrate consistent-snapshot": "Switch consistent snapshots on.",
        },
    ),
    "watch": Section(
        title="Watch it",
        lines={
            "status": "Show who signed what, and when it expires.",
            "verify": "Prove that every byte of the repository is right.",
            "doctor": "Say what is wrong, and how to repair it.",
            "serve": "Serve the repository over HTTP on this machine.",
            "log": "Show the record: who did what, when, with which keys.",
            "log verify": "Prove that no line of the record was changed or taken out.",
            "log export": "Write the record as a page to print and sign.",
            "prove": "Say which agents follow now, and what would fail when.",
        },
    ),
    "use": Section(
        title="Use it",
        lines={
            "client init": "Start to trust a repository by its root metadata.",
            "client refresh": "Fetch the newest metadata.",
            "client list": "List the targets that the trusted metadata names.",
            "client download": "Download targets and verify them.",
            "agent once": "Bring one component up to date, once.",
        },
    ),
    "more": Section(
        title="More",
        lines={
            "demo": "Play the whole life of an update server in a temporary folder.",
            "updates": "Do what `fleetctl updates` does, with its flags.",
            "shims": "Put programs called `tuf` and `fleetctl` into a folder.",
            "completion": "Print the shell's completion script.",
        },
    ),
}


def listed() -> dict[str, str]:
    """Return every command with its line of help, in the order of the sections."""
    return {name: line for section in SECTIONS.values() for name, line in section.lines.items()}


def module_of(name: str) -> str:
    """Return the module of a command: `key change-passphrase` is in commands/make/key_change_passphrase.py."""
    folder = next(folder for folder, section in SECTIONS.items() if name in section.lines)
    return f"tufkeep.cli.commands.{folder}.{name.replace(' ', '_').replace('-', '_')}"

"""The day in the year on which the root keys are replaced."""

from __future__ import annotations

from typing import Final

from tufkeep.cli.commands.ceremony.procedures.step import Procedure, Step

ROTATE: Final = Procedure(
    name="rotate",
    title="Rotate the root keys",
    purpose="At the end new root keys are trusted, the old ones are not, and every agent out there follows.",
    people=("root holder: does it", "witness: reads along, compares words, signs the paper"),
    things=(
        "a computer that boots from a stick, with its network cable pulled and its radio off",
        "the live system, the stick with the program, one backup of the root keys with its envelopes",
        "four empty sticks with labels: work, backup-1, backup-2, repository",
        "this script on paper, a pen, and an envelope for each new passphrase",
    ),
    steps=(
        Step(
            id="newest",
            title="Fetch what is published",
            who="operator",
            where="online",
            do=(
                "Begin at least thirty days before root expires.",
                "Bring the working directory up to date and carry it on a drive without keys.",
            ),
            commands=(
                "tufkeep pull REMOTE",
                "tufkeep verify",
                "tufkeep status",
                "tufkeep drive write /media/repository --as repository",
                "tufkeep ceremony rotate --print rotate.html",
            ),
            expect="Nothing is staged, nothing is wrong, and the drive contains no key.",
            check="Is nothing staged, and does the drive contain no key?",
        ),
        Step(
            id="machine",
            title="Look at the machine",
            who="root holder",
            where="offline",
            do=(
                "Boot the live system, connect no network, set the clock by a watch.",
                "Copy repository from the repository drive, and keys from the backup, to updates on the work stick.",
            ),
            commands=(
                "cd /media/work",
                "mkdir -p updates",
                "cp -r /media/repository/repository /media/old-backup/keys updates/",
                "tufkeep ceremony check --dir updates",
            ),
            expect="Every line says ok, or a warning that you understand. None says stop.",
            check="Is there no line that says stop, and is the clock right?",
        ),
        Step(
            id="old-keys",
            title="Prove the old keys",
            who="root holder",
            where="offline",
            do=("Before anything changes: do the old keys unlock, and are there enough of them?",),
            commands=("tufkeep key check updates/keys --dir updates",),
            expect="As many root keys as must sign unlock and sign.",
            check="Do enough of the old root keys unlock?",
        ),
        Step(
            id="rotate",
            title="Replace the keys",
            who="root holder",
            where="offline",
            do=(
                "One commit trusts the new keys beside the old ones, the next one trusts the new ones alone.",
                "Interrupted anywhere, the same command goes on.",
            ),
            commands=("tufkeep rotate root --ceremony --dir updates",),
            expect="Two new root versions. Each new passphrase goes into its envelope, then is typed back.",
            check="Are both lines about root there, and is every new passphrase on paper?",
        ),
        Step(
            id="words",
            title="Compare",
            who="witness",
            where="offline",
            do=(
                "Every new root key must have signed; no old one may be listed.",
                "Write the first eight characters of every new root key on this paper.",
            ),
            commands=(
                "tufkeep status --dir updates",
                "tufkeep key list --dir updates",
                "tufkeep verify --dir updates",
            ),
            expect="root is signed by all of its keys, verify finds nothing.",
            check="Are all keys of root new, and did all of them sign?",
        ),
        Step(
            id="aside",
            title="Set the old keys aside",
            who="root holder",
            where="offline",
            do=(
                "The list warns of the key files that root does not list any more: these are the old root keys.",
                "Move each of them out of keys, so that no new backup carries them.",
            ),
            commands=("mkdir -p old-keys", "mv updates/keys/OLD.json old-keys/", "tufkeep key list --dir updates"),
            expect="The list warns of no key file any more.",
            check="Is the list without a warning?",
        ),
        Step(
            id="backups",
            title="Write the backups",
            who="root holder",
            where="offline",
            do=("The new keys go on two new sticks. The old sticks stay as they are until agents have followed.",),
            commands=(
                "tufkeep drive write /media/backup-1 --as root-backup --dir updates",
                "tufkeep drive write /media/backup-2 --as root-backup --dir updates",
                "tufkeep key check /media/backup-1/keys --dir updates",
                "tufkeep key check /media/backup-2/keys --dir updates",
            ),
            expect="Each new key unlocks and signs, on both sticks.",
            check="Did every new key on both sticks unlock with what is on paper?",
        ),
        Step(
            id="repository",
            title="Write the repository drive",
            who="root holder",
            where="offline",
            do=("Write the drive that goes to the machine with a network.",),
            commands=(
                "tufkeep drive write /media/repository --as repository --dir updates",
                "tufkeep drive check /media/repository --dir updates",
            ),
            expect="a repository drive, with no key.",
            check="Does the check say that there is no key on it?",
        ),
        Step(
            id="record",
            title="Sign the record",
            who="witness",
            where="offline",
            do=("Copy the last line's sha256 from the log to this paper. Both people sign. Switch the machine off.",),
            commands=("tufkeep log --dir updates", "tufkeep log verify --dir updates"),
            expect="The log lists both commits of today, and no line of it was changed.",
            check="Is the paper signed by both, and the machine off?",
        ),
        Step(
            id="publish",
            title="Publish",
            who="operator",
            where="online",
            do=("Copy repository from the repository drive over the one in the working directory.",),
            commands=("tufkeep verify", "tufkeep push REMOTE", "tufkeep remote verify REMOTE"),
            expect="Every byte of the remote is right.",
            check="Did remote verify find nothing?",
        ),
        Step(
            id="followed",
            title="See agents follow, then let the old keys go",
            who="operator",
            where="online",
            do=(
                "Wait until agents of every version that is out there have fetched.",
                "Only then destroy the old root keys: the sticks, not just the files; the work stick is one of them.",
            ),
            commands=("tufkeep client refresh --dir client",),
            expect="Clients that start at the first root end on the newest one.",
            check="Have agents followed, and are the old sticks destroyed?",
        ),
    ),
)
